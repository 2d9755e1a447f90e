"""Decimals onto an instrument's grid, each in the direction that never costs more than was decided."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from trader_cli.domain.trade import Side

if TYPE_CHECKING:
    from trader_cli.domain.instrument import Instrument


def whole_lots(quantity: Decimal, instrument: Instrument) -> Decimal:
    """A quantity, rounded down: never more is bought or sold than was decided.

    Units: those of the symbol; `quantity` >= 0. Raises: ValueError where it is no finite number, or below 0.
    """
    _demand_finite(quantity)
    return _on_grid(quantity, instrument.lot, ROUND_FLOOR)


def limit_price(price: Decimal, side: Side, instrument: Instrument) -> Decimal:
    """The price of a limit order: a buyer's is rounded down, a seller's up, so that neither fills at a worse one.

    Raises: ValueError where it is no finite number, or below 0.
    """
    _demand_finite(price)
    return _on_grid(price, instrument.tick, ROUND_FLOOR if side is Side.LONG else ROUND_CEILING)


def stop_price(price: Decimal, position: Side, instrument: Instrument) -> Decimal:
    """The trigger that protects a position: a long one's is rounded up, a short one's down, so that it comes no later.

    Raises: ValueError where it is no finite number, or below 0.
    """
    _demand_finite(price)
    return _on_grid(price, instrument.tick, ROUND_CEILING if position is Side.LONG else ROUND_FLOOR)


def _on_grid(value: Decimal, step: Decimal, direction: str) -> Decimal:
    return (value / step).to_integral_value(direction) * step


def _demand_finite(value: Decimal) -> None:
    if not (value.is_finite() and value >= 0):
        raise ValueError(f"{value} is no finite number from 0 on")
