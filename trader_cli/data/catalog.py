"""Which files hold which series: `<venue>/<SYMBOL>-<timeframe>[-mark|-funding][-YYYY[MM]].<format>`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.symbols import file_name, matching_keys, symbol_key
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


def venue_folder(broker: str, asset_class: AssetClass, *, is_test: bool = False) -> str:
    """The folder of what was fetched from a broker: its contracts, which may be called like its pairs, have their own.

    So has what its test endpoint tells, where prices are made up.

    >>> venue_folder("binance", AssetClass.CRYPTO), venue_folder("binance", AssetClass.FUTURES)
    ('binance', 'binance-futures')
    """
    return f"{broker}{'-futures' * (asset_class is AssetClass.FUTURES)}{'-test' * is_test}"


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
    venues = [path for path in _entries(folder) if path.is_dir() and not path.name.startswith(".")]
    return (*_files_in(folder), *(file for venue in venues for file in _files_in(venue, venue.name)))


def beside(trades: Path, kind: Kind) -> tuple[DataFile, ...]:
    """The files of a kind, of any timeframe, in the folder of a file of trades and of its symbol.

    None where the name of the file of trades does not tell its symbol.
    """
    named = described(trades)
    if named.timeframe is None:
        return ()
    there = [file for file in _files_in(trades.parent) if file.kind is kind]
    for key in matching_keys(named.symbol):
        found = tuple(file for file in there if symbol_key(file.symbol) == key)
        if found:
            return found
    return ()


def kept_as(folder: Path, symbol: str, timeframe: Timeframe, kind: Kind) -> DataFile:
    """The file of a series in a venue's folder: what is there already, however it spells the symbol, or will be.

    Funding rates of a symbol are one series, whatever their timeframe.
    """
    key = symbol_key(symbol)
    for file in _files_in(folder, folder.name) if folder.is_dir() else ():
        is_alike = file.kind is kind and (file.timeframe is timeframe or kind is Kind.FUNDING)
        if is_alike and symbol_key(file.symbol) == key:
            return file
    ending = "" if kind is Kind.TRADES else f"-{kind}"
    return described(folder / f"{file_name(symbol)}-{timeframe}{ending}.parquet", folder.name)


def _files_in(folder: Path, venue: str = "") -> list[DataFile]:
    files = [described(path, venue) for path in _entries(folder) if _is_data(path)]
    return [file for file in files if file.timeframe is not None]


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


def find_finer(trades: Sequence[Path], timeframe: Timeframe) -> tuple[DataFile, ...]:
    """The files of bars at a timeframe finer than those that were made of `trades`: these, or others beside them.

    Raises: DataError where there are none.
    """
    own = [described(path) for path in trades]
    length = own[0].timeframe
    if length is None or length.divides(timeframe):
        return tuple(own)
    fitting = [
        (file, file.timeframe)
        for file in beside(trades[0], Kind.TRADES)
        if file.timeframe is not None and file.timeframe.divides(timeframe)
    ]
    if not fitting:
        wanted = f"{own[0].symbol}-{timeframe}.parquet"
        raise DataError(f"holds {length} bars, finer ones are not there: put {wanted} beside it", file=str(trades[0]))
    return _coarsest(fitting)


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
        return _coarsest(fitting)
    raise DataError(f"no bars of {symbol} at {timeframe} or finer; {_there(trades)}", file=str(folder))


def _coarsest(fitting: Sequence[tuple[DataFile, Timeframe]]) -> tuple[DataFile, ...]:
    coarsest = max((own for _, own in fitting), key=lambda own: own.nanoseconds)
    return tuple(file for file, own in fitting if own is coarsest)


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
