"""Asking a venue: all symbols at once, none of them for ever, one symbol's failure its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trader_cli.domain.clock import to_nanoseconds
from trader_cli.errors import DataError, TraderError, Unavailable
from trader_cli.feeds.answers import closed_part

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence

    from trader_cli.domain.bars import Bars
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.ports import Clock, MarketData, Meanwhile

    type Answers = dict[str, Bars | TraderError]

DEADLINE = 15.0
"""Seconds that a whole read may take, however lively its bytes drip in."""

SLICE = 0.5
"""Seconds after which whoever waits for an answer looks up."""

SPARE = 2
"""Bars asked for beyond those that are wanted: one may be open still, one may close while asking."""


class Asking:
    """The questions of one session to a venue, about one timeframe; a read ends after `deadline` seconds."""

    def __init__(
        self, market: MarketData, timeframe: Timeframe, hours: TradingHours, clock: Clock, deadline: float
    ) -> None:
        self._market, self._clock = market, clock
        self._timeframe, self._hours, self._deadline = timeframe, hours, deadline

    async def closed(self, symbol: str, wanted: int) -> Bars:
        """The latest bars that had closed by our clock when it asked: at least so many, where the venue has them.

        Raises: Unavailable, DataError.
        """
        asked_at = to_nanoseconds(self._clock.now())  # what closes while the answer is on its way is open in it
        return closed_part(await self._bars(symbol, wanted + SPARE, self._deadline), asked_at)

    async def all_closed(self, symbols: Sequence[str], wanted: int, meanwhile: Meanwhile) -> Answers:
        """The same of several symbols at once, each answered by its bars or by what went wrong."""
        asked = asyncio.gather(*(_outcome(self.closed(symbol, wanted)) for symbol in symbols))
        answers = await _attended(asked, meanwhile)
        return dict(zip(symbols, answers, strict=True))

    async def all_of[T](self, asked: Mapping[str, Awaitable[T]], meanwhile: Meanwhile) -> dict[str, T | TraderError]:
        """What several questions at once come to, each answered within the deadline or by what went wrong."""
        outcomes = await _attended(
            asyncio.gather(*(_outcome(self._timely(each)) for each in asked.values())), meanwhile
        )
        return dict(zip(asked, outcomes, strict=True))

    async def _timely[T](self, question: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._deadline):
                return await question
        except TimeoutError as error:
            raise Unavailable(f"no answer within {self._deadline:g} s") from error

    async def prices(self, symbols: Sequence[str], within: float, meanwhile: Meanwhile) -> dict[str, float]:
        """The latest price of each symbol that can be had within so many seconds, of the bar in progress if any."""
        deadline = min(within, self._deadline)
        asked = asyncio.gather(*(_outcome(self._bars(symbol, 1, deadline)) for symbol in symbols))
        answers = await _attended(asked, meanwhile)
        latest = {
            symbol: float(answer.close[-1])
            for symbol, answer in zip(symbols, answers, strict=True)
            if not isinstance(answer, TraderError) and len(answer)
        }
        return {symbol: price for symbol, price in latest.items() if 0 < price < float("inf")}

    async def _bars(self, symbol: str, limit: int, deadline: float) -> Bars:
        try:
            async with asyncio.timeout(deadline):
                bars = await self._market.bars(symbol, self._timeframe, limit)
        except TraderError:
            raise
        except TimeoutError as error:
            raise Unavailable(f"no answer within {deadline:g} s") from error
        except Exception as error:  # whatever one symbol's answer breaks, the others go on
            raise Unavailable(f"the venue's answer broke the reader: {type(error).__name__}: {error}") from error
        if (bars.symbol, bars.timeframe, bars.hours) != (symbol, self._timeframe, self._hours):
            raise DataError(f"asked for {symbol} {self._timeframe}, was given {bars.symbol} {bars.timeframe}")
        return bars


async def _outcome[T](read: Awaitable[T]) -> T | TraderError:
    try:
        return await read
    except TraderError as error:
        return error


async def _attended[T](work: asyncio.Future[T], meanwhile: Meanwhile) -> T:
    """What comes of a piece of work; `meanwhile` is called about twice a second."""
    try:
        while not (await asyncio.wait({work}, timeout=SLICE))[0]:
            await meanwhile()
    finally:
        if not work.done():
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)  # its end is nobody's surprise
    return work.result()
