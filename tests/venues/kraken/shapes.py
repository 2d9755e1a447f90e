"""Orders and fills in Kraken's fields."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.core.orders import Fill, Order, Side, State
from tests.venues.kraken.desk import pair_id
from tests.venues.texts import on_grid

if TYPE_CHECKING:
    from tests.venues.core.market import Market

FIVE = Decimal("0.00001")
STATUSES = {
    State.UNTRIGGERED: "open",
    State.OPEN: "open",
    State.FILLED: "closed",
    State.CANCELED: "canceled",
    State.EXPIRED: "expired",
    State.REJECTED: "canceled",
}


def seconds(nanoseconds: int) -> float:
    """With four digits after the point."""
    return nanoseconds // 100_000 / 10_000


def order_type(order: Order) -> str:
    """A trigger against the position is a stop loss: a sale below the price, a purchase above it."""
    ticket = order.ticket
    if ticket.trigger is None:
        return "market" if ticket.price is None else "limit"
    kind = "stop-loss" if ticket.triggers_above == (ticket.side is Side.BUY) else "take-profit"
    return kind if ticket.price is None else f"{kind}-limit"


def sentence(market: Market, order: Order) -> str:
    """The order in words: "sell 1.00000000 ETHUSD @ stop loss 1800.00 -> limit 1790.00"."""
    ticket = order.ticket
    kind = order_type(order).removesuffix("-limit").replace("-", " ")
    said = [kind]
    if ticket.trigger is not None:
        said.append(on_grid(ticket.trigger, market.tick))
        said += ["->", "limit"] if ticket.price is not None else []
    if ticket.price is not None:
        said.append(on_grid(ticket.price, market.tick))
    return f"{ticket.side} {_volume(market, order)} {market.symbol} @ {' '.join(said)}"


def order_row(market: Market, order: Order, *, with_fills: bool) -> dict[str, Any]:
    """`price` is the mean of what was filled; where an order asks for a price, it is in `descr`."""
    ticket, zero = order.ticket, on_grid(Decimal(0), FIVE)
    first, second = (ticket.price, None) if ticket.trigger is None else (ticket.trigger, ticket.price)
    row: dict[str, Any] = {
        "refid": None,
        "userref": 0,
        "status": STATUSES[order.state],
        "opentm": seconds(order.created),
        "starttm": 0,
        "expiretm": 0,
        "descr": {
            "pair": market.symbol,
            "type": ticket.side.value,
            "ordertype": order_type(order),
            "price": on_grid(first, market.tick) if first is not None else "0",
            "price2": on_grid(second, market.tick) if second is not None else "0",
            "leverage": "none",
            "order": sentence(market, order),
            "close": "",
        },
        "vol": _volume(market, order),
        "vol_exec": on_grid(order.filled, market.lot),
        "cost": on_grid(order.filled_value, FIVE),
        "fee": on_grid(order.fees, FIVE),
        "price": on_grid(order.average or Decimal(0), FIVE),
        "stopprice": on_grid(ticket.trigger, FIVE) if ticket.trigger is not None else zero,
        "limitprice": zero,
        "misc": "",
        "oflags": ",".join(["fciq", *(["post"] if ticket.post_only else []), *(["viqc"] if ticket.cost else [])]),
    }
    if ticket.client_id:
        row["cl_ord_id"] = ticket.client_id
    if not order.state.is_live:
        row |= {"closetm": seconds(order.updated), "reason": _reason(order)}
    if with_fills and order.fills:
        row["trades"] = [fill_id(fill) for fill in order.fills]
    return row


def fill_id(fill: Fill) -> str:
    return f"TVENUE-TRADE-{int(fill.id):06d}"


def fill_row(market: Market, order: Order, fill: Fill) -> dict[str, Any]:
    return {
        "ordertxid": order.id,
        "postxid": f"TVENUE-POSIT-{int(fill.id):06d}",
        "pair": pair_id(market),
        "time": seconds(fill.time),
        "type": order.ticket.side.value,
        "ordertype": order_type(order),
        "price": on_grid(fill.price, FIVE),
        "cost": on_grid(fill.price * fill.quantity, FIVE),
        "fee": on_grid(fill.fee, FIVE),
        "vol": on_grid(fill.quantity, market.lot),
        "margin": on_grid(Decimal(0), FIVE),
        "misc": "",
        "trade_id": int(fill.id),
        "maker": fill.is_maker,
        "ledgers": [f"LVENUE-ENTRY-{int(fill.id):06d}"],
    }


def _volume(market: Market, order: Order) -> str:
    """In quote, where the order is for so much money."""
    cost = order.ticket.cost
    return on_grid(cost, market.lot) if cost is not None else on_grid(order.quantity, market.lot)


def _reason(order: Order) -> str | None:
    if order.state is not State.CANCELED:
        return order.reason or None
    if order.reason == "by its owner":
        return "User requested"
    return "Post only order" if order.ticket.post_only else order.reason
