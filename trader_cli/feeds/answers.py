"""What a venue answered, held against what an answer can be: nobody trades on the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from trader_cli.data.candles import Candles, ordered, sound
from trader_cli.data.closing import closing_times
from trader_cli.data.placing import place
from trader_cli.data.spacing import demand_on_grid, own_timeframe
from trader_cli.data.times import iso
from trader_cli.domain.timeframe import TradingHours
from trader_cli.errors import DataError

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars, Ints, Mask

ENOUGH = 20
"""So many bars tell how far apart they stand; in a thin market a few may not."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Where bars came from, for a refusal that names the symbol and the bar."""

    symbol: str
    times: Ints

    def refusal(self, message: str, *, row: int | None = None, key: str | None = None) -> DataError:
        """The error that names the symbol and, where known, the bar."""
        where = key if row is None else f"the bar of {iso(int(self.times[row]))}"
        return DataError(message, file=f"the venue's answer for {self.symbol}", key=where)


def closed_part(bars: Bars, now: int) -> Bars:
    """The bars that have closed by `now` (ns since 1970 UTC), those inside the market's hours.

    Raises: DataError where the answer cannot be: not in order, from the future, off the grid, of another timeframe, or
    no sound numbers in what has closed.
    """
    answer = Answer(bars.symbol, bars.open_time)
    timeframe, hours = bars.timeframe, bars.hours
    candles = ordered(_candles(bars), answer)
    beyond = bars.open_time > now + timeframe.nanoseconds
    if beyond.any():
        raise answer.refusal(f"lies in the future: it is {iso(now)} here", row=int(beyond.argmax()))
    demand_on_grid(bars.open_time, timeframe, hours, answer)
    if len(bars) >= ENOUGH:
        own_timeframe(bars.open_time, answer, stated=timeframe, asked=None, stated_by="what was asked for")
    keep = _inside(bars, answer)
    if keep is not None:
        bars, candles = _rows(bars, keep), candles[keep]
    closed = int(closing_times(bars.open_time, timeframe, hours).searchsorted(now, side="right"))
    sound(candles[:closed], Answer(bars.symbol, bars.open_time))
    return bars.slice(0, closed)


def _candles(bars: Bars) -> Candles:
    return Candles(bars.open_time, np.stack((bars.open, bars.high, bars.low, bars.close, bars.volume)))


def _inside(bars: Bars, answer: Answer) -> Mask | None:
    """Which bars are inside the market's hours; None: all.

    Raises: DataError for one that does not begin where its session's bars do.
    """
    if bars.hours is TradingHours.CONTINUOUS or not len(bars):
        return None
    places = place(bars.open_time, bars.timeframe, bars.hours)
    stray = places.inside & (places.phase != 0)
    if stray.any():
        row = int(stray.argmax())
        raise answer.refusal(f"does not begin a whole number of {bars.timeframe} bars after the opening", row=row)
    keep = places.inside & ~places.odd
    return None if keep.all() else keep


def _rows(bars: Bars, keep: Mask) -> Bars:
    columns = ("open_time", "open", "high", "low", "close", "volume", "session")
    return replace(bars, **{name: getattr(bars, name)[keep] for name in columns})
