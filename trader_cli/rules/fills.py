"""Where an order fills, and which protective level a bar meets first (DESIGN 3, items 2-4)."""

from __future__ import annotations

from typing import Final

NO_HIT: Final = 0
STOP_HIT: Final = 1
TARGET_HIT: Final = 2


def slipped(price: float, side: int, slippage: float) -> float:
    """The price a market order gets: moved against the order's side by the fraction `slippage`.

    >>> slipped(100.0, +1, 0.01), slipped(100.0, -1, 0.01)
    (101.0, 99.0)
    """
    return price * (1.0 + side * slippage)


def stop_level(entry_price: float, side: int, stop_loss: float) -> float:
    """Where the loss of a position on `side` reaches the fraction `stop_loss`."""
    return entry_price * (1.0 - side * stop_loss)


def target_level(entry_price: float, side: int, take_profit: float) -> float:
    """Where the gain of a position on `side` reaches the fraction `take_profit`."""
    return entry_price * (1.0 + side * take_profit)


def trailed_stop(stop: float, best_price: float, side: int, trailing_stop: float) -> float:
    """The tighter of a fixed stop and the one trailing `best_price`; 0 switches trailing off."""
    if trailing_stop == 0.0:
        return stop
    trail = best_price * (1.0 - side * trailing_stop)
    return max(stop, trail) if side > 0 else min(stop, trail)


def at_or_below(price: float, level: float, side: int) -> bool:
    """Whether a position on `side` has lost its way to `level`: equality counts."""
    return price <= level if side > 0 else price >= level


def at_or_above(price: float, level: float, side: int) -> bool:
    """Whether a position on `side` has won its way to `level`: equality counts."""
    return price >= level if side > 0 else price <= level


def protective_hit(
    side: int, carried: bool, opening: float, high: float, low: float, stop: float, target: float
) -> tuple[int, float, bool]:
    """What one bar does to a position's stop and target: (which was hit, at which price, ambiguous).

    A position carried into the bar meets the open first: at or beyond a level it leaves there. Within the bar the
    stop is assumed to come before the target; a bar that reached both is ambiguous. Prices are before slippage.
    """
    if carried and at_or_below(opening, stop, side):
        return STOP_HIT, opening, False
    if carried and at_or_above(opening, target, side):
        return TARGET_HIT, opening, False
    reached_target = at_or_above(high if side > 0 else low, target, side)
    if at_or_below(low if side > 0 else high, stop, side):
        return STOP_HIT, stop, reached_target
    if reached_target:
        return TARGET_HIT, target, False
    return NO_HIT, 0.0, False
