"""What a venue tells of a past span, held against what it can be: nothing else gets into a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from trader_cli.data.candles import ordered, sound
from trader_cli.data.funding import checked_rates
from trader_cli.data.spacing import demand_on_grid
from trader_cli.data.times import HOUR, iso
from trader_cli.domain.timeframe import TradingHours
from trader_cli.errors import DataError

if TYPE_CHECKING:
    from trader_cli.data.candles import Candles
    from trader_cli.domain.bars import Ints
    from trader_cli.domain.timeframe import Timeframe

ENOUGH = 20
"""So many bars tell how far apart they can stand; in a thin market a few may not."""


@dataclass(frozen=True, slots=True, eq=False)
class Telling:
    """Where rows came from, for a refusal that names venue, symbol and time."""

    where: str
    times: Ints
    word: str = "bar"

    def refusal(self, message: str, *, row: int | None = None, key: str | None = None) -> DataError:
        """The error that names the place and, where known, the row's time."""
        return DataError(
            message, file=self.where, key=key if row is None else f"the {self.word} of {iso(int(self.times[row]))}"
        )


def verified_bars(told: Candles, where: str, timeframe: Timeframe, start: int, now: int) -> Candles:
    """The same bars. Units: ns since 1970 UTC.

    Raises: DataError for what is not in order, opens before `start`, or after `now`, stands off the grid, is of a
    coarser timeframe, or has closed by `now` without sound numbers.
    """
    if not len(told):
        return told
    telling = Telling(where, told.open_time)
    ordered(told, telling)
    _demand_inside(telling, start, now + timeframe.nanoseconds)
    demand_on_grid(told.open_time, timeframe, TradingHours.CONTINUOUS, telling)
    _demand_fine(telling, timeframe)
    sound(told[told.open_time + timeframe.nanoseconds <= now], telling)
    return told


def verified_rates(told: Candles, where: str, start: int, now: int) -> Candles:
    """The same funding rates. Units and Raises: as `verified_bars`."""
    telling = Telling(where, told.open_time, "settlement")
    checked_rates(told, telling)
    _demand_inside(telling, start, now + HOUR)
    return told


def _demand_inside(telling: Telling, start: int, latest: int) -> None:
    early, late = telling.times < start, telling.times > latest
    if early.any():
        raise telling.refusal(f"lies before {iso(start)}, from which on it was asked", row=int(early.argmax()))
    if late.any():
        raise telling.refusal("lies in the future", row=int(late.argmax()))


def _demand_fine(telling: Telling, timeframe: Timeframe) -> None:
    """That the bars are not all those of a coarser timeframe."""
    if len(telling.times) < ENOUGH:
        return
    apart = int(np.gcd.reduce(np.diff(telling.times)))
    if apart > timeframe.nanoseconds:
        words = timedelta(microseconds=apart // 1000)
        raise telling.refusal(f"its bars are {words} apart, or multiples of it; those of {timeframe} were asked for")
