"""A venue's closed bars as they come: asked for when they are due, waited for a little, caught up with when missed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from trader_cli.data.closing import bars_between, closing_times, is_open, latest_open, next_close
from trader_cli.data.times import iso
from trader_cli.domain.clock import from_nanoseconds, to_nanoseconds
from trader_cli.domain.cycle import Cycle, Glimpse, MarketBar, Notice, Settled, Trouble, bar_at
from trader_cli.errors import TraderError
from trader_cli.feeds.asking import DEADLINE, Asking
from trader_cli.feeds.contracts import NOTHING
from trader_cli.feeds.stocked import Stock
from trader_cli.feeds.told import KEPT, Told
from trader_cli.feeds.wall import Watchful

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
    from datetime import datetime

    from trader_cli.domain.bars import Bars
    from trader_cli.domain.cycle import Moment
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.feeds.asking import Answers
    from trader_cli.feeds.contracts import Beside, Contracts
    from trader_cli.ports import Clock, MarketData, Meanwhile

SETTLING = timedelta(seconds=1)
"""How long after its close a bar is first asked for."""

PATIENCE = timedelta(seconds=20)
"""How long after its close a bar may be missing; after that there was none."""

AGAIN = timedelta(seconds=2)
"""How long until a missing bar is asked for again."""

STALE = 2
"""So many bars behind what is due, a symbol is in trouble; one bar without a trade is none."""


class VenueFeed:
    """The bars of several symbols from the latest closed one on, or from the first that a session has not seen.

    `after` (ns since 1970 UTC) is the open time of the last bar it has seen. Every `poll_seconds` between two closes
    prices are looked at; None: never. A read that takes longer than `deadline` seconds has failed. `past` says what
    history must hold and where more of it lies, `contracts` what is asked of contracts beside their bars.
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
        deadline: float = DEADLINE,
        past: Stock | None = None,
        contracts: Contracts | None = None,
    ) -> None:
        self._past, self._contracts = past or Stock(), contracts
        self._beside: dict[str, Mapping[int, Beside]] = {}
        self._asking, self._clock = Asking(market, timeframe, hours, clock, deadline), clock
        self._symbols, self._timeframe, self._hours = tuple(symbols), timeframe, hours
        self._poll = None if poll_seconds is None else timedelta(seconds=poll_seconds)
        self._told = Told()
        self._after = after
        self._troubled: frozenset[str] = frozenset()

    async def history(self, symbol: str, bars: int) -> Bars:
        """At most so many closed bars up to the last one that was told: before the latest, or where one was cut off.

        Raises: Unavailable, DataError; WarmupUnavailable where there are fewer than there must be.
        """
        told_to = self._told_to
        closed = (await self._asking.closed(symbol, bars + self._between(told_to, self._due()))).until(told_to)
        self._told.begin(closed)
        return self._past.complete(closed.slice(max(0, len(closed) - bars), len(closed)), bars)

    async def moments(self, meanwhile: Meanwhile) -> AsyncIterator[Moment]:
        """Each close, when its bars are there; a symbol that fails is told of, and the others go on.

        A pass ends with `Settled`; between two of them there are only glimpses.
        """
        while True:
            begun = to_nanoseconds(self._clock.now())
            for oddity in self._clock.oddities() if isinstance(self._clock, Watchful) else ():
                yield Notice(self._clock.now(), oddity)
            for moment in self._tell(await self._answers(meanwhile)):
                yield moment
                await asyncio.sleep(0)  # however much is made up for, a signal to stop gets its turn
            yield Settled(self._clock.now())
            # the close after the beginning of this pass: one that came while it lasted is not passed over
            close = from_nanoseconds(next_close(begun, self._timeframe, self._hours)) + SETTLING
            while begun <= to_nanoseconds(self._clock.now()) and self._clock.now() < close:  # else it was set back
                await self._clock.reach(self._next_look(close), meanwhile)
                if prices := await self._glimpsed(close, meanwhile):
                    yield Glimpse(self._clock.now(), prices)

    @property
    def _told_to(self) -> int:
        """The open time up to which all is told. It is first asked for at the start: all but the latest bar is told."""
        if self._after is None:
            closed = int(closing_times(np.array([self._due()]), self._timeframe, self._hours)[0])
            self._after = latest_open(closed - 1, self._timeframe, self._hours)
        return self._after

    def _due(self) -> int:
        """The open time of the bar that every symbol should have by now."""
        return latest_open(to_nanoseconds(self._clock.now()), self._timeframe, self._hours)

    def _between(self, first: int, last: int) -> int:
        return bars_between(first, last, self._timeframe, self._hours)

    def _next_look(self, close: datetime) -> datetime:
        """When prices are looked at next; at the close where that comes before."""
        return close if self._poll is None else min(close, self._clock.now() + self._poll)

    async def _glimpsed(self, close: datetime, meanwhile: Meanwhile) -> dict[str, float]:
        """The prices of now; none where nobody polls, the market rests, or the close has come."""
        now = self._clock.now()
        if self._poll is None or now >= close - SETTLING or not is_open(to_nanoseconds(now), self._hours):
            return {}
        return await self._asking.prices(self._symbols, (close - now).total_seconds(), meanwhile)

    async def _answers(self, meanwhile: Meanwhile) -> Answers:
        """What the venue says of each symbol; for a bar that is due it is given a little time."""
        due, clock = self._due(), self._clock
        wanted = self._between(self._told_to, due) + KEPT
        answers = await self._asking.all_closed(self._symbols, wanted, meanwhile)
        closed = from_nanoseconds(closing_times(np.array([due]), self._timeframe, self._hours)[0])
        for _ in range(PATIENCE // AGAIN):  # counted, since the clock may be set back
            waiting = [symbol for symbol, answer in answers.items() if self._is_awaited(symbol, answer, due)]
            if not waiting or clock.now() - closed >= PATIENCE:
                break
            await clock.reach(clock.now() + AGAIN, meanwhile)
            answers |= await self._asking.all_closed(waiting, wanted, meanwhile)
        if self._contracts is not None:
            answers |= await self._contracted(answers, self._contracts, meanwhile)
        return answers

    async def _contracted(self, answers: Answers, contracts: Contracts, meanwhile: Meanwhile) -> Answers:
        """Learns what the fresh bars of contracts have beside them; the symbols of which that cannot be had now.

        They are told with the next close, when it is known: nothing is booked that may be wrong.
        """
        told_to = self._told_to
        fresh = {
            symbol: bars.slice(max(0, int(bars.open_time.searchsorted(told_to, "right")) - 1), len(bars))
            for symbol, bars in answers.items()
            if not isinstance(bars, TraderError)
        }
        asked = {symbol: contracts.beside(bars) for symbol, bars in fresh.items() if len(bars) > 1}
        found = await self._asking.all_of(asked, meanwhile)
        self._beside = {symbol: beside for symbol, beside in found.items() if not isinstance(beside, TraderError)}
        return {symbol: error for symbol, error in found.items() if isinstance(error, TraderError)}

    def _is_awaited(self, symbol: str, answer: Bars | TraderError, due: int) -> bool:
        """Whether a bar may still come. For a symbol that was in trouble at the last close nobody waits again."""
        if due <= self._told_to or symbol in self._troubled:
            return False
        return isinstance(answer, TraderError) or not len(answer) or bool(answer.open_time[-1] < due)

    def _tell(self, answers: Answers) -> Iterator[Moment]:
        """What the answers come to: remarks, symbols in trouble, and the cycles that have not been told."""
        now, due, told_to = self._clock.now(), self._due(), self._told_to
        sound = {symbol: answer for symbol, answer in answers.items() if not isinstance(answer, TraderError)}
        fresh = {
            symbol: bars.slice(int(bars.open_time.searchsorted(told_to, "right")), len(bars))
            for symbol, bars in sound.items()
        }
        compared = {symbol: self._told.compare(bars, told_to) for symbol, bars in sound.items()}
        belated = {symbol: late for symbol, (_, late) in compared.items()}
        works_again = {symbol for symbol in self._troubled if len(fresh.get(symbol, ()))}
        for remark in self._remarks(sound, fresh, due):
            yield Notice(now, remark)
        for symbol, (revised, _) in compared.items():
            for revision in revised:
                yield Notice(now, f"{symbol}: {revision}: not acted on")
        for symbol in self._symbols:
            if symbol in works_again and belated[symbol]:  # its trouble was told when it was there
                yield Notice(now, f"{symbol}: {'; '.join(belated.pop(symbol))}")
        troubles = {symbol: self._trouble(answer, belated.get(symbol, ()), due) for symbol, answer in answers.items()}
        self._troubled = frozenset(symbol for symbol, trouble in troubles.items() if trouble)
        for symbol, trouble in troubles.items():
            if trouble:
                yield Trouble(symbol, now, trouble)
        yield from self._cycles(fresh, due)

    def _remarks(self, answers: Mapping[str, Bars], fresh: Mapping[str, Bars], due: int) -> Iterator[str]:
        """What is worth knowing and nobody's fault: bars that were missed, and those that nobody knows."""
        missed = sorted({int(time) for bars in fresh.values() for time in bars.open_time if time < due})
        if missed:
            yield (
                f"{len(missed)} bar{'s' * (len(missed) > 1)} came late, {iso(missed[0])} to {iso(missed[-1])}: "
                "booked now, nothing is decided on them"
            )
        for symbol, bars in answers.items():
            if len(bars) and self._between(self._told_to, first := int(bars.open_time[0])) > 1:
                yield (
                    f"{symbol}: unknown from {iso(self._told_to)} to {iso(first)}: "
                    f"the venue gave {len(bars)} bars, no older ones"
                )

    def _trouble(self, answer: Bars | TraderError, belated: Sequence[str], due: int) -> str:
        """What is wrong with a symbol; empty: nothing."""
        if isinstance(answer, TraderError):
            return str(answer)
        if not len(answer):
            return "the venue has no bars"
        latest = int(answer.open_time[-1])
        age = self._between(latest, due)
        return "; ".join([*belated, *([f"no bar since {iso(latest)}, {age} bars ago"] if age >= STALE else [])])

    def _cycles(self, fresh: Mapping[str, Bars], due: int) -> Iterator[Cycle]:
        """One cycle a moment, oldest first; all but what is due come late."""
        times = np.unique(np.concatenate([bars.open_time for bars in fresh.values()] or [np.empty(0, np.int64)]))
        rows = dict.fromkeys(fresh, 0)
        closes = closing_times(times, self._timeframe, self._hours).tolist()
        for open_time, closed in zip(times.tolist(), closes, strict=True):
            present = {}
            for symbol, bars in fresh.items():
                row = rows[symbol]
                if row < len(bars) and bars.open_time[row] == open_time:
                    rows[symbol] = row + 1
                    mark, funding_due = self._beside.get(symbol, {}).get(open_time, NOTHING)
                    present[symbol] = MarketBar(bar_at(bars, row), mark, funding_due)
                    self._told.take(symbol, present[symbol].bar)
            self._after = open_time
            is_late = open_time < due or open_time < self._due()  # telling the late ones may have taken long
            yield Cycle(open_time, from_nanoseconds(closed), present, is_late)
