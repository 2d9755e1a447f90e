"""How far apart a file's bars stand, which is its timeframe."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from trader_cli.data.times import HOUR, iso
from trader_cli.domain.timeframe import Timeframe, TradingHours

if TYPE_CHECKING:
    from trader_cli.data.source import Origin
    from trader_cli.domain.bars import Ints

_BY_LENGTH = {timeframe.nanoseconds: timeframe for timeframe in Timeframe}
_HALF_HOUR = HOUR // 2  # exchange sessions open and close on whole or half hours
_A_FEW = 5  # so few bars may have holes between all of them


def own_timeframe(
    times: Ints, source: Origin, *, stated: Timeframe | None, asked: Timeframe | None, stated_by: str = "its name"
) -> Timeframe:
    """The timeframe of sorted bars: their most common distance, held against the one `stated_by` states.

    In a thin market most bars may be missing: the smallest distance will do where it is the stated one, or `asked`.
    Raises: DataError where the distance is no timeframe or another than the stated one.
    """
    if len(times) == 1:
        single = stated or asked
        if single is None:
            raise source.refusal("holds a single bar, which tells no timeframe; name it <SYMBOL>-<timeframe>")
        return single
    closest, commonest = _steps(times)
    for expected in (stated, asked):
        if expected is not None and expected.nanoseconds == closest:  # a thin market: holes between most of its bars
            return expected
    found = _BY_LENGTH.get(commonest)
    if stated is not None and found is None and len(times) <= _A_FEW and commonest % stated.nanoseconds == 0:
        return stated
    if found is None:
        known = " ".join(Timeframe)
        raise source.refusal(f"its bars are {_words(commonest)} apart, which is no timeframe ({known})")
    if stated not in (None, found):
        raise source.refusal(f"its bars are {_words(commonest)} apart, but {stated_by} says {stated}")
    return found


def _steps(times: Ints) -> tuple[int, int]:
    """The smallest and the most common distance between neighbours."""
    import numpy as np

    steps = np.diff(times)
    if (steps == steps[0]).all():
        return int(steps[0]), int(steps[0])
    lengths, counts = np.unique(steps, return_counts=True)
    return int(lengths[0]), int(lengths[counts.argmax()])


def demand_on_grid(
    times: Ints, timeframe: Timeframe, hours: TradingHours, source: Origin, rows: Ints | None = None
) -> None:
    """Raises: DataError naming the first bar that does not begin where bars of this length begin.

    `rows` are the rows of the file in which the times stand, where they were sorted.
    """
    grid = timeframe.nanoseconds
    if hours is not TradingHours.CONTINUOUS and timeframe is not Timeframe.D1:
        grid = min(grid, _HALF_HOUR)
    off = times % grid != 0
    if off.any():
        first = int(off.argmax())
        row = first if rows is None else int(rows[first])
        raise source.refusal(f"{iso(int(times[first]))} is off the grid of {timeframe} bars (open times, UTC)", row=row)


def _words(nanoseconds: int) -> str:
    return f"{nanoseconds} ns" if nanoseconds < 1000 else str(timedelta(microseconds=nanoseconds // 1000))
