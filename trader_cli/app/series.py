"""One series of a venue, fetched into its file: what is missing after its last row, then what is before its first."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from trader_cli.brokers.making import spliced
from trader_cli.data.catalog import Kind
from trader_cli.data.placing import place
from trader_cli.data.quality import gaps_between
from trader_cli.data.times import iso
from trader_cli.domain.timeframe import Timeframe
from trader_cli.errors import DataError, Locked
from trader_cli.settings import locks_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from trader_cli.app.paging import Pages
    from trader_cli.data.candles import Candles
    from trader_cli.data.catalog import DataFile
    from trader_cli.data.growing import Growing
    from trader_cli.domain.bars import Ints
    from trader_cli.domain.timeframe import TradingHours

SAVE_SECONDS = 5.0
"""How long fetched rows are kept in memory alone: what a process that is killed loses."""

CHUNK_PAGES = 10
"""So many pages before the first row become part of the file at once: it never has a hole."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A series that is whole. `first` and `last` are the times of its ends, in ns since 1970 UTC.

    `gaps` and `missing_bars` count holes inside the market's hours: nothing fills them.
    """

    file: DataFile
    rows: int
    added: int
    first: int
    last: int
    gaps: int
    missing_bars: int
    warnings: tuple[str, ...]

    def document(self) -> dict[str, object]:
        """What was fetched, for a script."""
        return {
            "path": str(self.file.path),
            "venue": self.file.venue,
            "symbol": self.file.symbol,
            "timeframe": self.file.timeframe,
            "kind": self.file.kind,
            "rows": self.rows,
            "added": self.added,
            "start": iso(self.first),
            "end": iso(self.last),
            "gaps": self.gaps,
            "missing_bars": self.missing_bars,
            "warnings": list(self.warnings),
        }


class Watcher(Protocol):
    """Who is told how it goes."""

    def advanced(self, file: DataFile, fraction: float) -> None:
        """So much of what is missing of a series is there."""
        ...

    def finished(self, fetched: Fetched) -> None:
        """A series is whole."""
        ...


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Keeps other processes from fetching into a file. Raises: Locked where one does."""
    from filelock import FileLock, Timeout

    folder = locks_dir()
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"data-{sha256(str(path.resolve()).encode()).hexdigest()[:16]}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Locked("another process fetches into this file", file=str(path)) from None
    try:
        yield
    finally:
        lock.release()


async def grow(growing: Growing, pages: Pages, start: int | None, end: int, advanced: Callable[[float], None]) -> None:
    """Adds what there is from `start` on and before `end`, in ns since 1970 UTC; None: after what is there already.

    What is there by then is kept, however it ends. `advanced` is told the fraction that is done.
    Raises: Unavailable, DataError, ConfigError; OSError where the disk refuses.
    """
    saver = _Saver(growing)
    try:
        await _forwards(saver, pages, start, end, advanced)
        if start is not None and not growing.is_empty:
            await _backwards(saver, pages, start, advanced)
    finally:
        growing.save()


class _Saver:
    """Adds rows to a series, and every now and then puts it on disk."""

    def __init__(self, growing: Growing) -> None:
        self.growing, self._saved = growing, monotonic()

    def add(self, rows: Candles, asked_from: int) -> None:
        self.growing.add(rows, asked_from)
        if monotonic() - self._saved >= SAVE_SECONDS:
            self.growing.save()
            self._saved = monotonic()


async def _forwards(
    saver: _Saver, pages: Pages, start: int | None, end: int, advanced: Callable[[float], None]
) -> None:
    """What comes after the last row, which is asked for once more: it must be what it was."""
    growing = saver.growing
    since = growing.last if not growing.is_empty else start
    if since is None:
        raise ValueError("a series that is empty begins somewhere")
    asked_from = since if growing.asked_from is None else growing.asked_from
    async for reached, rows in pages.between(since, end):
        saver.add(rows, asked_from)
        advanced((reached - since) / (end - since))


async def _backwards(saver: _Saver, pages: Pages, start: int, advanced: Callable[[float], None]) -> None:
    """What comes before all that was asked for, the newest first, once the first row is seen to be what it was."""
    growing = saver.growing
    edge = growing.asked_from
    if edge is None or start >= edge:
        return
    again = [rows async for _, rows in pages.between(growing.first, growing.first + pages.step)]
    if not len(again[0]):
        raise DataError(
            f"{pages.venue} does not tell the first row, of {iso(growing.first)}, any more: is it the same symbol?",
            file=str(growing.file.path),
        )
    saver.add(again[0], edge)
    newest, begin = edge, await pages.beginning(start, edge)
    while edge > begin:
        edge, before = max(begin, edge - CHUNK_PAGES * pages.span), edge
        found = [rows async for _, rows in pages.between(edge, before)]
        saver.add(spliced(found, edge), edge)
        advanced((newest - edge) / (newest - begin))
    growing.add(growing.candles[:0], start)


def holes_of(growing: Growing, timeframe: Timeframe, hours: TradingHours) -> tuple[int, int]:
    """How many holes a series has inside the market's hours, and how many rows are missing in them."""
    times = growing.candles.open_time
    if growing.file.kind is Kind.FUNDING:
        length = timeframe.nanoseconds
        return gaps_between((times + length // 2) // length)
    return gaps_between(place(times, timeframe, hours).only_inside().slot)


def settled_every(times: Ints) -> Timeframe:
    """How far apart settlements stand, for the name of their file: the usual distance, else 8 hours."""
    import numpy as np

    steps = np.sort(np.diff(times))
    usual = int(steps[(len(steps) - 1) // 2]) if len(steps) else 0
    return next((one for one in Timeframe if one.nanoseconds == usual), Timeframe.H8)
