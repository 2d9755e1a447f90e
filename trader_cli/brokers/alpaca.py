"""Alpaca: US stocks and ETFs, and spot crypto, through alpaca-py's market data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from operator import itemgetter
from time import time
from typing import TYPE_CHECKING, Any, ClassVar, override

from trader_cli.brokers.base import Broker, Capabilities
from trader_cli.brokers.rates import Budget, Rate
from trader_cli.data.catalog import Kind
from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.errors import ConfigError, DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trader_cli.brokers.alpaca_client import Client
    from trader_cli.brokers.base import Access
    from trader_cli.data.candles import Candles
    from trader_cli.domain.bars import Bars
    from trader_cli.domain.quote import Quote

FEED = "iex"
"""Whose trades make the bars of stocks: those of one exchange, which every key may read in real time."""

RATE = Rate(per_second=200 / 60, burst=30)
"""What a free key may ask."""

NOTICED_SECONDS = 2.0
"""How far a host's clock has to be off to be noticed: its date has whole seconds."""

_OPEN_HOURS = Timeframe.M30
"""The coarsest intraday bars that begin with the session: longer ones begin with the clock's hour."""

_STOCKS = Capabilities(
    (Timeframe.M1, Timeframe.M3, Timeframe.M5, Timeframe.M15, _OPEN_HOURS, Timeframe.D1),
    page_bars=10_000,
    needs_key=True,
    adjustment="split",
    feed=FEED,
)
_CRYPTO = Capabilities(
    (Timeframe.M1, Timeframe.M3, Timeframe.M5, Timeframe.M15, Timeframe.M30, Timeframe.H1),  # its day is not UTC's
    page_bars=10_000,
)
_UNITS = {"m": "Minute", "h": "Hour", "d": "Day"}


