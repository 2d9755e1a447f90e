"""A venue's history, page by page: each verified, asked again where it is unsound, and always getting on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trader_cli.app.answering import answering
from trader_cli.brokers.base import RATES_HOURS
from trader_cli.data.catalog import Kind
from trader_cli.data.times import HOUR, MINUTE
from trader_cli.data.told import verified_bars, verified_rates
from trader_cli.errors import DataError, Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from trader_cli.brokers.base import Broker, Capabilities
    from trader_cli.data.candles import Candles
    from trader_cli.domain.timeframe import Timeframe

ATTEMPTS = 3
"""How often a page is asked for that makes no sense."""

PAUSE_SECONDS = 0.5

ANSWER_SECONDS = 60.0
"""How long an answer may take, with all the waiting for one's turn."""


class Pages:
    """The bars, mark prices or funding rates of one symbol. `now` is the venue's time. Units: ns since 1970 UTC."""

    def __init__(
        self, broker: Broker, shown: Capabilities, symbol: str, timeframe: Timeframe, kind: Kind, now: Callable[[], int]
    ) -> None:
        self.venue = broker.name
        self._broker, self._symbol, self._timeframe, self._kind, self._now = broker, symbol, timeframe, kind, now
        self._page_bars = shown.page_bars
        self._coarsest = max(shown.timeframes, key=lambda own: own.nanoseconds)
        self._overview: tuple[int, Candles] | None = None
        is_rates = kind is Kind.FUNDING
        self.step = MINUTE if is_rates else timeframe.nanoseconds
        """How far apart rows can stand, at the least."""

        self.span = RATES_HOURS * HOUR if is_rates else shown.page_bars * timeframe.nanoseconds
        """How much time one page covers, where there is a row for every moment."""

    async def between(self, start: int, end: int) -> AsyncIterator[tuple[int, Candles]]:
        """The rows from `start` on and before `end`: up to when each page is all there is, and its rows.

        Raises: Unavailable, DataError, ConfigError.
        """
        while start < end:
            page = await self._page(self._timeframe, start)
            if len(page):
                start = int(page.open_time[-1]) + self.step
            else:
                start = await self.beginning(start + self.span, end)
            yield min(start, end), page[page.open_time < end]

    async def beginning(self, start: int, end: int) -> int:
        """From when on, `start` or later, there may be rows: bars of the longest timeframe tell; `end` where none are.

        Raises: as `between`.
        """
        if self._kind is Kind.FUNDING or self._coarsest is self._timeframe:
            return start
        length = self._coarsest.nanoseconds
        at = max(0, (start // length - 1) * length)  # one more, as a venue's day may begin at another hour
        while at < end:
            page = await self._seen_from(at)
            later = page.open_time[page.open_time + length > start]
            if len(later):
                return min(end, max(start, int(later[0])))
            at = int(page.open_time[-1]) + length if len(page) else at + self._page_bars * length
        return end

    async def _seen_from(self, at: int) -> Candles:
        """Bars of the longest timeframe from a time on: the page that was looked at last, while it goes so far."""
        if self._overview is not None:
            since, page = self._overview
            if len(page) and since <= at <= page.open_time[-1]:
                return page
        page = await self._page(self._coarsest, at)
        self._overview = at, page
        return page

    async def _page(self, timeframe: Timeframe, start: int) -> Candles:
        """One answer. Unsound in the same way twice, it is what the venue has; in another way each time, a venue in
        trouble.

        Raises: DataError, Unavailable.
        """
        said = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(PAUSE_SECONDS)
            try:
                async with answering(self.venue, ANSWER_SECONDS):
                    told = await self._broker.page(self._symbol, timeframe, start, self._kind)
                return self._verified(told, timeframe, start)
            except DataError as error:
                if str(error) == said:
                    raise
                said = str(error)
        raise Unavailable(f"{said}; asked {ATTEMPTS} times, it makes no sense in another way each time")

    def _verified(self, told: Candles, timeframe: Timeframe, start: int) -> Candles:
        where = f"{self.venue}'s answer for {self._symbol}"
        if self._kind is Kind.FUNDING:
            return verified_rates(told, where, start, self._now())
        return verified_bars(told, where, timeframe, start, self._now())
