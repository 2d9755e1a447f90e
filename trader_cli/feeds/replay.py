"""History told one bar at a time, and its clock: what a session trades on in a replay."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np

from trader_cli.data.closing import closing_times
from trader_cli.domain.clock import EPOCH, from_nanoseconds
from trader_cli.domain.cycle import Cycle, MarketBar, bar_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from trader_cli.domain.bars import Bars, Ints
    from trader_cli.domain.market import Market
    from trader_cli.ports import Clock, Meanwhile


SLICE = 0.5
"""Seconds after which a waiting replay looks up: a kill switch works within one."""


class ReplayClock:
    """The time of the last event. With a `speed` it takes the market's time divided by that; without, none."""

    def __init__(self, speed: float | None = None) -> None:
        self._speed = speed
        self._now = EPOCH

    def now(self) -> datetime:
        """The time of the replay."""
        return self._now

    async def reach(self, time: datetime, meanwhile: Meanwhile | None = None) -> None:
        """Makes it `time`, after the wait that the speed asks for."""
        wait = 0.0
        if self._speed is not None and self._now > EPOCH:
            wait = max(0.0, (time - self._now).total_seconds()) / self._speed
        while wait > SLICE:
            await asyncio.sleep(SLICE)
            if meanwhile is not None:
                await meanwhile()
            wait -= SLICE
        await asyncio.sleep(wait)  # also without a wait: others, and a signal to stop, get their turn
        self._now = max(self._now, time)


class ReplayFeed:
    """The bars of several symbols, from `start` (ns since 1970 UTC) on; those before it are the history."""

    def __init__(self, markets: Sequence[Market], clock: Clock, *, start: int | None = None) -> None:
        self._clock = clock
        self._tapes = [_Tape(market, start) for market in markets]
        self._times = np.unique(np.concatenate([tape.times for tape in self._tapes]))

    def __len__(self) -> int:
        """How many cycles there are."""
        return len(self._times)

    @property
    def begins(self) -> datetime:
        """When the first bar opens."""
        return from_nanoseconds(self._times[0]) if len(self) else EPOCH

    async def history(self, symbol: str, bars: int) -> Bars:
        """At most so many bars of a symbol before the start."""
        tape = next(tape for tape in self._tapes if tape.market.symbol == symbol)
        return tape.market.bars.slice(max(0, tape.first - bars), tape.first)

    async def moments(self, meanwhile: Meanwhile) -> AsyncIterator[Cycle]:
        """Each moment at which bars closed, when it is that time."""
        bars = self._tapes[0].market.bars
        closes = closing_times(self._times, bars.timeframe, bars.hours).tolist()
        for open_time, closed in zip(self._times.tolist(), closes, strict=True):
            present = {tape.market.symbol: tape.next() for tape in self._tapes if tape.waits_for == open_time}
            closed_at = from_nanoseconds(closed)
            await self._clock.reach(closed_at, meanwhile)
            yield Cycle(open_time, closed_at, present)


class _Tape:
    """One symbol's bars and how far they have been told."""

    def __init__(self, market: Market, start: int | None) -> None:
        bars = market.bars
        self.market = market
        self.first = 0 if start is None else int(np.searchsorted(bars.open_time, start))
        self._row = self.first
        self._inside = None if market.detail is None else _edges(market.detail, bars)
        self.waits_for = self._time()

    @property
    def times(self) -> Ints:
        """The open times of the bars to be told."""
        return self.market.bars.open_time[self.first :]

    def next(self) -> MarketBar:
        """The next bar."""
        row, market = self._row, self.market
        self._row += 1
        self.waits_for = self._time()
        return MarketBar(
            bar=bar_at(market.bars, row),
            mark=None if market.mark is None else bar_at(market.mark, row),
            funding_due=0.0 if market.funding_due is None else float(market.funding_due[row]),
            inside=self._detail(row),
        )

    def _time(self) -> int | None:
        """The open time of the next bar; None after the last."""
        bars = self.market.bars
        return int(bars.open_time[self._row]) if self._row < len(bars) else None

    def _detail(self, row: int) -> Bars | None:
        if self._inside is None or self.market.detail is None:
            return None
        first, last = self._inside
        return self.market.detail.slice(int(first[row]), int(last[row]))


def _edges(fine: Bars, coarse: Bars) -> tuple[Ints, Ints]:
    """For each coarse bar the first finer row inside it, and the first one after it."""
    return (
        np.searchsorted(fine.open_time, coarse.open_time),
        np.searchsorted(fine.open_time, coarse.open_time + coarse.timeframe.nanoseconds),
    )