class Alpaca(Broker):
    """Alpaca's market data. Steps and minima are the instrument book's: its own list takes an account."""

    name = "alpaca"
    asset_classes = (AssetClass.STOCKS, AssetClass.ETF, AssetClass.CRYPTO)
    shown: ClassVar[Mapping[AssetClass, Capabilities]] = {
        AssetClass.STOCKS: _STOCKS,
        AssetClass.ETF: _STOCKS,
        AssetClass.CRYPTO: _CRYPTO,
    }

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._client: Client | None = None
        self._is_dated = False

    @override
    @classmethod
    def capabilities(cls, asset_class: AssetClass) -> Capabilities | None:
        return cls.shown.get(asset_class)

    @override
    async def open(self) -> None:
        if self._is_dated:
            return
        try:
            await self.quote("BTC/USD" if self._is_crypto else "SPY")
        except ConfigError:
            if not self._is_dated:  # else it has answered, whatever it thinks of the question
                raise

    @override
    async def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        from trader_cli.brokers.making import made

        own, now = self.shown[self.access.asset_class].native(timeframe), int((time() + self.ahead) * 1e9)
        candles = await self._rows(symbol, own, now - self._reach(timeframe, limit), None)
        return made(candles, symbol, own, timeframe, self.access.hours, now, limit)

    @override
    async def quote(self, symbol: str) -> Quote:
        from trader_cli.domain.clock import from_nanoseconds
        from trader_cli.domain.quote import Quote

        ours = self._called(symbol)

        def ask(client: Client) -> Any:
            if self._is_crypto:
                from alpaca.data.requests import CryptoLatestQuoteRequest

                return client.get_crypto_latest_quote(CryptoLatestQuoteRequest(symbol_or_symbols=ours))
            from alpaca.data.enums import DataFeed
            from alpaca.data.requests import StockLatestQuoteRequest

            return client.get_stock_latest_quote(StockLatestQuoteRequest(symbol_or_symbols=ours, feed=DataFeed(FEED)))

        told = (await self._read(ask)).get(ours)
        if not isinstance(told, dict):
            raise ConfigError(f"{self.name} lists no '{symbol}'", key=f"trading_symbols.{self.access.asset_class}")
        prices = (told.get(name) for name in ("bp", "ap"))
        bid, ask_price = (float(price) if isinstance(price, int | float) and price > 0 else None for price in prices)
        at = datetime.fromisoformat(told["t"]) if isinstance(told.get("t"), str) else None
        return Quote(symbol, bid, ask_price, None, at, from_nanoseconds(int((time() + self.ahead) * 1e9)))

    @override
    async def page(self, symbol: str, timeframe: Timeframe, start: int, kind: Kind) -> Candles:
        if kind is not Kind.TRADES:
            raise UsageError(f"{self.name} has no {kind} data")
        return await self._rows(symbol, timeframe, start, self.shown[self.access.asset_class].page_bars)

    @override
    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client._session.close()

    @property
    def _is_crypto(self) -> bool:
        return self.access.asset_class is AssetClass.CRYPTO

    def _reach(self, timeframe: Timeframe, limit: int) -> int:
        """How far back the latest bars begin at the earliest, ns: weekends and holidays are no sessions."""
        hours = self.access.hours
        if hours is TradingHours.CONTINUOUS:
            return (limit + 1) * timeframe.nanoseconds  # the one in progress may not be shown
        sessions = -(-limit // hours.bars_per_session(timeframe)) + 1
        return int(timedelta(days=sessions * 7 / 5 + 5).total_seconds()) * 1_000_000_000

    async def _rows(self, symbol: str, own: Timeframe, start: int, count: int | None) -> Candles:
        """The bars that open at `start` or later, oldest first, at most `count`."""
        from trader_cli.brokers.making import as_candles
        from trader_cli.domain.clock import from_nanoseconds

        ours, begun = self._called(symbol), from_nanoseconds(start)

        def ask(client: Client) -> Any:
            from alpaca.data.enums import Adjustment, DataFeed
            from alpaca.data.requests import CryptoBarsRequest, StockBarsRequest
            from alpaca.data.timeframe import TimeFrame, TimeFrameUnit

            length = TimeFrame(int(own[:-1]), TimeFrameUnit[_UNITS[own[-1]]])
            wanted: dict[str, Any] = {"symbol_or_symbols": ours, "timeframe": length, "start": begun, "limit": count}
            if self._is_crypto:
                return client.get_crypto_bars(CryptoBarsRequest(**wanted))
            return client.get_stock_bars(StockBarsRequest(**wanted, feed=DataFeed(FEED), adjustment=Adjustment.SPLIT))

        told = await self._read(ask)
        where = f"{self.name}'s answer for {symbol}"
        if not isinstance(told, dict):
            raise DataError("holds no bars", file=where)
        try:
            rows = [
                [self._opened(row["t"], own), *(row[name] for name in ("o", "h", "l", "c", "v"))]
                for row in told.get(ours) or ()
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"has a bar that lacks something ({type(error).__name__}: {error})", file=where) from error
        return as_candles(sorted(rows, key=itemgetter(0)), where)

    def _opened(self, told: str, own: Timeframe) -> float:
        """When a bar opens, ms since 1970; a day of stocks is labelled with its session's date."""
        opened = datetime.fromisoformat(told)
        if own is Timeframe.D1:
            from zoneinfo import ZoneInfo

            opened = datetime.combine(opened.astimezone(ZoneInfo("America/New_York")).date(), datetime.min.time(), UTC)
        return opened.timestamp() * 1000

    def _called(self, symbol: str) -> str:
        """A symbol as Alpaca writes it: a ticker, or a pair with a stroke.

        Raises: ConfigError for a pair that nobody could read.
        """
        if not self._is_crypto:
            return symbol.upper().replace("/", ".")
        from trader_cli.domain.symbols import symbol_key

        key = symbol_key(symbol)
        for quote in ("USDT", "USDC", "USD", "BTC"):
            if key.endswith(quote) and len(key) > len(quote):
                return f"{key[: -len(quote)]}/{quote}"
        raise ConfigError(f"'{symbol}' is no pair such as BTC/USD", key=f"trading_symbols.{self.access.asset_class}")

    async def _read(self, question: Callable[[Client], Any]) -> Any:
        """Raises: Unavailable, DataError, ConfigError."""
        from trader_cli.brokers.alpaca_client import understood
        from trader_cli.brokers.reading import read
        from trader_cli.brokers.threads import in_thread

        async def ask() -> Any:
            await self._budget().take()
            return await in_thread(lambda: question(self._connected()))

        return await read(self.name, ask, understood)

    def _connected(self) -> Client:
        if self._client is None:
            from trader_cli.brokers.alpaca_client import client

            if not self._is_crypto and self.access.key is None:
                raise ConfigError(
                    "market data takes a key: set the variables that broker_config.credentials names",
                    key="broker_config.credentials",
                )
            self._client = client(self.access, self._budget(), self._dated)
        return self._client

    def _budget(self) -> Budget:
        from trader_cli.settings import home

        name = "-".join(part for part in (self.name, self.access.host) if part)
        return Budget(home() / "rates" / f"{name}.json", RATE)

    def _dated(self, ahead: float) -> None:
        """Goes by the host's clock where that differs from ours by more than its date tells."""
        self._is_dated = True
        if abs(ahead - self.ahead) > NOTICED_SECONDS:
            self.ahead = ahead
