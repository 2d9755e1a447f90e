"""Why an exchange says no, in words that no venue owns; each front end has its own code and text for them."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """What was wrong with what was asked."""

    BAD_KEY = "the key is unknown"
    BAD_SIGNATURE = "the signature does not fit"
    EXPIRED = "the timestamp lies outside the window"
    NO_PERMISSION = "the key may not do this"
    RATE_LIMIT = "too many requests"
    MAINTENANCE = "closed for maintenance"
    NO_SUCH_PATH = "there is no such path"
    BAD_PARAMETER = "a parameter makes no sense"
    UNKNOWN_SYMBOL = "there is no such symbol"
    NOT_TRADING = "the symbol does not trade now"
    TICK = "the price is off the tick"
    LOT = "the quantity is off the lot"
    MIN_QUANTITY = "the quantity is below the minimum"
    MAX_QUANTITY = "the quantity is above the maximum"
    MIN_NOTIONAL = "the value is below the minimum"
    FUNDS = "there is not enough to pay or to sell"
    REDUCE_ONLY = "there is no position to reduce"
    POST_ONLY = "the order would take liquidity"
    TRIGGER = "the trigger lies on the wrong side of the price"
    DUPLICATE_CLIENT_ID = "the client id was used before"
    UNKNOWN_ORDER = "there is no such order"
    ORDER_CLOSED = "the order is no longer open"
    LEVERAGE = "the leverage is out of bounds"
    LEVERAGE_UNCHANGED = "the leverage is so already"
    MARGIN_MODE_UNCHANGED = "the margin mode is so already"
    POSITION_MODE_UNCHANGED = "the position mode is so already"
    POSITION_MODE = "the order does not fit the position mode"


class Refused(Exception):  # noqa: N818 - a no is an answer
    """What was asked is not done, and nothing has changed."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail or reason.value)
        self.reason = reason
        self.detail = detail or reason.value
