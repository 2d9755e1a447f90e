"""Orders, fills and positions in Deribit's fields."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.core.market import Kind
from tests.venues.core.money import leverage, unrealised
from tests.venues.core.orders import Fill, Order, Side, State, TimeInForce
from tests.venues.deribit.desk import KINDS, number
from tests.venues.texts import milliseconds

if TYPE_CHECKING:
    from tests.venues.core.accounts import Account
    from tests.venues.core.exchange import Exchange
    from tests.venues.core.market import Market

STATES = {
    State.UNTRIGGERED: "untriggered",
    State.OPEN: "open",
    State.FILLED: "filled",
    State.CANCELED: "cancelled",
    State.EXPIRED: "cancelled",
    State.REJECTED: "rejected",
}
TIMES_IN_FORCE = {
    TimeInForce.GTC: "good_til_cancelled",
    TimeInForce.IOC: "immediate_or_cancel",
    TimeInForce.FOK: "fill_or_kill",
}


def order_type(order: Order) -> str:
    """A trigger against the position is a stop: a sale below the price, a purchase above it."""
    ticket = order.ticket
    kind = "market" if ticket.price is None else "limit"
    if ticket.trigger is None:
        return kind
    return f"{'stop' if ticket.triggers_above == (ticket.side is Side.BUY) else 'take'}_{kind}"


def order_row(account: Account, market: Market, order: Order) -> dict[str, Any]:
    """An order keeps its id when it is triggered, where the venue makes another."""
    ticket = order.ticket
    row: dict[str, Any] = {
        "label": ticket.client_id,
        "price": number(ticket.price) if ticket.price is not None else "market_price",
        "user_id": account.uid,
        "amount": number(order.quantity),
        "direction": ticket.side.value,
        "time_in_force": "good_til_cancelled" if ticket.price is None else TIMES_IN_FORCE[ticket.time_in_force],
        "instrument_name": market.symbol,
        "web": False,
        "api": True,
        "order_id": order.id,
        "creation_timestamp": milliseconds(order.created),
        "replaced": False,
        "filled_amount": number(order.filled),
        "last_update_timestamp": milliseconds(order.updated),
        "post_only": ticket.post_only,
        "reduce_only": ticket.reduce_only,
        "average_price": number(_average(market, order)),
        "mmp": False,
        "contracts": number(order.quantity / market.lot),
        "reject_post_only": ticket.post_only,
        "order_state": STATES[order.state],
        "order_type": order_type(order),
        "is_liquidation": any(fill.is_liquidation for fill in order.fills),
        "risk_reducing": ticket.reduce_only,
    }
    if ticket.price is None and order.fills:
        row["price"] = row["average_price"]
    if ticket.trigger is not None:
        row |= {
            "trigger_price": number(ticket.trigger),
            "trigger": "last_price",
            "triggered": order.triggered is not None,
        }
    if order.state is State.CANCELED:
        row["cancel_reason"] = "user_request" if order.reason == "by its owner" else "unfilled"
    return row


def _average(market: Market, order: Order) -> Decimal:
    """The mean price by money: of an inverse contract it is another than the mean by amount."""
    if not order.fills:
        return Decimal(0)
    if market.kind is Kind.INVERSE:
        return order.filled / sum((fill.quantity / fill.price for fill in order.fills), Decimal(0))
    return order.average or Decimal(0)


def fill_row(exchange: Exchange, market: Market, order: Order, fill: Fill) -> dict[str, Any]:
    mark, currency = number(exchange.mark(market)), market.paid_in
    return {
        "trade_seq": int(fill.id),
        "trade_id": f"{currency}-{fill.id}",
        "timestamp": milliseconds(fill.time),
        "tick_direction": 1,
        "state": STATES[order.state],
        "self_trade": False,
        "risk_reducing": order.ticket.reduce_only,
        "reduce_only": order.ticket.reduce_only,
        "profit_loss": number(fill.realised),
        "price": number(fill.price),
        "post_only": order.ticket.post_only,
        "order_type": order_type(order),
        "order_id": order.id,
        "mmp": False,
        "matching_id": None,
        "mark_price": mark,
        "liquidity": "M" if fill.is_maker else "T",
        "label": order.ticket.client_id,
        "instrument_name": market.symbol,
        "index_price": mark,
        "fee_currency": fill.fee_asset,
        "fee": number(fill.fee),
        "direction": order.ticket.side.value,
        "contracts": number(fill.quantity / market.lot),
        "api": True,
        "amount": number(fill.quantity),
    }


def position_row(exchange: Exchange, account: Account, market: Market) -> dict[str, Any]:
    """A position, or that there is none: then its direction is "zero". A short one has a size below 0."""
    position, mark = account.position(market.key), exchange.mark(market)
    size, gain = position.quantity, unrealised(market, position, mark)
    initial = market.value(size, position.entry) / leverage(account, market) if size else Decimal(0)
    in_base = size / mark if market.kind is Kind.INVERSE else size
    return {
        "average_price": number(position.entry),
        "delta": number(in_base),
        "direction": "zero" if not size else "buy" if size > 0 else "sell",
        "estimated_liquidation_price": 0.0,
        "floating_profit_loss": number(gain),
        "index_price": number(mark),
        "initial_margin": number(initial),
        "instrument_name": market.symbol,
        "interest_value": 0.0,
        "kind": KINDS[market.kind],
        "leverage": int(leverage(account, market)),
        "maintenance_margin": number(initial / 2),
        "mark_price": number(mark),
        "open_orders_margin": 0.0,
        "realized_funding": 0.0,
        "realized_profit_loss": number(position.realised),
        "settlement_price": number(mark),
        "size": number(size),
        "size_currency": number(in_base),
        "total_profit_loss": number(gain),
    }
