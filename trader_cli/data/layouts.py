"""Which column of a CSV export is which."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trader_cli.data.tables import BAR_COLUMNS, PRICES
from trader_cli.domain.symbols import symbol_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trader_cli.data.source import Source

_TIMES = ("unix", "unix_timestamp", "timestamp", "open_time", "datetime", "date_time", "date", "time")
_KLINES = (
    *("timestamp", *BAR_COLUMNS, "close_time", "quote_volume", "count", "taker_base", "taker_quote", "ignore"),
)  # fmt: skip
_DELIMITERS = (",", ";", "\t")
_LOOK_AT = 20


@dataclass(frozen=True, slots=True)
class Layout:
    """How an export is laid out. `columns` maps our names to the file's; `time` is one column or date and clock."""

    name: str
    source: Source
    delimiter: str
    names: tuple[str, ...] | None
    time: tuple[str, ...]
    columns: Mapping[str, str]
    symbol: str | None = None


def recognised(source: Source, symbol: str | None) -> Layout:
    """The layout of a text file. Raises: DataError where a column is missing or could be several."""
    lines = [(number, line) for number, line in enumerate(source.text.decode().splitlines(), 1) if line.strip()]
    for number, line in lines[:_LOOK_AT]:
        delimiter = max(_DELIMITERS, key=line.count)
        cells = next(csv.reader([line], delimiter=delimiter))
        plain = {_plain(cell): cell for cell in cells}
        if _time_columns(plain) and all(name in plain for name in PRICES):
            return _headed(replace(source, first_line=number), lines[0][1], delimiter, plain, symbol)
        if len(cells) == len(_KLINES) and all(_is_number(cell) for cell in cells):
            columns = {name: name for name in BAR_COLUMNS}
            headless = replace(source, first_line=number, has_header=False)
            return Layout("Binance klines", headless, delimiter, _KLINES, ("timestamp",), columns)
    raise source.refusal(f"has no header with a time, {', '.join(PRICES)}; it begins: {lines[0][1][:80]!r}")


def _headed(source: Source, first: str, delimiter: str, plain: Mapping[str, str], symbol: str | None) -> Layout:
    columns = {name: plain[name] for name in PRICES}
    ticker = next((plain[name] for name in ("symbol", "ticker") if name in plain), None)
    traded = symbol or _first_cell(source, ticker, delimiter, list(plain.values()))
    columns["volume"] = plain[_volume(source, list(plain), symbol_key(traded or ""))]
    name = "CSV with a header"
    if "cryptodatadownload" in first.lower():
        name = "CryptoDataDownload"
    elif "adj_close" in plain:
        name = "Yahoo"
    return Layout(name, source, delimiter, None, tuple(plain[name] for name in _time_columns(plain)), columns, ticker)


def _first_cell(source: Source, column: str | None, delimiter: str, names: Sequence[str]) -> str | None:
    body = (line for line in source.text.decode().splitlines()[source.first_line :] if line.strip())
    row = next(csv.reader([next(body, "")], delimiter=delimiter), [])
    return row[names.index(column)] if column is not None and len(row) == len(names) else None


def _plain(cell: str) -> str:
    """A column's name without case, spaces, brackets and numbering.

    >>> [_plain(cell) for cell in ("Volume BTC", "<OPEN>", "1. open", "Adj Close", "<VOL>")]
    ['volume_btc', 'open', 'open', 'adj_close', 'volume']
    """
    name = re.sub(r"^\d+\.\s*", "", cell.strip().strip("<>").casefold())
    name = re.sub(r"[\s_-]+", "_", name)
    return "volume" if name == "vol" else name


def _time_columns(plain: Mapping[str, str]) -> tuple[str, ...]:
    found = next((name for name in _TIMES if name in plain), None)
    if found is None:
        return ()
    return ("date", "time") if found == "date" and "time" in plain else (found,)


def _volume(source: Source, names: Sequence[str], traded: str) -> str:
    """The column that counts units of the instrument, not money."""
    found = [name for name in names if name == "volume" or name.startswith("volume_")]
    coins = {name: name.removeprefix("volume_").upper() for name in found}
    if "volume_from" in found:
        return "volume_from"
    in_units = [name for name in found if name != "volume" and traded.startswith(coins[name])]
    in_money = [name for name in found if name != "volume" and traded.endswith(coins[name])]
    left = in_units or [name for name in found if name not in in_money]
    if len(left) == 1:
        return left[0]
    if not found:
        raise source.refusal(f"has no volume column; there are: {', '.join(names)}")
    raise source.refusal(f"has several volume columns ({', '.join(found)}); --symbol tells which coin is traded")


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", cell.strip()) is not None
