"""Which files hold which series: `<venue>/<SYMBOL>-<timeframe>[-mark|-funding][-YYYY[MM]].<format>`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from trader_cli.domain.symbols import matching_keys, symbol_key
from trader_cli.domain.timeframe import Timeframe
from trader_cli.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_NAME = re.compile(
    rf"^(?P<symbol>.+)-(?P<timeframe>{'|'.join(Timeframe)})(?:-(?P<kind>mark|funding))?(?:-(?P<part>\d{{4}}(?:\d\d)?))?$"
)
_FORMATS = (".parquet", ".csv.gz", ".csv")
_SHOWN = 8


class Kind(StrEnum):
    """What a series tells: trades are what orders fill on, mark prices what margin is reckoned on."""

    TRADES = "trades"
    MARK = "mark"
    FUNDING = "funding"


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file and what its name says; `timeframe` is None where the name says nothing."""

    path: Path
    venue: str = ""
    symbol: str = ""
    timeframe: Timeframe | None = None
    kind: Kind = Kind.TRADES
    part: str = ""


def described(path: Path, venue: str = "") -> DataFile:
    """What a file's name says; a name of another form says nothing."""
    ending = next((ending for ending in _FORMATS if path.name.lower().endswith(ending)), "")
    parts = _NAME.match(path.name[: len(path.name) - len(ending)])
    if parts is None:
        return DataFile(path, venue)
    kind = Kind(parts["kind"] or Kind.TRADES)
    return DataFile(path, venue, parts["symbol"], Timeframe(parts["timeframe"]), kind, parts["part"] or "")


def inventory(folder: Path) -> tuple[DataFile, ...]:
    """Every market data file of a folder and of the venue folders in it, by venue and name."""
    here = [described(path) for path in _entries(folder) if _is_data(path)]
    below = [
        described(path, venue.name)
        for venue in _entries(folder)
        if venue.is_dir() and not venue.name.startswith(".")
        for path in _entries(venue)
        if _is_data(path)
    ]
    return tuple(file for file in (*here, *below) if file.timeframe is not None)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise DataError(f"cannot be listed: {error.strerror}", file=str(folder)) from error


def _is_data(path: Path) -> bool:
    return path.name.lower().endswith(_FORMATS) and not path.name.startswith(".") and path.is_file()


def find(source: Path, symbol: str, timeframe: Timeframe) -> tuple[DataFile, ...]:
    """The files that hold a symbol's bars, all of one timeframe: this one, else the coarsest it can be made of.

    A file is taken whatever its name, unless that says it holds no trades.
    Raises: DataError where there is none, or two venues have some.
    """
    if source.is_dir():
        return _chosen(inventory(source), source, symbol, timeframe)
    named = described(source)
    if named.kind is not Kind.TRADES:
        raise DataError(f"holds {named.kind} data, not trades", file=str(source))
    return (named,)


def _chosen(files: Sequence[DataFile], folder: Path, symbol: str, timeframe: Timeframe) -> tuple[DataFile, ...]:
    trades = [file for file in files if file.kind is Kind.TRADES]
    for key in matching_keys(symbol):
        fitting = [
            (file, file.timeframe)
            for file in trades
            if file.timeframe is not None and file.timeframe.divides(timeframe) and symbol_key(file.symbol) == key
        ]
        if not fitting:
            continue
        _demand_one_venue({file.venue for file, _ in fitting}, folder, symbol)
        coarsest = max((own for _, own in fitting), key=lambda own: own.nanoseconds)
        return tuple(file for file, own in fitting if own is coarsest)
    raise DataError(f"no bars of {symbol} at {timeframe} or finer; {_there(trades)}", file=str(folder))


def _demand_one_venue(venues: set[str], folder: Path, symbol: str) -> None:
    if len(venues) > 1:
        names = ", ".join(sorted(venue or "the folder itself" for venue in venues))
        raise DataError(f"{symbol} is there from several venues ({names}); name the folder of one", file=str(folder))


def _there(files: Iterable[DataFile]) -> str:
    names = list(dict.fromkeys(f"{file.symbol}-{file.timeframe}" for file in files))
    if not names:
        return "it holds no market data files (<venue>/<SYMBOL>-<timeframe>.parquet)"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"there are: {', '.join(names[:_SHOWN])}{more}"
