"""The history of symbols of one venue, into its folder: bars, and of contracts mark prices and funding rates too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from trader_cli.app.paging import Pages
from trader_cli.app.series import Fetched, alone_with, grow, holes_of, settled_every
from trader_cli.app.venues import clock_of
from trader_cli.data.catalog import Kind, kept_as
from trader_cli.data.growing import ADJUSTMENT, FETCHED, SYMBOL, Growing
from trader_cli.data.times import DAY, SECOND, iso
from trader_cli.domain.clock import to_nanoseconds
from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.timeframe import Timeframe
from trader_cli.errors import DataError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from trader_cli.app.markets import Span
    from trader_cli.app.series import Watcher
    from trader_cli.brokers.base import Broker, Capabilities
    from trader_cli.data.catalog import DataFile

DEFAULT_SPAN = timedelta(days=365)
"""How much is fetched of a series that is not there yet, unless somebody says from when on."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is to be fetched: a symbol, how its files call it, the timeframe that is meant and the venue's own."""

    symbol: str
    filed: str
    meant: Timeframe
    own: Timeframe


@dataclass(frozen=True, slots=True)
class _Series:
    """One series to be fetched: its symbol, its file, how far its rows stand apart, and when it begins and ends.

    Units: ns since 1970 UTC. `start` is None where it begins where the file does; `default` is where a new file begins.
    """

    symbol: str
    file: DataFile
    timeframe: Timeframe
    start: int | None
    default: int
    end: int
    remarks: tuple[str, ...] = ()


class History:
    """What one part of one venue has of the past. The venue is open."""

    def __init__(self, broker: Broker, shown: Capabilities, folder: Path, span: Span, watcher: Watcher) -> None:
        self._broker, self._shown, self._folder, self._watcher = broker, shown, folder, watcher
        self._clock = clock_of(broker)
        self._begun = self._now()
        """What has closed by now is fetched."""
        self._start = None if span.start is None else to_nanoseconds(span.start)
        self._end = self._begun + 1 if span.end is None else min(self._begun + 1, to_nanoseconds(span.end))

    async def of(self, sought: Sought) -> AsyncIterator[Fetched]:
        """Brings a symbol's series up to date, one after the other.

        Raises: Unavailable, DataError, ConfigError; Locked where another process fetches the same.
        """
        symbol, own, length = sought.symbol, sought.own, sought.own.nanoseconds
        end = min(self._begun // length * length, -(-self._end // length) * length)
        start = None if self._start is None else -(-self._start // length) * length
        default = end // DAY * DAY - int(DEFAULT_SPAN.total_seconds()) * SECOND
        file = kept_as(self._folder, sought.filed, own, Kind.TRADES)
        trades = await self._brought(_Series(symbol, file, own, start, default, end, self._remarks(sought)))
        yield trades
        if self._broker.access.asset_class is not AssetClass.FUTURES:
            return
        since = trades.first
        if self._shown.has_marks:
            file = kept_as(self._folder, sought.filed, own, Kind.MARK)
            yield await self._brought(_Series(symbol, file, own, since, since, end))
        if self._shown.has_funding:
            file = await self._rates_file(sought, since)
            every = file.timeframe or Timeframe.H8
            yield await self._brought(_Series(symbol, file, every, since, since, self._end))

    async def _rates_file(self, sought: Sought, since: int) -> DataFile:
        """The file of funding rates, which is named by how often they are settled."""
        file = kept_as(self._folder, sought.filed, Timeframe.H8, Kind.FUNDING)
        if not file.path.exists():
            async for _, rates in self._pages(sought.symbol, Timeframe.H8, Kind.FUNDING).between(since, self._end):
                if len(rates):
                    return kept_as(self._folder, sought.filed, settled_every(rates.open_time), Kind.FUNDING)
        return file

    async def _brought(self, series: _Series) -> Fetched:
        file, watcher = series.file, self._watcher
        with alone_with(file.path):
            growing = Growing(file, self._notes(file.symbol))
            meant = series.default if series.start is None and growing.is_empty else series.start
            start, limits = self._within_reach(growing, meant, series.timeframe)
            pages = self._pages(series.symbol, series.timeframe, file.kind)
            await grow(growing, pages, start, series.end, lambda fraction: watcher.advanced(file, fraction))
            if growing.is_empty:
                span = "" if start is None else f" from {iso(start)} to {iso(series.end)}"
                raise DataError(f"{self._broker.name} has no {file.kind} data of {series.symbol}{span}")
        fetched = Fetched(
            file,
            len(growing.candles),
            growing.added,
            growing.first,
            growing.last,
            *holes_of(growing, series.timeframe, self._broker.access.hours),
            (*series.remarks, *limits, *_revisions(growing)),
        )
        watcher.finished(fetched)
        return fetched

    def _within_reach(
        self, growing: Growing, start: int | None, timeframe: Timeframe
    ) -> tuple[int | None, tuple[str, ...]]:
        """From when on can be asked, and what is to be said where that is later than was meant."""
        reach = self._shown.reach(timeframe, self._begun) if growing.file.kind is not Kind.FUNDING else None
        if reach is None:
            return start, ()
        known = growing.asked_from
        told = f"{self._broker.name} shows the newest {self._shown.history_bars} bars of {timeframe} alone"
        if not growing.is_empty and growing.last + timeframe.nanoseconds < reach:
            return None, (f"{told}: what was between {iso(growing.last)} and {iso(reach)} cannot be had any more",)
        if start is None or start >= reach or (known is not None and known <= start):
            return start, ()
        begins = reach if known is None else min(reach, known)
        return begins, (f"{told}: it begins at {iso(begins)}, not at {iso(start)}; longer bars reach further back",)

    def _pages(self, symbol: str, timeframe: Timeframe, kind: Kind) -> Pages:
        return Pages(self._broker, self._shown, symbol, timeframe, kind, self._now)

    def _now(self) -> int:
        """The venue's time, ns since 1970 UTC."""
        return to_nanoseconds(self._clock.now())

    def _notes(self, symbol: str) -> dict[str, str]:
        """What stands in the metadata of a file that is begun now."""
        source = " ".join(part for part in (self._broker.name, self._shown.feed) if part)
        return {
            SYMBOL: symbol,
            "venue": self._folder.name,
            "source": source,
            ADJUSTMENT: self._shown.adjustment,
            FETCHED: iso(self._begun)[:10],
        }

    def _remarks(self, sought: Sought) -> tuple[str, ...]:
        if sought.own is sought.meant:
            return ()
        return (
            f"{self._broker.name} has no {sought.meant} bars: fetched are {sought.own} ones, which they are made of",
        )


def _revisions(growing: Growing) -> Iterator[str]:
    """What is to be said where the venue tells otherwise than is kept."""
    if growing.revised:
        first = iso(min(growing.revised))
        yield f"{len(growing.revised)} rows are told otherwise now, the first that of {first}: kept as they were"
