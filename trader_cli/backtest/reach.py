"""How far each bar goes, and the first one that goes as far as a level: bars and blocks of them are looked at together.

Where nobody asks which bar of several it was, a comparison is one of the few that the machine makes at once; only the
group in which one holds is looked at bar by bar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from trader_cli.rules import fills
from trader_cli.rules.compiled import compilable, make_rules_compilable
from trader_cli.rules.numbers import Candle

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trader_cli.domain.bars import Floats

    type Known = NDArray[np.int32]

make_rules_compilable()

BLOCK: Final = 16
"""Bars in a block: few enough that walking one is cheap, many enough that most of a position's life is whole blocks."""

BLOCKS: Final = 8
"""Blocks that are looked at together."""


class Reach(NamedTuple):
    """How far prices go either way, openings included; behind the last of each stand some that go nowhere.

    Shape: `low` and `high` have one entry a bar, `lowest` and `highest` one a block of `BLOCK` bars, the last one maybe
    of fewer; each then at least `BLOCK` more.
    """

    low: Floats
    high: Floats
    lowest: Floats
    highest: Floats


def reach_of(opening: Floats, high: Floats, low: Floats) -> Reach:
    """How far the bars of these columns go."""
    lows, highs = _followed(np.minimum, opening, low, np.inf), _followed(np.maximum, opening, high, -np.inf)
    return Reach(lows, highs, blocks(lows, np.minimum, np.inf), blocks(highs, np.maximum, -np.inf))


def _followed(extreme: np.ufunc, one: Floats, other: Floats, nowhere: float) -> Floats:
    """The extreme of two columns, and what goes nowhere behind it."""
    found = np.empty(len(one) + BLOCK)
    extreme(one, other, out=found[: len(one)])
    found[len(one) :] = nowhere
    return found


def blocks(column: Floats, extreme: Callable[..., Floats], nowhere: float) -> Floats:
    """The extreme of each whole block of a column, and what goes nowhere behind it."""
    rows: Floats = column[: len(column) // BLOCK * BLOCK].reshape(-1, BLOCK)
    while rows.shape[1] > 1:  # in halves: numpy is slow along short rows
        half = rows.shape[1] // 2
        rows = extreme(rows[:, :half], rows[:, half:])
    return np.append(rows[:, 0], np.full(BLOCK, nowhere))


@compilable
def first_met(
    reach: Reach, known: Known, side: int, losing: float, winning: float, entered_at: int, bar: int, until: int
) -> int:
    """The first bar from `bar` on, before `until`, in which a position meets either level; else `until`.

    `known` says of each entry bar what runs of the same terms have found: up to which bar no level is met, and with a
    minus in which one is first. A position of their side has their levels if it was entered in the same bar.
    """
    if len(known) == 0:
        return first_beyond(reach, side, losing, winning, bar, until)
    found = int(known[entered_at])
    if found < 0 and -found >= bar:
        return min(until, -found)
    bar = max(bar, found)
    if bar < until:
        bar = first_beyond(reach, side, losing, winning, bar, until)
        known[entered_at] = -bar if bar < until else bar
    return min(bar, until)


@compilable
def first_beyond(reach: Reach, side: int, losing: float, winning: float, bar: int, until: int) -> int:
    """The first bar from `bar` on, before `until`, in which a position meets either level; else `until`."""
    if not _any_beyond(reach.low, reach.high, side, losing, winning, bar, BLOCK):
        block = bar // BLOCK + 1
        while block * BLOCK < until and not _any_beyond(
            reach.lowest, reach.highest, side, losing, winning, block, BLOCKS
        ):
            block += BLOCKS
        if block * BLOCK >= until:
            return until
        bar = BLOCK * _next_beyond(reach.lowest, reach.highest, side, losing, winning, block)
    return min(until, _next_beyond(reach.low, reach.high, side, losing, winning, bar))


@compilable
def _any_beyond(low: Floats, high: Floats, side: int, losing: float, winning: float, first: int, count: int) -> bool:
    """Whether any of so many entries meets a level; all are looked at, which takes no longer than one."""
    found = False
    for k in range(count):
        place = np.uintp(first + k)  # without a sign: machine code need not ask whether it counts from the end
        found |= _is_beyond(low[place], high[place], side, losing, winning)
    return found


@compilable
def _next_beyond(low: Floats, high: Floats, side: int, losing: float, winning: float, place: int) -> int:
    """The first entry from `place` on that meets a level: there must be one."""
    while not _is_beyond(low[np.uintp(place)], high[np.uintp(place)], side, losing, winning):
        place += 1
    return place


@compilable
def _is_beyond(low: float, high: float, side: int, losing: float, winning: float) -> bool:
    """Whether prices that go so far meet a level of a position."""
    reach = Candle(low, high, low)
    is_lost = fills.at_or_below(fills.worst_of(side, reach), losing, side)
    return is_lost | fills.at_or_above(fills.best_of(side, reach), winning, side)
