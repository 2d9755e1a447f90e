"""Account arithmetic: cash moves by price, fees and funding alone (law P4).

One account for spot and futures, long and short: an entry takes its margin out of the cash (all of its notional where
`leverage` is 1), the exit brings it back with what the price has done. A spot purchase is that too: what it is worth
is its margin and its gain. A spot short rests on its full notional in cash.
"""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trader_cli.rules.numbers import Numbers

ROUNDING = 1e-12
"""By how much of itself cash may be off after a few sums and products."""


def notional(quantity: float, price: float) -> float:
    """What a quantity is worth at a price."""
    return quantity * price


def fee(quantity: float, price: float, rate: float) -> float:
    """The fee of a fill."""
    return notional(quantity, price) * rate


def gain(side: int, quantity: float, entry_price: float, price: float) -> float:
    """What the price has done for a position, before any cost."""
    return side * (price - entry_price) * quantity + 0.0  # a short that has not moved has gained 0, not -0


def margin(quantity: float, entry_price: float, leverage: float) -> float:
    """The cash that a position holds bound."""
    return notional(quantity, entry_price) / leverage


def value(side: int, quantity: float, entry_price: float, price: float, leverage: float) -> float:
    """What a position adds to the equity: its margin and its gain. For a spot long: what it would sell for."""
    return margin(quantity, entry_price, leverage) + gain(side, quantity, entry_price, price)


def cash_after_entry(cash: float, quantity: float, price: float, fees: float, leverage: float) -> float:
    """Cash once an entry has filled."""
    return cash - margin(quantity, price, leverage) - fees


def cash_after_exit(
    cash: float, side: int, quantity: float, entry_price: float, price: float, fees: float, leverage: float
) -> float:
    """Cash once an exit has filled."""
    return cash + value(side, quantity, entry_price, price, leverage) - fees


def is_overdrawn(cash_left: float, cash: float) -> bool:
    """Whether an entry took more cash than there was; what rounding alone leaves below zero is nothing."""
    return cash_left < -ROUNDING * cash


def funding(side: int, quantity: float, due: float) -> float:
    """What a position pays at a funding time: negative where it receives. `due` is mark price x rate."""
    return side * quantity * due


def profit(
    side: int, quantity: float, entry_price: float, exit_price: float, fees: float, funding_paid: float
) -> float:
    """What a closed trade brought, net of its fees and funding."""
    return gain(side, quantity, entry_price, exit_price) - fees - funding_paid


def reserved(numbers: Numbers, ordered_notional: float) -> float:
    """The cash that an entry on its way is sure to need: margin, slippage and fee."""
    return ordered_notional * _cost_of_one(numbers) / numbers.leverage


def affordable(numbers: Numbers, free_cash: float) -> float:
    """The notional that `free_cash` opens (DESIGN 3, item 7)."""
    return free_cash * numbers.leverage / _cost_of_one(numbers)


def _cost_of_one(numbers: Numbers) -> float:
    return 1.0 + numbers.slippage + numbers.leverage * numbers.taker_fee


def released(numbers: Numbers, side: int, quantity: float, entry_price: float, price: float) -> float:
    """The cash that leaving a position at about `price` gives back: what a reversal may count on."""
    costs = notional(quantity, price) * (numbers.slippage + numbers.taker_fee)
    return value(side, quantity, entry_price, price, numbers.leverage) - costs


def exposure_share(gross_notional: float, equity: float) -> float:
    """Gross notional over equity; NaN, for unknown, where positions stand on no equity."""
    if gross_notional == 0.0:
        return 0.0
    return gross_notional / equity if equity > 0.0 else nan
