"""A venue in this process: it answers from recorded bars what it would have answered then, or what it should not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from trader_cli.data.closing import closing_times
from trader_cli.domain.clock import to_nanoseconds
from trader_cli.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trader_cli.data.candles import Candles
    from trader_cli.domain.bars import Bars
    from trader_cli.domain.timeframe import Timeframe
    from trader_cli.ports import Clock

    type Mischief = Callable[[Bars, int], Bars]
    """What becomes of all the bars that a symbol has by now (ns), before the limit cuts them."""

COLUMNS = ("open_time", "open", "high", "low", "close", "volume", "session")


class RecordedVenue:
    """Market data as of the clock's time: the bars that have closed, and the one in progress with what there is of it.

    `mischief` by symbol is applied in its order. `most` is the limit of one call. A symbol in `hanging` never answers.
    Contracts have bars in mark prices (`marked`) and funding rates (`settled`, known so many ns after they were).
    """

    def __init__(self, series: Sequence[Bars], clock: Clock, *, most: int | None = None) -> None:
        self._series = {bars.symbol: bars for bars in series}
        self._closes = {bars.symbol: closing_times(bars.open_time, bars.timeframe, bars.hours) for bars in series}
        self._clock, self._most = clock, most
        self.marked: dict[str, Bars] = {}
        self.settled: dict[str, tuple[Candles, int]] = {}
        self.mischief: dict[str, list[Mischief]] = {}
        self.hanging: set[str] = set()
        self.asked: list[tuple[str, int]] = []
        self.is_closed = False

    async def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        self.asked.append((symbol, limit))
        if symbol in self.hanging:
            await asyncio.Event().wait()
        bars, now = self._series[symbol], to_nanoseconds(self._clock.now())
        assert bars.timeframe is timeframe
        closed = int(self._closes[symbol].searchsorted(now, side="right"))
        most = limit if self._most is None else min(limit, self._most)
        mischief = self.mischief.get(symbol, ())
        known = bars.slice(0 if mischief else max(0, closed - most), closed)
        if closed < len(bars) and bars.open_time[closed] <= now:
            known = joined(known, in_progress(bars.slice(closed, closed + 1), int(self._closes[symbol][closed]), now))
        for each in mischief:
            known = each(known, now)
        return known.slice(max(0, len(known) - most), len(known))

    async def marks(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars | None:
        if symbol not in self.marked:
            return None
        assert self.marked[symbol].timeframe is timeframe
        marks = self.marked[symbol].until(to_nanoseconds(self._clock.now()))
        return marks.slice(max(0, len(marks) - limit), len(marks))

    async def rates(self, symbol: str, start: int, end: int) -> Candles | None:
        if symbol not in self.settled:
            return None
        rates, lag = self.settled[symbol]
        known = min(end, to_nanoseconds(self._clock.now()) - lag)
        return rates[(rates.open_time >= start) & (rates.open_time <= known)]

    async def open(self) -> None:
        """It is."""

    async def close(self) -> None:
        self.is_closed = True


def joined(*parts: Bars) -> Bars:
    return replace(parts[0], **{name: np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS})


def rows(bars: Bars, which: Sequence[int] | np.ndarray) -> Bars:  # type: ignore[type-arg]
    """The rows of these numbers, or where this mask holds."""
    return replace(bars, **{name: getattr(bars, name)[which] for name in COLUMNS})


def in_progress(bar: Bars, closes: int, now: int) -> Bars:
    """A bar of which a part has been traded: its price is on the way from its opening to its close."""
    done = (now - bar.open_time) / (closes - bar.open_time)

    def on_the_way(price: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        return bar.open + done * (price - bar.open)

    return replace(
        bar, high=on_the_way(bar.high), low=on_the_way(bar.low), close=on_the_way(bar.close), volume=done * bar.volume
    )


def late(times: Mapping[int, int] | set[int], by: int = 0) -> Mischief:
    """These bars are there only so many ns after their close."""

    def apply(bars: Bars, now: int) -> Bars:
        due = closing_times(bars.open_time, bars.timeframe, bars.hours)
        delay = np.array([times[t] if isinstance(times, dict) else by if t in times else 0 for t in bars.open_time])
        return rows(bars, due + delay <= np.maximum(now, due * (delay == 0)))

    return apply


def missing(times: set[int]) -> Mischief:
    """Nothing was traded in these bars."""
    return lambda bars, _: rows(bars, ~np.isin(bars.open_time, list(times)))


def frozen(since: int, until: int) -> Mischief:
    """From one time to another the venue goes on telling of the bars that opened before the first."""
    return lambda bars, now: bars.until(since - 1) if since <= now < until else bars


def between(since: int, until: int, mischief: Mischief) -> Mischief:
    """Something that is so for a while."""
    return lambda bars, now: mischief(bars, now) if since <= now < until else bars


def newest_first(bars: Bars, now: int) -> Bars:
    return rows(bars, np.arange(len(bars))[::-1])


def duplicated(bars: Bars, now: int) -> Bars:
    """The last bar stands there twice."""
    return joined(bars, bars.slice(len(bars) - 1, len(bars)))


def spoiled(time: int, **values: float) -> Mischief:
    """A bar has other values: NaN, zero, or merely revised ones."""

    def apply(bars: Bars, now: int) -> Bars:
        here = bars.open_time == time
        columns: dict[str, Any] = {name: np.where(here, value, getattr(bars, name)) for name, value in values.items()}
        return replace(bars, **columns)

    return apply


def from_the_future(bars: Bars, now: int) -> Bars:
    """A bar of tomorrow stands at the end."""
    last = bars.slice(len(bars) - 1, len(bars))
    return joined(bars, replace(last, open_time=last.open_time + 86_400_000_000_000))


def off_the_grid(bars: Bars, now: int) -> Bars:
    """Every bar begins a second late."""
    return replace(bars, open_time=bars.open_time + 1_000_000_000)


def failing(error: Exception | None = None) -> Mischief:
    def apply(bars: Bars, now: int) -> Bars:
        raise error or Unavailable("the venue says 503")

    return apply
