"""A venue's rows to bars: numbers where there are any, pages in one series, coarser bars out of finer ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trader_cli.data.candles import Candles
from trader_cli.data.placing import place
from trader_cli.data.resampling import resampled
from trader_cli.data.times import MINUTE
from trader_cli.domain.bars import Bars
from trader_cli.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.domain.bars import Ints
    from trader_cli.domain.timeframe import Timeframe, TradingHours

MILLISECOND = 1_000_000
_COLUMNS = 6


def as_candles(rows: Any, where: str, *, has_volume: bool = True) -> Candles:
    """Rows of [ms since 1970, open, high, low, close, volume]; what is no number is NaN, which nobody trades on.

    Mark prices have no volume: it is 0. Raises: DataError for what are no rows, or rows without a time.
    """
    try:
        table = np.array([[np.nan if cell is None else cell for cell in row] for row in rows], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"holds no rows of numbers ({error})", file=where) from error
    if not table.size:
        return Candles(np.empty(0, np.int64), np.empty((_COLUMNS - 1, 0)))
    if table.ndim != 2 or table.shape[1] < _COLUMNS:
        raise DataError(f"holds rows of {table.shape[-1]} cells, not {_COLUMNS}", file=where)
    if not has_volume:
        table[:, _COLUMNS - 1] = 0.0
    return Candles(_times(table[:, 0], where), np.ascontiguousarray(table[:, 1:_COLUMNS].T))


def as_rates(told: Any, where: str, raw_rate: str | None = None) -> Candles:
    """Settlements as [one row of rates], times to the nearest minute.

    `raw_rate` is the venue's own field of the rate, where it is not the client's that counts. Raises: DataError.
    """
    try:
        rates = [each["fundingRate"] if raw_rate is None else each["info"][raw_rate] for each in told]
        pairs = sorted((float(each["timestamp"]), float(rate)) for each, rate in zip(told, rates, strict=True))
    except (TypeError, ValueError, KeyError) as error:
        raise DataError(f"holds no funding rates ({error})", file=where) from error
    times = _times(np.array([time for time, _ in pairs], dtype=np.float64), where)
    values = np.array([[rate for _, rate in pairs]], dtype=np.float64)
    return Candles((times + MINUTE // 2) // MINUTE * MINUTE, values)


def spliced(pages: Sequence[Candles], first: int) -> Candles:
    """Pages of one series as one, without what opens before `first` (ns since 1970 UTC).

    Whatever order they are in stays visible: it is looked at by those who read them.
    """
    times = np.concatenate([page.open_time for page in pages])
    return Candles(times, np.concatenate([page.values for page in pages], axis=1))[times >= first]


def wanted_from(now: int, timeframe: Timeframe, limit: int) -> int:
    """Where the latest `limit` bars of a market that never closes begin, the one in progress among them."""
    return (now // timeframe.nanoseconds - limit + 1) * timeframe.nanoseconds


def made(
    candles: Candles, symbol: str, own: Timeframe, wanted: Timeframe, hours: TradingHours, now: int, limit: int
) -> Bars:
    """The latest bars of a timeframe out of a venue's own ones, oldest first, at most `limit`.

    A coarser bar is there once its last fine one is, or while it is in progress at `now` (ns since 1970 UTC).
    """
    if own is wanted or not len(candles):
        sessions = place(candles.open_time, wanted, hours).session
    else:
        fine, places = candles, place(candles.open_time, own, hours)
        candles, sessions = resampled(fine, places, own, wanted)
        length = wanted.nanoseconds
        begun = int(places.start[-1] + (fine.open_time[-1] - places.start[-1]) // length * length)
        if now < min(begun + length, int(places.end[-1])) and (not len(candles) or candles.open_time[-1] < begun):
            candles, sessions = _with_progress(candles, fine, begun), np.append(sessions, places.session[-1])
    latest = slice(max(0, len(candles) - limit), None)
    opened, high, low, close, volume = candles[latest].values
    times: Ints = candles.open_time[latest]
    return Bars(symbol, wanted, hours, times, opened, high, low, close, volume, sessions[latest])


def _with_progress(candles: Candles, fine: Candles, begun: int) -> Candles:
    """The bars and the one that began at `begun`, of what is known of it."""
    opened, high, low, close, volume = fine[fine.open_time >= begun].values
    bar = np.array([[opened[0]], [high.max()], [low.min()], [close[-1]], [volume.sum()]])
    return Candles(np.append(candles.open_time, begun), np.concatenate((candles.values, bar), axis=1))


def _times(milliseconds: Any, where: str) -> Ints:
    """Raises: DataError for a row without a time."""
    unknown = ~np.isfinite(milliseconds)
    if unknown.any():
        raise DataError("has a bar without a time", file=where, key=f"row {int(unknown.argmax()) + 1}")
    times: Ints = milliseconds.astype(np.int64) * MILLISECOND
    return times
