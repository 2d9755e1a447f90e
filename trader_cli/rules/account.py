"""Account arithmetic: cash moves by price and fees alone (law P4)."""

from __future__ import annotations


def notional(quantity: float, price: float) -> float:
    """What a quantity is worth at a price."""
    return quantity * price


def fee(quantity: float, price: float, rate: float) -> float:
    """The fee of a fill."""
    return notional(quantity, price) * rate


def cash_after_entry(cash: float, quantity: float, price: float, fees: float) -> float:
    """Cash once a spot purchase is paid."""
    return cash - notional(quantity, price) - fees


def cash_after_exit(cash: float, quantity: float, price: float, fees: float) -> float:
    """Cash once a spot sale is received."""
    return cash + notional(quantity, price) - fees


def profit(side: int, quantity: float, entry_price: float, exit_price: float, fees: float) -> float:
    """What a closed trade brought, net of all its fees."""
    return side * (exit_price - entry_price) * quantity - fees
