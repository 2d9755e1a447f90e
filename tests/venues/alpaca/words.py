"""Alpaca's status, code and text for a no.

Source: docs.alpaca.markets, and what its client was seen to get (2026-11).
"""

from __future__ import annotations

from tests.venues.core.refusals import Reason

WORDS: dict[Reason, tuple[int, int | None, str]] = {
    Reason.BAD_KEY: (401, None, "unauthorized."),
    Reason.BAD_SIGNATURE: (401, None, "unauthorized."),
    Reason.NO_PERMISSION: (403, 40310000, "new orders are rejected by user request"),
    Reason.RATE_LIMIT: (429, 42910000, "too many requests."),
    Reason.MAINTENANCE: (503, None, "service unavailable"),
    Reason.NO_SUCH_PATH: (404, 40410000, "endpoint not found."),
    Reason.BAD_PARAMETER: (422, 42210000, "invalid request"),
    Reason.UNKNOWN_SYMBOL: (422, 42210000, "asset not found"),
    Reason.NOT_TRADING: (422, 42210000, "asset is not active"),
    Reason.TICK: (422, 42210000, "sub-penny increment does not fulfill minimum pricing criteria"),
    Reason.LOT: (422, 42210000, "qty increment does not fulfill minimum trade increment"),
    Reason.MIN_QUANTITY: (403, 40310000, "qty must be >= minimal qty of order"),
    Reason.MAX_QUANTITY: (403, 40310000, "qty must be <= maximal qty of order"),
    Reason.MIN_NOTIONAL: (403, 40310000, "cost basis must be >= minimal amount of order"),
    Reason.FUNDS: (403, 40310000, "insufficient balance"),
    Reason.TRIGGER: (422, 42210000, "stop price must be on the far side of the market price"),
    Reason.DUPLICATE_CLIENT_ID: (422, 40010001, "client_order_id must be unique"),
    Reason.UNKNOWN_ORDER: (404, 40410000, "order not found"),
    Reason.ORDER_CLOSED: (422, 42210000, "order is not cancelable"),
}
"""A code of None is left out, as the venue leaves it out."""
