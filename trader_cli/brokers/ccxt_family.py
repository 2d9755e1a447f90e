"""The venues that are asked through ccxt: what they have in common. What differs stands in a table per venue."""

from __future__ import annotations

from time import monotonic, time
from typing import TYPE_CHECKING, Any, ClassVar, override

from trader_cli.brokers.base import RATES_HOURS, Broker
from trader_cli.brokers.ccxt_connection import Connection
from trader_cli.brokers.ccxt_listing import Markets
from trader_cli.data.catalog import Kind
from trader_cli.data.times import HOUR
from trader_cli.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trader_cli.brokers.base import Access, Capabilities
    from trader_cli.brokers.ccxt_client import Client
    from trader_cli.brokers.ccxt_part import Part
    from trader_cli.brokers.listing import Listed, Listing
    from trader_cli.data.candles import Candles
    from trader_cli.domain.bars import Bars
    from trader_cli.domain.instrument import AssetClass
    from trader_cli.domain.quote import Quote
    from trader_cli.domain.timeframe import Timeframe

MILLISECOND = 1_000_000
RESYNCHRONIZED_SECONDS = 3600.0
"""How long a venue's time is gone by before it is asked for again."""

DRIFT_SECONDS = 0.5
"""By how much our own clock may have been set meanwhile; more, and the venue is asked at once."""


