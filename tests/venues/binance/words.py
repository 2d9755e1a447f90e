"""Binance's codes and texts for a no. Source: binance/binance-spot-api-docs errors.md, read 2026-11."""

from __future__ import annotations

from tests.venues.core.refusals import Reason

type Words = dict[Reason, tuple[int, str]]

EVERYWHERE: Words = {
    Reason.BAD_KEY: (-2015, "Invalid API-key, IP, or permissions for action."),
    Reason.BAD_SIGNATURE: (-1022, "Signature for this request is not valid."),
    Reason.EXPIRED: (-1021, "Timestamp for this request is outside of the recvWindow."),
    Reason.NO_PERMISSION: (-2015, "Invalid API-key, IP, or permissions for action."),
    Reason.RATE_LIMIT: (
        -1003,
        "Too many requests; please use the websocket for live updates to avoid polling the API.",
    ),
    Reason.MAINTENANCE: (1, "System is under maintenance."),
    Reason.NO_SUCH_PATH: (-5000, "Path or method is invalid"),
    Reason.BAD_PARAMETER: (-1130, "Data sent for a parameter is not valid."),
    Reason.UNKNOWN_SYMBOL: (-1121, "Invalid symbol."),
    Reason.UNKNOWN_ORDER: (-2013, "Order does not exist."),
    Reason.ORDER_CLOSED: (-2011, "Unknown order sent."),
}

SPOT: Words = {
    **EVERYWHERE,
    Reason.NOT_TRADING: (-1013, "Market is closed."),
    Reason.TICK: (-1013, "Filter failure: PRICE_FILTER"),
    Reason.LOT: (-1013, "Filter failure: LOT_SIZE"),
    Reason.MIN_QUANTITY: (-1013, "Filter failure: LOT_SIZE"),
    Reason.MAX_QUANTITY: (-1013, "Filter failure: LOT_SIZE"),
    Reason.MIN_NOTIONAL: (-1013, "Filter failure: NOTIONAL"),
    Reason.FUNDS: (-2010, "Account has insufficient balance for requested action."),
    Reason.POST_ONLY: (-2010, "Order would immediately match and take."),
    Reason.TRIGGER: (-2010, "Stop price would trigger immediately."),
    Reason.DUPLICATE_CLIENT_ID: (-2010, "Duplicate order sent."),
}
"""What spot can be refused for; it has no leverage, no modes and nothing to reduce."""

STATUSES = {
    Reason.BAD_KEY: 401,
    Reason.NO_PERMISSION: 401,
    Reason.NO_SUCH_PATH: 404,
    Reason.RATE_LIMIT: 429,
    Reason.MAINTENANCE: 503,
}
"""All else comes with 400."""
