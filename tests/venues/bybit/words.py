"""Bybit's codes and texts for a no. Source: bybit-exchange.github.io/docs/v5/error, read 2026-11."""

from __future__ import annotations

from tests.venues.core.refusals import Reason

EVERYWHERE = {
    Reason.BAD_KEY: (10003, "API key is invalid."),
    Reason.BAD_SIGNATURE: (10004, "error sign! please check your signature generation algorithm."),
    Reason.EXPIRED: (10002, "invalid request, please check your server timestamp or recv_window param."),
    Reason.NO_PERMISSION: (10005, "Permission denied, please check your API key permissions."),
    Reason.RATE_LIMIT: (10006, "Too many visits. Exceeded the API Rate Limit."),
    Reason.MAINTENANCE: (10016, "System error. Please try again later."),
    Reason.NO_SUCH_PATH: (10017, "Request path not found or request method is invalid."),
    Reason.POSITION_MODE: (10001, "position idx not match position mode"),
    Reason.LEVERAGE_UNCHANGED: (110043, "leverage not modified"),
    Reason.MARGIN_MODE_UNCHANGED: (110026, "Cross/isolated margin mode is not modified"),
    Reason.POSITION_MODE_UNCHANGED: (110025, "Position mode is not modified"),
    Reason.LEVERAGE: (110013, "cannot set leverage gt maxLeverage by risk limit"),
}

CONTRACTS = {
    Reason.BAD_PARAMETER: (10001, "params error"),
    Reason.UNKNOWN_SYMBOL: (10001, "Not supported symbols"),
    Reason.NOT_TRADING: (110066, "No trading is allowed at the current time"),
    Reason.TICK: (10001, "The price does not conform to the tick size"),
    Reason.LOT: (10001, "Qty invalid"),
    Reason.MIN_QUANTITY: (10001, "The number of contracts exceeds minimum limit allowed"),
    Reason.MAX_QUANTITY: (10001, "The number of contracts exceeds maximum limit allowed"),
    Reason.MIN_NOTIONAL: (110094, "Order does not meet minimum order value"),
    Reason.FUNDS: (110007, "ab not enough for new order"),
    Reason.REDUCE_ONLY: (110017, "current position is zero, cannot fix reduce-only order qty"),
    Reason.TRIGGER: (110092, "expect Rising, but trigger_price <= current"),
    Reason.DUPLICATE_CLIENT_ID: (110072, "OrderLinkedID is duplicate"),
    Reason.UNKNOWN_ORDER: (110001, "order not exists or too late to cancel"),
    Reason.ORDER_CLOSED: (110001, "order not exists or too late to cancel"),
}

SPOT = {
    Reason.BAD_PARAMETER: (170130, "Data sent for parameter is not valid."),
    Reason.UNKNOWN_SYMBOL: (170121, "Invalid symbol."),
    Reason.NOT_TRADING: (170151, "The trading pair is not open yet."),
    Reason.TICK: (170134, "Order price has too many decimals."),
    Reason.LOT: (170137, "Order quantity has too many decimals."),
    Reason.MIN_QUANTITY: (170136, "Order quantity exceeded lower limit."),
    Reason.MAX_QUANTITY: (170135, "Order quantity exceeded upper limit."),
    Reason.MIN_NOTIONAL: (170140, "Order value exceeded lower limit."),
    Reason.FUNDS: (170131, "Insufficient balance."),
    Reason.REDUCE_ONLY: (170130, "Data sent for parameter 'reduceOnly' is not valid."),
    Reason.TRIGGER: (170130, "Data sent for parameter 'triggerPrice' is not valid."),
    Reason.DUPLICATE_CLIENT_ID: (170141, "Duplicate clientOrderId."),
    Reason.UNKNOWN_ORDER: (170213, "Order does not exist."),
    Reason.ORDER_CLOSED: (170213, "Order does not exist."),
}


def words(reason: Reason, category: str) -> tuple[int, str]:
    """The code and the text for a category of markets."""
    own = SPOT if category == "spot" else CONTRACTS
    return EVERYWHERE.get(reason) or own[reason]
