"""The price moves, and orders fill on its way."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.core.money import settle
from tests.venues.core.orders import Order, Side, State, TimeInForce

if TYPE_CHECKING:
    from tests.venues.core.exchange import Exchange
    from tests.venues.core.market import Market


def move(exchange: Exchange, market: Market, price: Decimal, *, is_jump: bool) -> None:
    """Takes the last price to another, by a jump or through all between, and fills what it meets, nearest first.

    At equal distance the older order comes first. A way is gone before its end: a session that ends or begins with
    it is still open, or not yet. What rests fills at its own price, what takes at the touch.
    """
    here = price if is_jump else exchange.prices.get(market.key, price)
    moment = exchange.at if is_jump else exchange.at - 1
    served: set[int] = set()
    while True:
        waiting = [order for order in exchange.working(market, moment) if order.number not in served]
        met = [(reached(order, market, here, price), order) for order in waiting]
        found = [(abs(at - here), order.number, at, order) for at, order in met if at is not None]
        if not found:
            break
        *_, here, order = min(found, key=lambda one: one[:2])
        exchange.prices[market.key] = here
        if order.state is State.UNTRIGGERED:
            trigger(exchange, order)
        else:
            served.add(order.number)
            execute(exchange, market, order)
    exchange.prices[market.key] = price
    for order in exchange.working(market, moment):
        order.is_resting = order.state is State.OPEN


def reached(order: Order, market: Market, start: Decimal, end: Decimal) -> Decimal | None:
    """The last price between start and end at which an order is due; None where it is not."""
    level, above = _level(order, market)
    if level is None or (start >= level if above else start <= level):
        return start
    if end >= level if above else end <= level:
        return level
    return None


def _level(order: Order, market: Market) -> tuple[Decimal | None, bool]:
    """The last price that an order waits for, and whether it waits for a rise to it; None: for nothing."""
    ticket = order.ticket
    if order.state is State.UNTRIGGERED:
        return ticket.trigger, bool(ticket.triggers_above)
    if ticket.price is None:
        return None, False
    return (ticket.price - market.spread, False) if ticket.side is Side.BUY else (ticket.price, True)


def trigger(exchange: Exchange, order: Order) -> None:
    """The order waits no longer; one that has nothing left to reduce ends here."""
    order.state = State.OPEN
    order.updated = order.triggered = exchange.at
    if order.ticket.reduce_only and exchange.reducible(order) == 0:
        exchange.close(order, State.CANCELED, "nothing to reduce")


def execute(exchange: Exchange, market: Market, order: Order) -> None:
    """Fills an order at the price of the moment, whole, or in the part that a test asked for."""
    account, ticket = exchange.accounts[order.account], order.ticket
    rests = order.is_resting and ticket.price is not None
    touch = exchange.touch(market, ticket.side)
    price = ticket.price if rests and ticket.price is not None and not exchange.at_open(market) else touch
    if ticket.cost is not None and not order.fills:
        order.quantity = market.whole_lots(ticket.cost / price)
    if ticket.reduce_only:
        order.quantity = min(order.quantity, order.filled + exchange.reducible(order))
    part = exchange.partials.popleft() if exchange.partials else Decimal(1)
    quantity = max(market.whole_lots(order.remaining * part), market.lot) if part < 1 else order.remaining
    if quantity > 0:
        order.fills.append(settle(exchange, account, order, quantity, price, is_maker=rests))
        order.updated = exchange.at
    if order.remaining == 0:
        exchange.close(order, State.FILLED if order.fills else State.CANCELED, "")
    elif ticket.time_in_force in {TimeInForce.IOC, TimeInForce.FOK}:
        exchange.close(order, State.CANCELED, "the rest was not filled at once")
