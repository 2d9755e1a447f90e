"""Market data files: what is there, how good it is, and how foreign exports become ours."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trader_cli.data.candles import read_candles
from trader_cli.data.catalog import Kind, described, inventory
from trader_cli.data.certificate import Certificate, Verdict, certified
from trader_cli.data.importing import Imported, Wishes, imported
from trader_cli.data.joining import Part, joined
from trader_cli.data.source import read_source
from trader_cli.data.storing import demand_free, write_candles
from trader_cli.data.tables import TIME, read_table
from trader_cli.data.times import iso, nanoseconds
from trader_cli.domain.symbols import file_name, symbol_key
from trader_cli.errors import DataError, Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from trader_cli.data.candles import Candles
    from trader_cli.data.catalog import DataFile
    from trader_cli.domain.timeframe import Timeframe, TradingHours

DEFAULT_VENUE = "imported"
_BINANCE_DATE = re.compile(r"-\d{4}-\d\d(-\d\d)?(?=\.)")
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


def files_of(paths: Iterable[Path]) -> tuple[DataFile, ...]:
    """The files named, and those of the folders named. Raises: DataError where a folder holds none."""
    found: list[DataFile] = []
    for path in paths:
        inside = inventory(path) if path.is_dir() else (described(path),)
        if not inside:
            raise DataError("holds no market data files (<venue>/<SYMBOL>-<timeframe>.parquet)", file=str(path))
        found.extend(inside)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the inventory; `problem` instead of rows and span where it cannot be read."""

    file: DataFile
    rows: int | None = None
    start: str | None = None
    end: str | None = None
    problem: str | None = None

    def document(self) -> dict[str, object]:
        """The entry, for a script."""
        return {
            "path": str(self.file.path),
            "venue": self.file.venue,
            "symbol": self.file.symbol,
            "timeframe": self.file.timeframe,
            "kind": self.file.kind,
            "rows": self.rows,
            "start": self.start,
            "end": self.end,
            "problem": self.problem,
        }


def entry(file: DataFile) -> Entry:
    """Rows and span of a file, without a judgement on them. Raises: DataError where it cannot be read."""
    source = read_source(file.path)
    times = nanoseconds(read_table(source, ())[TIME], source)
    return Entry(file, len(times), iso(int(times.min())), iso(int(times.max())))


def entries(files: Iterable[DataFile]) -> Iterator[Entry]:
    """The entry of each file; one that cannot be read says why and does not hide the others."""
    for file in files:
        try:
            yield entry(file)
        except DataError as error:
            yield Entry(file, problem=str(error.problems[0]))


def certificates(files: Iterable[DataFile], hours: TradingHours | None) -> Iterator[Certificate]:
    """The certificate of each file, one after the other."""
    for file in files:
        yield certified(file, hours)


def disagreements(found: Iterable[Certificate]) -> tuple[Problem, ...]:
    """Where parts of one series tell different things of one bar, which no single certificate can see."""
    series: dict[tuple[object, ...], list[DataFile]] = {}
    for certificate in found:
        file = certificate.file
        if certificate.verdict is not Verdict.REFUSED and file.symbol and file.kind is not Kind.FUNDING:
            name = (file.path.parent, symbol_key(file.symbol), file.timeframe, file.kind)
            series.setdefault(name, []).append(file)
    return tuple(problem for files in series.values() if len(files) > 1 for problem in _disagreement(files))


def _disagreement(files: Sequence[DataFile]) -> tuple[Problem, ...]:
    sources = [read_source(file.path) for file in files]
    try:
        joined([Part(source, read_candles(source)) for source in sources])
    except DataError as error:
        return error.problems
    return ()


@dataclass(frozen=True, slots=True)
class Target:
    """A file to be written, and the exports it is made of."""

    path: Path
    symbol: str
    venue: str
    timeframe: Timeframe
    candles: Candles
    exports: tuple[Imported, ...]

    def document(self) -> dict[str, object]:
        """What was done, for a script."""
        return {
            "path": str(self.path),
            "venue": self.venue,
            "symbol": self.symbol,
            "timeframe": str(self.timeframe),
            "rows": len(self.candles),
            "start": iso(int(self.candles.open_time[0])),
            "end": iso(int(self.candles.open_time[-1])),
            "files": [
                {
                    "file": str(export.source.path),
                    "layout": export.layout,
                    "rows": len(export.candles),
                    "sha256": export.source.sha256,
                    "steps": list(export.steps),
                }
                for export in self.exports
            ],
        }


@dataclass(slots=True)
class Import:
    """Exports on their way into a data folder. Everything is read and judged before anything is written."""

    folder: Path
    venue: str | None
    wishes: Wishes
    force: bool = False
    _exports: dict[Path, list[Imported]] = field(default_factory=dict)

    def read(self, path: Path) -> None:
        """Takes in one export. Raises: DataError, UsageError where it cannot become one of our files."""
        name = described(path.with_name(_BINANCE_DATE.sub("", path.name)))
        export = imported(read_source(path), self.wishes, name.timeframe)
        symbol = export.symbol or name.symbol
        if not symbol:
            raise UsageError("does not tell its symbol; say --symbol", file=str(path), key="--symbol")
        target = self.folder / _safe(self._venue, "--venue") / f"{_safe(symbol, '--symbol')}-{export.timeframe}.parquet"
        demand_free(target, force=self.force)
        self._exports.setdefault(target, []).append(export)

    def write(self) -> tuple[Target, ...]:
        """Joins exports of one series and writes each. Raises: DataError where two of them disagree."""
        targets = tuple(self._target(path, exports) for path, exports in self._exports.items())
        for target in targets:
            origin = ", ".join(f"{export.source.path.name} sha256 {export.source.sha256}" for export in target.exports)
            notes = {"symbol": target.symbol, "venue": target.venue, "source": origin}
            write_candles(target.candles, target.path, notes)
        return targets

    @property
    def _venue(self) -> str:
        return self.venue or DEFAULT_VENUE

    def _target(self, path: Path, exports: Sequence[Imported]) -> Target:
        candles = joined([Part(export.source, export.candles, export.rows) for export in exports])
        symbol = exports[0].symbol or described(path).symbol
        return Target(path, symbol, self._venue, exports[0].timeframe, candles, tuple(exports))


def _safe(name: str, option: str) -> str:
    """A name that stays inside its folder. Raises: UsageError."""
    written = file_name(name)
    if not _SAFE.fullmatch(written):
        raise UsageError(f"{name!r} cannot be part of a file name (letters, digits, . _ -)", key=option)
    return written
