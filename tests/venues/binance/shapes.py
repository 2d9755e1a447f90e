"""Orders and fills in the fields of Binance's spot."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.binance.desk import eight
from tests.venues.core.orders import Fill, Order, Side, State, TimeInForce
from tests.venues.texts import milliseconds

if TYPE_CHECKING:
    from tests.venues.core.market import Market

SIDES = {Side.BUY: "BUY", Side.SELL: "SELL"}


def status(order: Order) -> str:
    """Binance's word for where an order stands; what the venue ended by itself has expired."""
    if order.state is State.OPEN and order.fills:
        return "PARTIALLY_FILLED"
    if order.state is State.CANCELED and not order.reason.startswith("by its owner"):
        return "EXPIRED"
    return {
        State.UNTRIGGERED: "NEW",
        State.OPEN: "NEW",
        State.FILLED: "FILLED",
        State.CANCELED: "CANCELED",
        State.REJECTED: "REJECTED",
    }[order.state]


def time_in_force(order: Order, post_only: str = "GTC") -> str:
    """A market order is said to be good till cancelled."""
    if order.ticket.post_only:
        return post_only
    if order.ticket.price is None:
        return "GTC"
    return {TimeInForce.IOC: "IOC", TimeInForce.FOK: "FOK"}.get(order.ticket.time_in_force, "GTC")


def takes_profit(order: Order) -> bool:
    """Whether a trigger lies where the price is better for the order, not worse."""
    return bool(order.ticket.triggers_above) != (order.ticket.side is Side.BUY)


def order_type(order: Order) -> str:
    ticket = order.ticket
    if ticket.post_only:
        return "LIMIT_MAKER"
    if ticket.trigger is None:
        return "MARKET" if ticket.price is None else "LIMIT"
    kind = "TAKE_PROFIT" if takes_profit(order) else "STOP_LOSS"
    return kind if ticket.price is None else f"{kind}_LIMIT"


def order_row(market: Market, order: Order) -> dict[str, Any]:
    waits = order.state is State.UNTRIGGERED
    began = order.created if order.ticket.trigger is None else order.triggered
    return {
        "symbol": market.symbol,
        "orderId": int(order.id),
        "orderListId": -1,
        "clientOrderId": order.ticket.client_id,
        **_amounts(order),
        "stopPrice": eight(order.ticket.trigger or Decimal(0)),
        "icebergQty": eight(Decimal(0)),
        "time": milliseconds(order.created),
        "updateTime": milliseconds(order.updated),
        "isWorking": not waits,
        "workingTime": -1 if began is None else milliseconds(began),
        "selfTradePreventionMode": "NONE",
    }


def acknowledged(market: Market, order: Order) -> dict[str, Any]:
    """The least that is answered to a new order."""
    return {
        "symbol": market.symbol,
        "orderId": int(order.id),
        "orderListId": -1,
        "clientOrderId": order.ticket.client_id,
        "transactTime": milliseconds(order.updated),
    }


def placed(market: Market, order: Order) -> dict[str, Any]:
    """A new order with where it stands."""
    return {
        **acknowledged(market, order),
        **_amounts(order),
        "workingTime": -1 if order.state is State.UNTRIGGERED else milliseconds(order.created),
        "selfTradePreventionMode": "NONE",
    }


def placed_with_fills(market: Market, order: Order) -> dict[str, Any]:
    """And with what it met at once."""
    fills = [
        {
            "price": eight(fill.price),
            "qty": eight(fill.quantity),
            "commission": eight(fill.fee),
            "commissionAsset": fill.fee_asset,
            "tradeId": int(fill.id),
        }
        for fill in order.fills
    ]
    return {**placed(market, order), "fills": fills}


def cancelled(market: Market, order: Order, client_id: str) -> dict[str, Any]:
    """An order that was cancelled: `clientOrderId` is now that of the cancellation."""
    row = {**acknowledged(market, order), **_amounts(order), "selfTradePreventionMode": "NONE"}
    return {**row, "origClientOrderId": order.ticket.client_id, "clientOrderId": client_id}


def fill_row(market: Market, order: Order, fill: Fill) -> dict[str, Any]:
    return {
        "symbol": market.symbol,
        "id": int(fill.id),
        "orderId": int(order.id),
        "orderListId": -1,
        "price": eight(fill.price),
        "qty": eight(fill.quantity),
        "quoteQty": eight(fill.quantity * fill.price),
        "commission": eight(fill.fee),
        "commissionAsset": fill.fee_asset,
        "time": milliseconds(fill.time),
        "isBuyer": order.ticket.side is Side.BUY,
        "isMaker": fill.is_maker,
        "isBestMatch": True,
    }


def _amounts(order: Order) -> dict[str, Any]:
    return {
        "price": eight(order.ticket.price or Decimal(0)),
        "origQty": eight(order.quantity),
        "executedQty": eight(order.filled),
        "origQuoteOrderQty": eight(order.ticket.cost or Decimal(0)),
        "cummulativeQuoteQty": eight(order.filled_value),
        "status": status(order),
        "timeInForce": time_in_force(order),
        "type": order_type(order),
        "side": SIDES[order.ticket.side],
    }