class CcxtBroker(Broker):
    """One venue through ccxt, its public side alone."""

    parts: ClassVar[Mapping[AssetClass, Part]]

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self.part = self.parts[access.asset_class]
        self.connection = Connection(self.name, self.part, access, lambda: time() + self.ahead)
        self._markets = Markets(self.connection)
        self._synchronized: tuple[float, float] | None = None

    @override
    @classmethod
    def capabilities(cls, asset_class: AssetClass) -> Capabilities | None:
        part = cls.parts.get(asset_class)
        return None if part is None else part.capabilities

    @override
    async def open(self) -> None:
        if self._is_time_unknown():
            begun = time()
            told = await self.connection.read(self._told_time)
            ended = time()
            if told is None:
                raise DataError(f"{self.name}: it tells no time")
            self.ahead = told - (begun + ended) / 2
            self._synchronized = time(), monotonic()

    @override
    async def listing(self) -> Listing:
        return await self._markets.listing()

    @override
    async def relisted(self) -> Listing:
        return await self._markets.relisted()

    @override
    async def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        return await self._latest(symbol, timeframe, limit, Kind.TRADES)

    @override
    async def marks(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars | None:
        if not self.part.capabilities.has_marks:
            return None
        return await self._latest(symbol, timeframe, limit, Kind.MARK)

    @override
    async def rates(self, symbol: str, start: int, end: int) -> Candles | None:
        if not self.part.capabilities.has_funding:
            return None
        rates = await self._rates(symbol, start)
        return rates[rates.open_time <= end]

    @override
    async def quote(self, symbol: str) -> Quote:
        from trader_cli.domain.clock import from_nanoseconds
        from trader_cli.domain.quote import Quote

        market = await self._markets.of(symbol)
        told = await self.connection.read(lambda client: client.fetch_ticker(market.symbol))
        if not isinstance(told, dict):
            raise DataError(f"{self.name}: it tells no prices of {symbol}")
        bid, ask, last = (_price(told.get(name)) for name in ("bid", "ask", "last"))
        if bid is None or ask is None:
            bid, ask = await self._best(market)
        stamp = told.get("timestamp")
        at = from_nanoseconds(int(stamp) * MILLISECOND) if isinstance(stamp, int | float) else None
        return Quote(symbol, bid, ask, last, at, from_nanoseconds(self._now()))

    @override
    async def page(self, symbol: str, timeframe: Timeframe, start: int, kind: Kind) -> Candles:
        if kind is Kind.FUNDING:
            return await self._rates(symbol, start)
        return await self._rows(symbol, timeframe, start, self.part.capabilities.page_bars, kind)

    @override
    async def close(self) -> None:
        self._markets.forget()
        await self.connection.close()

    async def _told_time(self, client: Client) -> float | None:
        """The venue's time in seconds since 1970, of its answer or of the answer's date; None where it tells none."""
        if self.part.dated is not None:
            await getattr(client, self.part.dated)()
            dated: float | None = client.trader_dated
            return dated
        told = await client.fetch_time()
        return told / 1000 if isinstance(told, int | float) else None

    def _now(self) -> int:
        """The venue's time, ns since 1970."""
        return int((time() + self.ahead) * 1e9)

    def _is_time_unknown(self) -> bool:
        """Whether the venue's time is to be asked for: never was, long ago, or our own clock was set since."""
        if self._synchronized is None:
            return True
        wall, steady = (now - then for now, then in zip((time(), monotonic()), self._synchronized, strict=True))
        return steady > RESYNCHRONIZED_SECONDS or abs(wall - steady) > DRIFT_SECONDS

    def _in_reach(self, first: int, own: Timeframe, now: int) -> int:
        """Where a span begins that the venue still has."""
        reach = self.part.capabilities.reach(own, now)
        return first if reach is None else max(first, reach)

    async def _latest(self, symbol: str, timeframe: Timeframe, limit: int, kind: Kind) -> Bars:
        """The latest bars of a kind, of the venue's own timeframe or made of a finer one."""
        from trader_cli.brokers.making import made, wanted_from

        if self._is_time_unknown():
            await self.open()
        own, now = self.part.capabilities.native(timeframe), self._now()
        first = wanted_from(now, timeframe, limit)
        candles = await self._span(symbol, own, self._in_reach(first, own, now), now, kind)
        return made(candles, symbol, own, timeframe, self.access.hours, now, limit)

    async def _span(self, symbol: str, own: Timeframe, first: int, now: int, kind: Kind) -> Candles:
        """All bars that open from `first` to `now`, page by page, each asked for by its own span of time."""
        from trader_cli.brokers.making import spliced

        page, length, pages = self.part.capabilities.page_bars, own.nanoseconds, []
        start = first
        while start <= now:
            count = min(page, (now - start) // length + 1)
            pages.append(await self._rows(symbol, own, start, count, kind))
            start += count * length
        return spliced(pages, first)

    async def _rows(self, symbol: str, own: Timeframe, start: int, count: int, kind: Kind) -> Candles:
        """At most so many bars that open at `start` or later, as the venue tells them."""
        from trader_cli.brokers.making import as_candles

        market = await self._markets.of(symbol)
        params: dict[str, Any] = {} if kind is Kind.TRADES else {"price": "mark"}
        if self.part.until:
            params["until"] = (start + count * own.nanoseconds) // MILLISECOND - 1
        since = start // MILLISECOND
        told = await self.connection.read(
            lambda client: client.fetch_ohlcv(market.symbol, str(own), since, count, dict(params))
        )
        return as_candles(told, f"{self.name}'s answer for {symbol}", has_volume=kind is Kind.TRADES)

    async def _rates(self, symbol: str, start: int) -> Candles:
        """Funding rates that were settled at `start` or later, of `RATES_HOURS` at the least."""
        from trader_cli.brokers.making import as_rates

        if not self.part.capabilities.has_funding:
            raise UsageError(f"{self.name} tells no funding rates")
        market = await self._markets.of(symbol)
        since = start // MILLISECOND
        until = self.part.rates_until
        params = {} if until is None else {until: since + RATES_HOURS * HOUR // MILLISECOND - 1}
        told = await self.connection.read(
            lambda client: client.fetch_funding_rate_history(market.symbol, since, None, dict(params))
        )
        return as_rates(told, f"{self.name}'s answer for {symbol}", self.part.raw_rate)

    async def _best(self, market: Listed) -> tuple[float | None, float | None]:
        """Bid and ask from the order book, of venues whose ticker has none."""
        book = await self.connection.read(lambda client: client.fetch_order_book(market.symbol, 5))
        sides = (book.get(side) or [[None]] for side in ("bids", "asks"))
        bid, ask = (_price(side[0][0]) for side in sides)
        return bid, ask


def _price(value: object) -> float | None:
    """A price above 0; None for anything else."""
    return float(value) if isinstance(value, int | float) and 0 < value < float("inf") else None
