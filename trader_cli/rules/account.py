"""Account arithmetic: cash moves by price and fees alone (law P4)."""

from __future__ import annotations

ROUNDING = 1e-12
"""By how much of itself cash may be off after a few sums and products."""


def notional(quantity: float, price: float) -> float:
    """What a quantity is worth at a price."""
    return quantity * price


def fee(quantity: float, price: float, rate: float) -> float:
    """The fee of a fill."""
    return notional(quantity, price) * rate


def cash_after_entry(cash: float, quantity: float, price: float, fees: float) -> float:
    """Cash once a spot purchase is paid."""
    return cash - notional(quantity, price) - fees


def is_overdrawn(cash_left: float, cash: float) -> bool:
    """Whether a purchase took more cash than there was; what rounding alone leaves below zero is nothing."""
    return cash_left < -ROUNDING * cash


def cash_after_exit(cash: float, quantity: float, price: float, fees: float) -> float:
    """Cash once a spot sale is received."""
    return cash + notional(quantity, price) - fees


def profit(side: int, quantity: float, entry_price: float, exit_price: float, fees: float) -> float:
    """What a closed trade brought, net of all its fees."""
    return side * (exit_price - entry_price) * quantity - fees
