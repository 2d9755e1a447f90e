"""Finer bars to coarser ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.data.candles import Candles
from trader_cli.data.times import DAY
from trader_cli.domain.timeframe import Timeframe

if TYPE_CHECKING:
    from trader_cli.data.placing import Places
    from trader_cli.domain.bars import Ints


def resampled(fine: Candles, places: Places, own: Timeframe, wanted: Timeframe) -> tuple[Candles, Ints]:
    """Bars of `wanted`, counted from each session's opening, and their sessions.

    A bucket in which some bars are missing is built from the others. The first and the last are dropped where
    the series begins after their beginning or ends before their end: such a bar never stood anywhere whole.
    """
    import numpy as np

    length = wanted.nanoseconds
    begins = places.start + (fine.open_time - places.start) // length * length
    ends = np.minimum(begins + length, places.end)
    first = np.flatnonzero(np.diff(begins, prepend=begins[:1] - 1))
    labels = places.session[first] * DAY if wanted is Timeframe.D1 else begins[first]
    opened, high, low, close, volume = fine.values
    last = np.append(first[1:], len(fine)) - 1
    values = np.stack(
        [
            opened[first],
            np.maximum.reduceat(high, first),
            np.minimum.reduceat(low, first),
            close[last],
            np.add.reduceat(volume, first),
        ]
    )
    start = int(fine.open_time[0] > begins[0])
    stop = len(first) - int(fine.open_time[-1] + own.nanoseconds < ends[-1])
    whole = slice(start, max(start, stop))
    return Candles(labels, values)[whole], places.session[first][whole]
