"""OKX's codes and texts for a no. Source: okx.com/docs-v5/en/#error-code, read 2026-11."""

from __future__ import annotations

from tests.venues.core.orders import Side
from tests.venues.core.refusals import Reason, Refused
from tests.venues.spoken import Spoken

WORDS: dict[Reason, tuple[int, str]] = {
    Reason.BAD_KEY: (50111, "Invalid OK-ACCESS-KEY"),
    Reason.BAD_SIGNATURE: (50113, "Invalid Sign"),
    Reason.EXPIRED: (50102, "Timestamp request expired"),
    Reason.NO_PERMISSION: (50120, "This API key doesn't have permission to use this function"),
    Reason.RATE_LIMIT: (50011, "Too Many Requests"),
    Reason.MAINTENANCE: (50001, "Service temporarily unavailable. Please try again later."),
    Reason.NO_SUCH_PATH: (404, "Invalid request"),
    Reason.BAD_PARAMETER: (51000, "Parameter error"),
    Reason.UNKNOWN_SYMBOL: (51001, "Instrument ID doesn't exist."),
    Reason.NOT_TRADING: (51022, "Contract suspended."),
    Reason.TICK: (51000, "Parameter px error"),
    Reason.LOT: (51121, "Order quantity must be a multiple of the lot size."),
    Reason.MIN_QUANTITY: (51020, "Your order should meet or exceed the minimum order amount."),
    Reason.MAX_QUANTITY: (51202, "Market order amount exceeds the maximum amount."),
    Reason.MIN_NOTIONAL: (51020, "Your order should meet or exceed the minimum order amount."),
    Reason.FUNDS: (51008, "Order failed. Insufficient balance in account."),
    Reason.REDUCE_ONLY: (51169, "Order failed. You don't have any positions in this contract that can be closed."),
    Reason.TRIGGER: (51000, "Parameter triggerPx error"),
    Reason.DUPLICATE_CLIENT_ID: (51016, "Client order ID already exists."),
    Reason.UNKNOWN_ORDER: (51603, "Order does not exist"),
    Reason.ORDER_CLOSED: (51400, "Cancellation failed as the order has been filled, canceled or does not exist."),
    Reason.LEVERAGE: (59102, "Leverage exceeds the maximum limit. Please lower the leverage."),
    Reason.POSITION_MODE: (51000, "Parameter posSide error"),
}
"""What OKX never says is missing: it cancels post-only, and takes a mode that is so already."""

TRIGGERS: dict[tuple[str, Side], tuple[int, str]] = {
    ("tp", Side.BUY): (51277, "TP trigger price cannot be higher than the last price"),
    ("sl", Side.BUY): (51278, "SL trigger price cannot be lower than the last price"),
    ("tp", Side.SELL): (51279, "TP trigger price cannot be lower than the last price"),
    ("sl", Side.SELL): (51280, "SL trigger price cannot be higher than the last price"),
}
"""What is said of a stop or a target on the wrong side of the price."""

STATUSES = {
    Reason.BAD_KEY: 401,
    Reason.BAD_SIGNATURE: 401,
    Reason.EXPIRED: 401,
    Reason.NO_PERMISSION: 401,
    Reason.NO_SUCH_PATH: 404,
    Reason.RATE_LIMIT: 429,
    Reason.MAINTENANCE: 503,
}
"""All else comes with 200."""


def said(refused: Refused) -> tuple[int, str]:
    """The code and the text of a no."""
    if isinstance(refused, Spoken):
        return refused.code, refused.detail
    code, text = WORDS[refused.reason]
    return code, f"{text} [{refused.detail}]" if refused.detail != refused.reason.value else text
