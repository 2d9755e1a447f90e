"""A venue's closed bars as they come: asked for when they are due, waited for a little, caught up with when missed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from trader_cli.data.closing import closing_times, latest_open, next_close
from trader_cli.domain.clock import from_nanoseconds, to_nanoseconds
from trader_cli.domain.cycle import Cycle, MarketBar, Settled, Trouble, bar_at
from trader_cli.errors import TraderError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

    from trader_cli.domain.bars import Bars, Ints
    from trader_cli.domain.cycle import Moment
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.ports import Clock, MarketData, Meanwhile

SETTLING = timedelta(seconds=1)
"""How long after its close a bar is first asked for."""

PATIENCE = timedelta(seconds=20)
"""How long a bar that is due may be missing; after that there was none."""

AGAIN = timedelta(seconds=2)
"""How long until a missing bar is asked for again."""

SPARE = 2
"""Bars asked for beyond those that are wanted: one may be open still, one may close while asking."""


class VenueFeed:
    """The bars of several symbols from the latest closed one on, or from the first that a session has not seen.

    `after` (ns since 1970 UTC) is the open time of the last bar it has seen.
    """

    def __init__(
        self,
        market: MarketData,
        symbols: Sequence[str],
        timeframe: Timeframe,
        hours: TradingHours,
        clock: Clock,
        *,
        after: int | None = None,
        poll_seconds: float | None = None,
    ) -> None:
        self._market, self._clock = market, clock
        self._symbols, self._timeframe, self._hours = tuple(symbols), timeframe, hours
        self._told: dict[str, int] = {}
        self._told_to: int | None = after
        self._resumed = after

    async def history(self, symbol: str, bars: int) -> Bars:
        """The closed bars before the first cycle's: before the latest one, or up to where a session was cut off.

        Raises: Unavailable, DataError.
        """
        closed = await self._closed(symbol, bars + 1)
        if self._resumed is None:
            end = len(closed) - 1
        else:
            end = int(np.searchsorted(closed.open_time, self._resumed, side="right"))
        return closed.slice(max(0, end - bars), max(0, end))

    async def moments(self, meanwhile: Meanwhile) -> AsyncIterator[Moment]:
        """Each close, when its bars are there; a symbol that fails is told of, and the others go on."""
        while True:
            due = self._due()
            fresh, troubles = await self._fresh()
            waited = self._clock.now()
            while self._is_incomplete(fresh, due) and self._clock.now() - waited < PATIENCE:
                await self._clock.reach(self._clock.now() + AGAIN, meanwhile)
                fresh, troubles = await self._fresh()
            for trouble in troubles:
                yield trouble
            for cycle in self._merged(fresh):
                yield cycle
            yield Settled(self._clock.now())
            close = next_close(to_nanoseconds(self._clock.now()), self._timeframe, self._hours)
            await self._clock.reach(from_nanoseconds(close) + SETTLING, meanwhile)

    def _due(self) -> int | None:
        """The open time of the bar that every symbol should have by now; None where that is not known yet."""
        if self._told_to is None:
            return None
        return latest_open(to_nanoseconds(self._clock.now()), self._timeframe, self._hours)

    def _is_incomplete(self, fresh: Mapping[str, Bars], due: int | None) -> bool:
        return (
            due is not None
            and due > (self._told_to or 0)
            and any(not len(bars) or bars.open_time[-1] < due for bars in fresh.values())
        )

    async def _fresh(self) -> tuple[dict[str, Bars], list[Trouble]]:
        """The closed bars of each symbol that have not been told; all symbols are asked at once."""
        answers = await asyncio.gather(*(self._untold(symbol) for symbol in self._symbols), return_exceptions=True)
        fresh: dict[str, Bars] = {}
        troubles = []
        for symbol, answer in zip(self._symbols, answers, strict=True):
            if isinstance(answer, TraderError):
                troubles.append(Trouble(symbol, self._clock.now(), str(answer)))
            elif isinstance(answer, BaseException):
                raise answer
            else:
                fresh[symbol] = answer
        return fresh, troubles

    async def _untold(self, symbol: str) -> Bars:
        if self._told_to is None:
            closed = await self._closed(symbol, 1)
            return closed.slice(max(0, len(closed) - 1), len(closed))
        behind = to_nanoseconds(self._clock.now()) - self._told_to
        closed = await self._closed(symbol, behind // self._timeframe.nanoseconds + 1)
        return closed.slice(int(np.searchsorted(closed.open_time, self._told_to, side="right")), len(closed))

    async def _closed(self, symbol: str, wanted: int) -> Bars:
        """The latest bars that have closed, by our clock."""
        bars = await self._market.bars(symbol, self._timeframe, wanted + SPARE)
        now = to_nanoseconds(self._clock.now())
        return bars.slice(0, int(np.searchsorted(self._closes(bars.open_time), now, side="right")))

    def _closes(self, open_times: Ints) -> Ints:
        return closing_times(open_times, self._timeframe, self._hours)

    def _merged(self, fresh: Mapping[str, Bars]) -> Iterator[Cycle]:
        """One cycle a moment, oldest first; all but the newest, or what is a bar old, come late."""
        times = np.unique(np.concatenate([bars.open_time for bars in fresh.values()] or [np.empty(0, np.int64)]))
        now = to_nanoseconds(self._clock.now())
        for open_time, closed in zip(times.tolist(), self._closes(times).tolist(), strict=True):
            present = {
                symbol: MarketBar(bar_at(bars, int(np.searchsorted(bars.open_time, open_time))))
                for symbol, bars in fresh.items()
                if open_time in bars.open_time
            }
            self._told_to = open_time
            is_late = open_time != times[-1] or now - closed >= self._timeframe.nanoseconds
            yield Cycle(open_time, from_nanoseconds(closed), present, is_late)
