"""Where an order fills, and which protective level a bar meets first (DESIGN 3, items 2-4 and 10)."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from trader_cli.rules.numbers import Levels

if TYPE_CHECKING:
    from trader_cli.rules.numbers import Candle, Numbers

NO_HIT: Final = 0
STOP_HIT: Final = 1
TARGET_HIT: Final = 2
LIQUIDATION_HIT: Final = 3


def slipped(price: float, side: int, slippage: float) -> float:
    """The price a market order gets: moved against the order's side by the fraction `slippage`.

    >>> slipped(100.0, +1, 0.01), slipped(100.0, -1, 0.01)
    (101.0, 99.0)
    """
    return price * (1.0 + side * slippage)


def protective_levels(numbers: Numbers, side: int, entry_price: float) -> Levels:
    """Where a position entered at `entry_price` is protected."""
    return Levels(
        entry_price * (1.0 - side * numbers.stop_loss),
        entry_price * (1.0 + side * numbers.take_profit),
        liquidation_price(numbers, side, entry_price),
    )


def liquidation_distance(numbers: Numbers) -> float:
    """The fraction of the entry price that price may lose until the venue closes a margined position."""
    return 1.0 / numbers.leverage - numbers.maintenance_margin_rate


def liquidation_price(numbers: Numbers, side: int, entry_price: float) -> float:
    """Where the venue closes a margined position; what is paid in full is never closed."""
    if not numbers.is_margined:
        return never_touched(side)
    return entry_price * (1.0 - side * liquidation_distance(numbers))


def bankruptcy_price(numbers: Numbers, side: int, entry_price: float) -> float:
    """Where a position has lost its margin to the last cent: the fill of a liquidation."""
    return entry_price * (1.0 - side / numbers.leverage)


def never_touched(side: int) -> float:
    """A losing level that no price reaches."""
    return 0.0 if side > 0 else inf


def better_price(side: int, one: float, other: float) -> float:
    """The one of two prices that a position on `side` would rather see."""
    return max(one, other) if side > 0 else min(one, other)


def best_of(side: int, candle: Candle) -> float:
    """The best price of a bar for a position on `side`."""
    return candle.high if side > 0 else candle.low


def worst_of(side: int, candle: Candle) -> float:
    """The worst price of a bar for a position on `side`."""
    return candle.low if side > 0 else candle.high


def trailed_stop(stop: float, best_price: float, side: int, trailing_stop: float) -> float:
    """The tighter of a fixed stop and the one trailing `best_price`; 0 switches trailing off."""
    if trailing_stop == 0.0:
        return stop
    return better_price(side, stop, best_price * (1.0 - side * trailing_stop))


def at_or_below(price: float, level: float, side: int) -> bool:
    """Whether a position on `side` has lost its way to `level`: equality counts."""
    return price <= level if side > 0 else price >= level


def at_or_above(price: float, level: float, side: int) -> bool:
    """Whether a position on `side` has won its way to `level`: equality counts."""
    return price >= level if side > 0 else price <= level


def protective_hit(side: int, carried: bool, candle: Candle, mark: Candle, levels: Levels) -> tuple[int, float, bool]:
    """What one bar does to a position's levels: (which was hit, at which price before slippage, ambiguous).

    A position carried into the bar meets the opening first: at or beyond a level it leaves there. Within the bar the
    losing levels are assumed to come before the target; a bar that reached both sides is ambiguous. Of the losing two
    price meets the stop first: an entry whose liquidation is nearer is refused. Liquidation goes by the `mark` prices
    and fills at the bankruptcy price, which is not told here (0).
    """
    if carried and at_or_below(mark.open, levels.liquidation, side):
        return LIQUIDATION_HIT, 0.0, False
    if carried and at_or_below(candle.open, levels.stop, side):
        return STOP_HIT, candle.open, False
    if carried and at_or_above(candle.open, levels.target, side):
        return TARGET_HIT, candle.open, False
    reached_target = at_or_above(best_of(side, candle), levels.target, side)
    if at_or_below(worst_of(side, candle), levels.stop, side):
        return STOP_HIT, levels.stop, reached_target
    if at_or_below(worst_of(side, mark), levels.liquidation, side):
        return LIQUIDATION_HIT, 0.0, reached_target
    if reached_target:
        return TARGET_HIT, levels.target, False
    return NO_HIT, 0.0, False
