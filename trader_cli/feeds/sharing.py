"""One venue's bars for all who trade there in this process: fetched once a moment, however many ask."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from trader_cli.data.closing import latest_open
from trader_cli.domain.clock import to_nanoseconds
from trader_cli.feeds.answers import answered

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from trader_cli.domain.bars import Bars
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.ports import Clock, MarketData

    type Key = tuple[str, Timeframe]

FRESH = timedelta(seconds=1)
"""An answer of the same moment, whatever is missing in it."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was answered, when, and how many bars had been asked for."""

    bars: Bars
    at: datetime
    limit: int


class SharedMarket:
    """Keeps the latest answer of each series until another bar must have closed; who asks meanwhile, waits for it."""

    def __init__(self, market: MarketData, clock: Clock, hours: TradingHours) -> None:
        self._market, self._clock, self._hours = market, clock, hours
        self._answers: dict[Key, _Answer] = {}
        self._prices: dict[Key, tuple[float | None, datetime]] = {}
        self._flights: dict[tuple[str, Key], tuple[asyncio.Task[None], int]] = {}

    async def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        """The latest bars of a symbol, at most so many. Raises: Unavailable, DataError, to all who wait alike."""
        key = symbol, timeframe
        while not self._is_good(key, limit):
            await self._joined("bars", key, limit, lambda: self._fetch(key, limit))
        bars = self._answers[key].bars
        return bars.slice(max(0, len(bars) - limit), len(bars))

    async def price(self, symbol: str, timeframe: Timeframe) -> float | None:
        """The latest price, of this second. Raises: as `bars`."""
        key = symbol, timeframe
        while key not in self._prices or self._clock.now() - self._prices[key][1] > FRESH:
            await self._joined("price", key, 1, lambda: self._fetch_price(key))
        return self._prices[key][0]

    async def close(self) -> None:
        """Lets go of connections and of whatever is on its way."""
        for flight, _ in self._flights.values():
            flight.cancel()
        await asyncio.gather(*(flight for flight, _ in self._flights.values()), return_exceptions=True)
        await self._market.close()

    def _is_good(self, key: Key, limit: int) -> bool:
        """Whether an answer is there that is long enough, and has the bar that is due or is of this very moment."""
        answer, now = self._answers.get(key), self._clock.now()
        if answer is None or answer.limit < limit:
            return False
        if timedelta(0) <= now - answer.at <= FRESH:
            return True
        due = latest_open(to_nanoseconds(now), key[1], self._hours)
        closed_then = latest_open(to_nanoseconds(answer.at), key[1], self._hours)
        return due == closed_then and bool((answer.bars.open_time == due).any())

    async def _joined(self, what: str, key: Key, limit: int, fetch: Callable[[], Awaitable[None]]) -> None:
        """Waits for the answer that is on its way, or for a new one where that would be too short."""
        flight, asked = self._flights.get((what, key), (None, 0))
        if flight is None or asked < limit:
            flight = asyncio.ensure_future(fetch())
            self._flights[what, key] = flight, limit
            flight.add_done_callback(lambda done: self._landed((what, key), done))
        await asyncio.shield(flight)

    def _landed(self, place: tuple[str, Key], flight: asyncio.Future[None]) -> None:
        if self._flights.get(place, (None, 0))[0] is flight:
            del self._flights[place]
        if not flight.cancelled():
            flight.exception()  # whoever waited has it; nobody need have waited

    async def _fetch(self, key: Key, limit: int) -> None:
        at = self._clock.now()
        bars = await answered(self._market.bars(*key, limit), key[0])
        self._answers[key] = _Answer(bars, at, limit)

    async def _fetch_price(self, key: Key) -> None:
        price = await answered(self._market.price(*key), key[0])
        self._prices[key] = price, self._clock.now()
