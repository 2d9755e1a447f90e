"""What time brings: prices along the candles, funding, and the end of a session."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tests.venues.core.accounts import Payment
from tests.venues.core.matching import move
from tests.venues.core.orders import State, TimeInForce

if TYPE_CHECKING:
    from decimal import Decimal

    from tests.venues.core.exchange import Exchange
    from tests.venues.core.market import Market

type Event = tuple[int, int, Callable[[], None]]
"""When, in which order at one time, and what happens."""


def events(exchange: Exchange, after: int, until: int) -> list[Event]:
    """What happens in (after, until], in order: at one time candles end, then sessions, then others begin."""
    found: list[Event] = []
    for key, market in exchange.markets.items():
        sessions = market.hours.sessions if market.hours is not None else ()
        found += [(close, 1, partial(_end_day, exchange, market)) for _, close in sessions]
        steps = exchange.series[key].steps(after, until) if key in exchange.series else ()
        found += [
            (at.time, 2 if at.is_jump else 0, partial(move, exchange, market, at.price, is_jump=at.is_jump))
            for at in steps
        ]
        found += [(time, 3, partial(_pay_funding, exchange, market, rate)) for time, rate in exchange.funding[key]]
    return sorted((event for event in found if after < event[0] <= until), key=lambda event: event[:2])


def _end_day(exchange: Exchange, market: Market) -> None:
    for order in exchange.orders.values():
        day = order.ticket.time_in_force is TimeInForce.DAY
        if order.market == market.key and order.state.is_live and day:
            exchange.close(order, State.EXPIRED, "the session is over")


def _pay_funding(exchange: Exchange, market: Market, rate: Decimal) -> None:
    """Longs pay shorts where the rate is above zero, on the value at the mark price."""
    for account in exchange.accounts.values():
        quantity = account.position(market.key).quantity
        if quantity:
            value = market.value(quantity, exchange.mark(market)) * rate
            amount = -value if quantity > 0 else value
            account.add(market.paid_in, amount)
            account.payments.append(Payment(exchange.at, market.key, amount, rate, quantity))
