"""Orders and fills in the fields of Kraken Futures, which has others for an answer, a list and a history."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.core.orders import Fill, Order, Side, State, TimeInForce
from tests.venues.krakenfutures.desk import iso, number

if TYPE_CHECKING:
    from tests.venues.core.market import Market

STATUSES = {
    State.UNTRIGGERED: "TRIGGER_PLACED",
    State.OPEN: "ENTERED_BOOK",
    State.FILLED: "FULLY_EXECUTED",
    State.CANCELED: "CANCELLED",
    State.EXPIRED: "CANCELLED",
    State.REJECTED: "REJECTED",
}
COLLAR = Decimal("0.01")
"""A market order takes no price further away than this."""


def limit(market: Market, order: Order) -> Decimal:
    """The price of an order; a market order has one too."""
    if order.ticket.price is not None:
        return order.ticket.price
    away = 1 + COLLAR * order.ticket.side.sign
    return (order.last_on_created * away / market.tick).quantize(Decimal(1), ROUND_HALF_EVEN) * market.tick


def order_type(order: Order) -> str:
    """As the answers to orders have it."""
    if order.ticket.post_only:
        return "post"
    return "ioc" if order.ticket.time_in_force is TimeInForce.IOC else "lmt"


def is_stop_loss(order: Order) -> bool:
    """A sale below the price, or a purchase above it; the other kind takes a profit."""
    return order.ticket.triggers_above == (order.ticket.side is Side.BUY)


def order_row(market: Market, order: Order, filled: Decimal | None = None) -> dict[str, Any]:
    """An order in an event, as it was when so much of it was filled (None: as it is)."""
    return {
        "orderId": order.id,
        "cliOrdId": order.ticket.client_id or None,
        "type": order_type(order),
        "symbol": market.symbol,
        "side": order.ticket.side.value,
        "quantity": number(order.quantity),
        "filled": number(order.filled if filled is None else filled),
        "limitPrice": number(limit(market, order)),
        "reduceOnly": order.ticket.reduce_only,
        "timestamp": iso(order.created),
        "lastUpdateTimestamp": iso(order.updated),
    }


def trigger_row(market: Market, order: Order) -> dict[str, Any]:
    """An order that waits for its trigger, in an event."""
    ticket = order.ticket
    return {
        "uid": order.id,
        "clientId": ticket.client_id or None,
        "type": order_type(order),
        "symbol": market.symbol,
        "side": ticket.side.value,
        "quantity": number(order.quantity),
        "limitPrice": number(ticket.price) if ticket.price is not None else None,
        **trigger_options(order),
        "reduceOnly": ticket.reduce_only,
        "timestamp": iso(order.created),
        "lastUpdateTimestamp": iso(order.updated),
    }


def trigger_options(order: Order) -> dict[str, Any]:
    return {
        "triggerPrice": number(order.ticket.trigger or Decimal(0)),
        "triggerSide": "trigger_above" if order.ticket.triggers_above else "trigger_below",
        "triggerSignal": "last_price",
    }


def placing_events(market: Market, order: Order) -> list[dict[str, Any]]:
    """What happened to an order as it came: it was filled, and what was not filled rests or waits."""
    if order.state is State.UNTRIGGERED:
        return [{"orderTrigger": trigger_row(market, order), "type": "PLACE"}]
    events: list[dict[str, Any]] = []
    before = Decimal(0)
    for fill in order.fills:
        events.append(
            {
                "executionId": fill_id(fill),
                "price": number(fill.price),
                "amount": number(fill.quantity),
                "orderPriorEdit": None,
                "orderPriorExecution": order_row(market, order, before),
                "takerReducedQuantity": None,
                "type": "EXECUTION",
            }
        )
        before += fill.quantity
    if order.state is State.OPEN:
        events.append({"order": order_row(market, order), "reducedQuantity": None, "type": "PLACE"})
    if order.state is State.CANCELED and not order.fills:
        reason = "IOC_WOULD_NOT_EXECUTE"
        events.append({"uid": order.id, "order": order_row(market, order), "reason": reason, "type": "REJECT"})
    return events


def cancel_event(market: Market, order: Order) -> dict[str, Any]:
    return {"uid": order.id, "order": order_row(market, order), "type": "CANCEL"}


def open_row(market: Market, order: Order) -> dict[str, Any]:
    """One of the open orders, among which those that wait for a trigger are too."""
    ticket, is_waiting = order.ticket, order.state is State.UNTRIGGERED
    row: dict[str, Any] = {
        "order_id": order.id,
        "symbol": market.symbol,
        "side": ticket.side.value,
        "orderType": "lmt" if not is_waiting else "stop" if is_stop_loss(order) else "take_profit",
        "unfilledSize": number(order.remaining),
        "receivedTime": iso(order.created),
        "status": "partiallyFilled" if order.fills else "untouched",
        "filledSize": number(order.filled),
        "reduceOnly": ticket.reduce_only,
        "lastUpdateTime": iso(order.updated),
    }
    if ticket.price is not None:
        row["limitPrice"] = number(ticket.price)
    if is_waiting and ticket.trigger is not None:
        row |= {"stopPrice": number(ticket.trigger), "triggerSignal": "last"}
    if ticket.client_id:
        row["cliOrdId"] = ticket.client_id
    return row


def status_row(market: Market, order: Order) -> dict[str, Any]:
    """One order that was asked for."""
    is_waiting = order.state is State.UNTRIGGERED
    row = {**order_row(market, order), "type": "TRIGGER_ORDER" if is_waiting else "ORDER"}
    if is_waiting:
        row["priceTriggerOptions"] = trigger_options(order)
    return {"order": row, "status": STATUSES[order.state], "updateReason": None, "error": None}


def fill_id(fill: Fill) -> str:
    return f"{int(fill.id):08x}-f111-4000-8000-{int(fill.id):012x}"


def fill_row(market: Market, order: Order, fill: Fill) -> dict[str, Any]:
    """A fill tells no fee."""
    row = {
        "fill_id": fill_id(fill),
        "symbol": market.symbol,
        "side": order.ticket.side.value,
        "order_id": order.id,
        "fillTime": iso(fill.time),
        "size": number(fill.quantity),
        "price": number(fill.price),
        "fillType": "liquidation" if fill.is_liquidation else "maker" if fill.is_maker else "taker",
    }
    return {**row, "cliOrdId": order.ticket.client_id} if order.ticket.client_id else row
