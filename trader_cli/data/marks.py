"""Mark prices: what a venue reckons margin and funding on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trader_cli.data.catalog import Kind, beside
from trader_cli.data.reading import load_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trader_cli.data.catalog import DataFile
    from trader_cli.data.reading import Series
    from trader_cli.domain.bars import Bars, Floats, Ints, Mask
    from trader_cli.domain.timeframe import Timeframe, TradingHours

type MarkFiles = dict[Timeframe, tuple[DataFile, ...]]


def mark_files(trades: Path) -> MarkFiles:
    """The files of mark prices beside a file of trades, by timeframe, the finest first."""
    files = beside(trades, Kind.MARK)
    lengths = {file.timeframe for file in files if file.timeframe is not None}
    return {
        length: tuple(file for file in files if file.timeframe is length)
        for length in sorted(lengths, key=lambda length: length.nanoseconds)
    }


def load_marks(files: MarkFiles, symbol: str, hours: TradingHours) -> tuple[Series, ...]:
    """Each series of mark prices at its own timeframe, in the order of `files`. Raises: DataError as for bars."""
    return tuple(load_files(parts, symbol, timeframe, hours) for timeframe, parts in files.items())


def marks_of_bars(files: MarkFiles, bars: Bars) -> tuple[Bars, Mask] | None:
    """The mark prices in the rows of `bars`, and which rows have some; the others hold the bar's own prices.

    Taken from the series of the bars' timeframe, else from the coarsest of which their bars can be made; None
    where there is none, as mark prices of longer bars do not tell when a level was reached.
    Raises: DataError where a file is not sound.
    """
    fitting = [timeframe for timeframe in files if timeframe.divides(bars.timeframe)]
    if not fitting:
        return None
    marks = load_files(files[fitting[-1]], bars.symbol, bars.timeframe, bars.hours).bars
    return _aligned(marks, bars)


def _aligned(marks: Bars, bars: Bars) -> tuple[Bars, Mask]:
    import numpy as np

    rows = np.minimum(np.searchsorted(marks.open_time, bars.open_time), len(marks) - 1)
    there = marks.open_time[rows] == bars.open_time

    def column(mark: Floats, own: Floats) -> Floats:
        return np.where(there, mark[rows], own)

    return replace(
        bars,
        open=column(marks.open, bars.open),
        high=column(marks.high, bars.high),
        low=column(marks.low, bars.low),
        close=column(marks.close, bars.close),
    ), there


def last_known(times: Ints, series: Sequence[Bars]) -> Floats:
    """The price that was known last at each time: the open of a bar once it has begun, its close once it has ended.

    Of several series the one that knows a price of the later moment counts, of equal moments the earlier series.
    So nothing that happened after a time has a part in its price. NaN before the first bar of every series.
    """
    import numpy as np

    prices = np.full(len(times), np.nan)
    moments = np.full(len(times), np.iinfo(np.int64).min)
    for bars in series:
        rows = np.searchsorted(bars.open_time, times, side="right") - 1
        begun = bars.open_time[rows]
        ended = begun + bars.timeframe.nanoseconds
        moment = np.where(ended <= times, ended, begun)
        later = (rows >= 0) & (moment > moments)
        prices[later] = np.where(ended <= times, bars.close[rows], bars.open[rows])[later]
        moments[later] = moment[later]
    return prices
