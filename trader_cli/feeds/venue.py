"""A venue's closed bars as they come: asked for when they are due, waited for a little, caught up with when missed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from trader_cli.data.closing import closing_times, latest_open, next_close
from trader_cli.data.placing import place
from trader_cli.domain.clock import from_nanoseconds, iso, to_nanoseconds
from trader_cli.domain.cycle import Cycle, Glimpse, MarketBar, Notice, Settled, Trouble, bar_at
from trader_cli.errors import TraderError
from trader_cli.feeds.answers import answered, closed
from trader_cli.feeds.revisions import Revisions, prices_at
from trader_cli.feeds.waiting import Patience

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
    from datetime import datetime

    from trader_cli.domain.bars import Bars
    from trader_cli.domain.cycle import Moment
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.ports import Clock, MarketData, Meanwhile

SETTLING = timedelta(seconds=1)
"""How long after its close a bar is first asked for."""

PATIENCE = timedelta(seconds=10)
"""How long after its close a bar may be missing; after that there was none."""

AGAIN = timedelta(seconds=2)
"""How long until a missing bar is asked for again."""

SPARE = 2
"""Bars asked for beyond those that are wanted: one may be open still, one may close while asking."""

STALE = 2
"""So many bars behind what is due, a symbol is in trouble."""


@dataclass(slots=True)
class _Pass:
    """What one look at all symbols gave: bars that were not told yet, and what went wrong."""

    fresh: dict[str, Bars] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


class VenueFeed:
    """The bars of several symbols from the latest closed one on, or from the first that a session has not seen.

    `after` (ns since 1970 UTC) is the open time of the last bar it has seen. Between two closes prices are looked at
    every `poll_seconds`; None: never.
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
        self._told_to = self._resumed = after
        self._latest: dict[str, int] = {}
        self._revisions = Revisions()
        self._patience = Patience(clock, None if poll_seconds is None else timedelta(seconds=poll_seconds))

    async def history(self, symbol: str, bars: int) -> Bars:
        """The closed bars before the first cycle's: before the latest one, or up to where a session was cut off.

        Raises: Unavailable, DataError.
        """
        if self._resumed is None:
            found = await self._closed(symbol, bars + 1)
            end = len(found) - 1
        else:
            found = await self._closed(symbol, bars + self._behind(self._resumed))
            end = int(np.searchsorted(found.open_time, self._resumed, side="right"))
        return found.slice(max(0, end - bars), max(0, end))

    async def moments(self, meanwhile: Meanwhile) -> AsyncIterator[Moment]:
        """Each close, when its bars are there; a symbol that fails is told of, and the others go on."""
        while True:
            due = self._due()
            seen = await self._look()
            until = self._close_of(due) + PATIENCE
            while self._is_incomplete(seen, due) and self._clock.now() < until:
                await self._clock.reach(self._clock.now() + AGAIN, meanwhile)
                seen = await self._look()
            for moment in (*self._noticed(seen), *self._troubles(seen, due), *self._cycles(seen.fresh, due)):
                yield moment
                await asyncio.sleep(0)  # however much is made up for, a signal to stop gets its turn
            yield Settled(self._clock.now())
            async for moment in self._wait(due, meanwhile):
                yield moment

    async def _wait(self, due: int, meanwhile: Meanwhile) -> AsyncIterator[Moment]:
        """Until the bar after the one that was `due` closes, with a look at the prices now and then.

        However long the last look has taken: a bar that closed meanwhile is asked for at once.
        """
        after = to_nanoseconds(self._close_of(due))
        close = from_nanoseconds(next_close(after, self._timeframe, self._hours))
        is_open = close - self._clock.now() <= self._timeframe.duration
        async for _ in self._patience.until(close + SETTLING, meanwhile, is_polling=is_open):
            prices = await self._prices()
            if prices:
                yield Glimpse(self._clock.now(), prices)

    async def _prices(self) -> dict[str, float]:
        """The latest price of each symbol; one that fails now is left out: the close will tell."""
        asked = (answered(self._market.price(symbol, self._timeframe), symbol) for symbol in self._symbols)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        found = {}
        for symbol, price in zip(self._symbols, answers, strict=True):
            if isinstance(price, BaseException) and not isinstance(price, TraderError):
                raise price
            if isinstance(price, float) and np.isfinite(price) and price > 0:
                found[symbol] = price
        return found

    def _due(self) -> int:
        """The open time of the bar that every symbol should have by now."""
        return latest_open(to_nanoseconds(self._clock.now()), self._timeframe, self._hours)

    def _close_of(self, open_time: int) -> datetime:
        return from_nanoseconds(int(closing_times(np.array([open_time]), self._timeframe, self._hours)[0]))

    def _is_incomplete(self, seen: _Pass, due: int) -> bool:
        """Whether the bar that is due is missing where nothing else is wrong."""
        if self._told_to is not None and due <= self._told_to:
            return False
        return any(not len(bars) or bars.open_time[-1] < due for bars in seen.fresh.values())

    async def _look(self) -> _Pass:
        """The closed bars of each symbol that were not told; all symbols are asked at once."""
        answers = await asyncio.gather(*(self._untold(symbol) for symbol in self._symbols), return_exceptions=True)
        seen = _Pass()
        for symbol, answer in zip(self._symbols, answers, strict=True):
            if isinstance(answer, TraderError):
                seen.troubles.append(Trouble(symbol, self._clock.now(), str(answer)))
            elif isinstance(answer, BaseException):
                raise answer
            else:
                seen.fresh[symbol], notices = answer
                seen.notices += notices
        return seen

    async def _untold(self, symbol: str) -> tuple[Bars, list[str]]:
        """A symbol's closed bars that were not told, and what is to be said of those that were."""
        told = self._told_to
        if told is None:
            found = await self._closed(symbol, 1)
            return found.slice(max(0, len(found) - 1), len(found)), []
        found = await self._closed(symbol, self._behind(told) + 1)
        said = [
            f"{symbol}: the bar of {iso(from_nanoseconds(time))} was revised after its close"
            for time in self._revisions.of(found)
        ]
        if len(found):
            self._latest[symbol] = int(found.open_time[-1])
            first = int(found.open_time[0])
            if first > told and self._steps(told, first) > 1:
                span = f"after {iso(from_nanoseconds(told))} and before {iso(from_nanoseconds(first))}"
                said.append(f"{symbol}: what was {span} is unknown, the venue does not go back so far")
        return found.slice(int(np.searchsorted(found.open_time, told, side="right")), len(found)), said

    async def _closed(self, symbol: str, wanted: int) -> Bars:
        """The latest bars that have closed, by our clock."""
        bars = self._market.bars(symbol, self._timeframe, wanted + SPARE)
        return closed(await answered(bars, symbol), to_nanoseconds(self._clock.now()))

    def _behind(self, open_time: int) -> int:
        """How many bars there may be from one on to the latest, that one included."""
        return max(0, self._steps(open_time, self._due())) + 1

    def _steps(self, one: int, other: int) -> int:
        """How many bars another one is behind, as the market counts them."""
        if other <= one:
            return 0
        slots = place(np.array([one, other]), self._timeframe, self._hours).slot
        return int(slots[1] - slots[0])

    def _noticed(self, seen: _Pass) -> Iterator[Notice]:
        """What is worth a word and no symbol's fault."""
        now = self._clock.now()
        for message in (*self._patience.noticed(), *seen.notices):
            yield Notice(now, message)

    def _troubles(self, seen: _Pass, due: int) -> Iterator[Trouble]:
        """What went wrong, and which symbols have shown nothing new for too long."""
        yield from seen.troubles
        for symbol, bars in seen.fresh.items():
            latest = int(bars.open_time[-1]) if len(bars) else self._latest.get(symbol)
            behind = 0 if latest is None else self._steps(latest, due)
            if latest is None or behind >= STALE:
                since = "ever" if latest is None else f"since {iso(from_nanoseconds(latest))}, {behind} bars ago"
                yield Trouble(symbol, self._clock.now(), f"no new bar {since}")

    def _cycles(self, fresh: Mapping[str, Bars], due: int) -> Iterator[Moment]:
        """One cycle a moment, oldest first; all but that of the bar that is due come late."""
        times = np.unique(np.concatenate([bars.open_time for bars in fresh.values()] or [np.empty(0, np.int64)]))
        late = times[times < due]
        if self._told_to is not None and len(late):
            span = " to ".join(dict.fromkeys(iso(from_nanoseconds(time)) for time in (late[0], late[-1])))
            count = f"{len(late)} bar{'' if len(late) == 1 else 's'}"
            yield Notice(self._clock.now(), f"{count} missed, {span}: booked, and nothing is decided on them")
        closes = closing_times(times, self._timeframe, self._hours).tolist()
        for open_time, closed_at in zip(times.tolist(), closes, strict=True):
            present = {}
            for symbol, bars in fresh.items():
                row = int(np.searchsorted(bars.open_time, open_time))
                if row < len(bars) and bars.open_time[row] == open_time:
                    present[symbol] = MarketBar(bar_at(bars, row))
                    self._revisions.told(symbol, open_time, prices_at(bars, row))
            self._told_to = open_time
            yield Cycle(open_time, from_nanoseconds(closed_at), present, open_time < due)
