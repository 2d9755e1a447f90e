"""What a venue answers, looked at before anybody trades on it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trader_cli.data.candles import Candles, sound
from trader_cli.data.closing import closing_times
from trader_cli.data.spacing import demand_on_grid
from trader_cli.data.times import iso
from trader_cli.errors import DataError, TraderError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from trader_cli.domain.bars import Bars

READ_SECONDS = 15.0
"""How long a venue may take over one answer, whatever its client thinks of that."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """Where a row stands that is refused."""

    symbol: str

    def refusal(self, message: str, *, row: int | None = None) -> DataError:
        """The error that names it."""
        return DataError(f"the venue's bars of {self.symbol}: {message}")


async def answered[T](answer: Awaitable[T], symbol: str) -> T:
    """What a venue answers. Raises: Unavailable where it does not in time, or its adapter breaks down; as it says."""
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await answer
    except TraderError:
        raise
    except TimeoutError:
        raise Unavailable(f"no answer about {symbol} within {READ_SECONDS:g} s") from None
    except Exception as error:  # an adapter may be anybody's: one symbol's trouble is not the others'
        raise Unavailable(f"{symbol}: {type(error).__name__}: {error}") from error


def closed(bars: Bars, now: int) -> Bars:
    """The bars that have closed by `now` (ns), all of them as bars must be.

    Raises: DataError naming the first that is out of order, off the grid, from the future, or no sound bar.
    """
    times, answer = bars.open_time, _Answer(bars.symbol)
    if not len(times):
        return bars
    backwards = np.diff(times) <= 0
    if backwards.any():
        where = iso(int(times[1 + int(backwards.argmax())]))
        raise answer.refusal(f"{where} stands behind the same time, or a later one")
    if times[-1] >= now + bars.timeframe.nanoseconds:
        raise answer.refusal(f"{iso(int(times[-1]))} is in the future")
    demand_on_grid(times, bars.timeframe, bars.hours, answer)
    done = int(np.searchsorted(closing_times(times, bars.timeframe, bars.hours), now, side="right"))
    told = bars.slice(0, done)
    sound(Candles(told.open_time, np.array([told.open, told.high, told.low, told.close, told.volume])), answer)
    return told
