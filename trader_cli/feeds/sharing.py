"""One venue for several sessions of a process: what they all ask for is fetched once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from trader_cli.data.catalog import Kind
from trader_cli.data.closing import latest_open
from trader_cli.domain.clock import to_nanoseconds
from trader_cli.errors import Unavailable
from trader_cli.feeds.answers import closed_part
from trader_cli.feeds.asking import DEADLINE
from trader_cli.feeds.contracts import ContractData
from trader_cli.ports import MarketData

if TYPE_CHECKING:
    from datetime import datetime

    from trader_cli.data.candles import Candles
    from trader_cli.domain.bars import Bars
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.ports import Clock

    type Key = tuple[Kind, str, Timeframe]

RECENT = timedelta(seconds=1.5)
"""How long any answer is as good as a new one; shorter than anybody waits to ask again."""

LATEST = 1
"""Who asks for so many bars wants to see the one in progress; who asks for more wants closed ones."""

KEPT = 512
"""So many symbols' answers are kept, the latest ones."""


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """What a venue said when it was asked for so many bars at `asked_at`, and what of it had closed by then.

    `due` is the bar that was due when it was asked.
    """

    bars: Bars
    closed: Bars
    limit: int
    asked_at: datetime
    due: int


@dataclass(eq=False, slots=True)
class _Request:
    """A question on its way, and how many wait for its answer; `due` is the bar that was due when it was asked."""

    limit: int
    due: int
    task: asyncio.Task[Bars | None]
    waiting: int = field(default=0)


@dataclass(frozen=True, slots=True, eq=False)
class _Rates:
    """What a venue said of funding from `start` to `end`, when it was asked at `asked_at`."""

    rates: Candles | None
    start: int
    end: int
    asked_at: datetime


class Shown(MarketData, ContractData, Protocol):
    """All that a venue shows to everybody."""

    async def open(self) -> None:
        """Learns what has to be known before the first question. Raises: Unavailable, DataError."""
        ...


class SharedMarket:
    """Market data that asks a venue once where several ask for the same.

    Requests on their way are joined. An answer that holds the bar that is due is good until the next close, without
    its bar in progress once it is no longer new. Errors are told to those who waited, and forgotten.
    """

    def __init__(self, market: Shown, clock: Clock, hours: TradingHours, *, deadline: float = DEADLINE) -> None:
        self._market, self._clock, self._hours, self._deadline = market, clock, hours, deadline
        self._answers: dict[Key, _Answer] = {}
        self._requests: dict[Key, _Request] = {}
        self._rates: dict[str, _Rates] = {}
        self._rating: dict[str, asyncio.Lock] = {}
        self._opening = asyncio.Lock()
        self._is_open = False

    async def open(self) -> None:
        """Opens the venue, once for all."""
        async with self._opening:
            if not self._is_open:
                await self._market.open()
                self._is_open = True

    async def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        """The latest bars of a symbol, as `MarketData.bars`."""
        bars = await self._shared((Kind.TRADES, symbol, timeframe), limit)
        assert bars is not None  # noqa: S101 - a market has bars
        return bars

    async def marks(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars | None:
        """The latest bars in mark prices, as `ContractData.marks`."""
        return await self._shared((Kind.MARK, symbol, timeframe), limit)

    async def rates(self, symbol: str, start: int, end: int) -> Candles | None:
        """Funding rates, as `ContractData.rates`; asked for once by all that close their bars at the same time."""
        async with self._rating.setdefault(symbol, asyncio.Lock()):
            known = self._rates.get(symbol)
            if known is None or not self._covers(known, start, end):
                known = _Rates(await self._market.rates(symbol, start, end), start, end, self._clock.now())
                self._rates[symbol] = known
        if known.rates is None:
            return None
        times = known.rates.open_time
        return known.rates[(times >= start) & (times <= end)]

    def _covers(self, known: _Rates, start: int, end: int) -> bool:
        """Whether an answer is new, and of all that is asked."""
        is_recent = timedelta(0) <= self._clock.now() - known.asked_at <= RECENT
        return is_recent and known.start <= start and known.end >= end

    async def close(self) -> None:
        """Lets go of the venue and of what is on its way."""
        for request in self._requests.values():
            request.task.cancel()
        await self._market.close()

    def _known(self, key: Key, limit: int) -> Bars | None:
        """What was answered before, where that is still good."""
        answer = self._answers.get(key)
        if answer is None or answer.limit < limit:
            return None
        age, due = self._clock.now() - answer.asked_at, self._due(key[2])
        if timedelta(0) <= age <= RECENT and answer.due == due:  # else its bar in progress would pass for closed
            return _last(answer.bars, limit)
        closed = answer.closed
        if limit == LATEST or not len(closed) or closed.open_time[-1] < due:
            return None
        return _last(closed, limit)

    async def _shared(self, key: Key, limit: int) -> Bars | None:
        known = self._known(key, limit)
        if known is not None:
            return known
        bars = await self._requested(key, limit)
        return None if bars is None else _last(bars, limit)

    async def _requested(self, key: Key, limit: int) -> Bars | None:
        """The answer to a request that is on its way, or to one of our own."""
        request, due = self._requests.get(key), self._due(key[2])
        if request is None or request.limit < limit or request.due != due:
            request = _Request(limit, due, asyncio.create_task(self._fetch(key, limit)))
            self._requests[key] = request
        request.waiting += 1
        try:
            return await asyncio.shield(request.task)
        finally:
            request.waiting -= 1
            if not request.waiting:  # also where everybody lost patience
                request.task.cancel()
                if self._requests.get(key) is request:
                    del self._requests[key]

    async def _fetch(self, key: Key, limit: int) -> Bars | None:
        asked_at, due = self._clock.now(), self._due(key[2])
        try:
            async with asyncio.timeout(self._deadline):
                kind, symbol, timeframe = key
                ask = self._market.marks if kind is Kind.MARK else self._market.bars
                bars = await ask(symbol, timeframe, limit)
        except TimeoutError as error:
            raise Unavailable(f"no answer within {self._deadline:g} s") from error
        if bars is None:
            return None
        closed = closed_part(bars, to_nanoseconds(asked_at))  # what is wrong is not kept
        self._answers.pop(key, None)
        self._answers[key] = _Answer(bars, closed, limit, asked_at, due)
        while len(self._answers) > KEPT:
            del self._answers[next(iter(self._answers))]
        return bars

    def _due(self, timeframe: Timeframe) -> int:
        return latest_open(to_nanoseconds(self._clock.now()), timeframe, self._hours)


def _last(bars: Bars, limit: int) -> Bars:
    return bars if len(bars) <= limit else bars.slice(len(bars) - limit, len(bars))
