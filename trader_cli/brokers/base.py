"""What a venue is to a trader: which classes it trades, what it shows to everybody, and its time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from trader_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trader_cli.brokers.listing import Listing
    from trader_cli.data.candles import Candles
    from trader_cli.data.catalog import Kind
    from trader_cli.domain.bars import Bars
    from trader_cli.domain.instrument import AssetClass
    from trader_cli.domain.quote import Quote
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.ports import Clock


RATES_HOURS = 100
"""For so many hours one answer on funding rates is whole, at the least."""


@dataclass(frozen=True, slots=True)
class Key:
    """What a venue's market data takes of those who read it."""

    key: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Access:
    """How a venue is reached, and which part of it; what a variant's `[broker_config]` says.

    `key` is there where market data takes one, and it is set; never else.
    """

    asset_class: AssetClass
    hours: TradingHours
    test_mode: bool = False
    endpoint: str | None = None
    data_endpoint: str | None = None
    key: Key | None = None

    @property
    def host(self) -> str:
        """The host that is read from, as it stands in a file name; empty: the client's own."""
        return urlsplit(self.data_endpoint or self.endpoint or "").netloc.replace(":", "_")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a venue can show of one asset class.

    `timeframes` are its own, the finest first; others are made of them. `page_bars` is how many bars one answer
    holds, `history_bars` how many of the latest ones can be had at all; None: as many as there are. `needs_key` is
    whether market data takes a key. `has_marks` and `has_funding` say so of contracts. `adjustment` is what past prices
    are adjusted for (none, split), `feed` whose trades make the bars where they are not the venue's own.
    """

    timeframes: tuple[Timeframe, ...]
    page_bars: int
    history_bars: int | None = None
    has_test_mode: bool = True
    needs_key: bool = False
    has_marks: bool = False
    has_funding: bool = False
    adjustment: str = "none"
    feed: str = ""

    def native(self, timeframe: Timeframe) -> Timeframe:
        """The coarsest of the venue's own timeframes of which such bars can be made: often itself.

        Raises: UsageError where all are longer.
        """
        dividing = [own for own in self.timeframes if own.divides(timeframe)]
        if not dividing:
            raise UsageError(f"no {timeframe} bars can be made of those there are ({', '.join(self.timeframes)})")
        return max(dividing, key=lambda own: own.nanoseconds)

    def reach(self, own: Timeframe, now: int) -> int | None:
        """When the oldest bar opens that can be had `now`, the one in progress being the newest; None: no matter.

        Units: ns since 1970 UTC.
        """
        most = self.history_bars
        return None if most is None else (now // own.nanoseconds - most + 1) * own.nanoseconds


class Broker(ABC):
    """The public side of one venue; it fills the port `MarketData`.

    A package joins with an entry point in the group `trader_cli.brokers`: it has to fill `bars`, and gives up with the
    rest what only the rest is needed for. Nothing is connected before the first question.
    """

    name: ClassVar[str]
    asset_classes: ClassVar[tuple[AssetClass, ...]]

    def __init__(self, access: Access) -> None:
        self.access = access
        self.ahead = 0.0
        """Seconds by which the venue's time is ahead of this machine's."""

    @classmethod
    def capabilities(cls, asset_class: AssetClass) -> Capabilities | None:  # noqa: ARG003 - for those who override it
        """What it can show of an asset class; None where it does not say."""
        return None

    @property
    def clock(self) -> Clock | None:
        """The venue's own time, where it is not the wall's."""
        return None

    @abstractmethod
    async def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        """The latest bars of a symbol, at most so many, oldest first; the last may not have closed yet.

        Raises: Unavailable where the venue does not answer, DataError where the answer makes no sense.
        """

    async def open(self) -> None:
        """Learns what has to be known before the first question: how far the venue's time is `ahead`.

        Raises: Unavailable, DataError.
        """
        return

    async def listing(self) -> Listing | None:
        """The markets of the asset class, with their steps and minima; None where the venue tells none.

        Raises: Unavailable, DataError.
        """
        return None

    async def relisted(self) -> Listing | None:
        """The same asked for again, where it is kept and may have grown since: at most once in some minutes.

        Raises: as `listing`.
        """
        return await self.listing()

    async def listing_of(self, symbols: Iterable[str]) -> Listing | None:
        """A listing that has every one of `symbols` which the venue lists by now, as `listing`."""
        listing = await self.listing()
        if listing is None or all(listing.has(symbol) for symbol in symbols):
            return listing
        return await self.relisted()

    async def marks(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars | None:
        """The latest bars of a contract in mark prices, as `bars`; None where the venue keeps none."""
        return None

    async def rates(self, symbol: str, start: int, end: int) -> Candles | None:
        """The funding rates of a contract settled from `start` to `end` (ns since 1970 UTC), in one row of `values`.

        None where the venue tells none. What was settled last may not be there yet. Raises: Unavailable, DataError.
        """
        return None

    async def quote(self, symbol: str) -> Quote:
        """The best prices of a symbol. Raises: Unavailable, DataError; UsageError where the venue tells none."""
        raise UsageError(f"{self.name} tells no quotes")

    async def page(self, symbol: str, timeframe: Timeframe, start: int, kind: Kind) -> Candles:
        """The bars, mark prices or funding rates of a symbol that open at `start` (ns since 1970 UTC) or later.

        At most as many as one answer holds, oldest first, unchecked; the timeframe is one of the venue's own. An empty
        page says that one answer's span from `start` on holds none, not that nothing comes later: a span of `page_bars`
        bars, or of `RATES_HOURS`. `values` has one row where rates were asked for.
        Raises: Unavailable, DataError; UsageError where the venue tells none.
        """
        raise UsageError(f"{self.name} tells no history")

    async def close(self) -> None:
        """Lets go of connections."""
        return
