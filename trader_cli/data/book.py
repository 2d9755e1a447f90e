"""The instrument book: steps, minima and base fees of what `trader` trades unless a variant says otherwise.

The figures stand in `book.toml`, each table with its source and the date the source said so. Backtest and paper
read them here; live trading asks the venue itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trader_cli.domain.instrument import AssetClass, Instrument
from trader_cli.domain.symbols import symbol_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

BOOK = Path(__file__).with_name("book.toml")  # importlib.resources alone would take longer than the reading
CRYPTO_LOT = Decimal("1e-8")
WHOLE_SHARE = Decimal(1)
FRACTION_OF_A_SHARE = Decimal("1e-9")
CENT = Decimal("0.01")
ASSUMED_MINIMUM_NOTIONAL = Decimal(10)


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures come from: the venue's endpoint or document, and the day it said so."""

    text: str
    date: date


@dataclass(frozen=True, slots=True)
class FeeTier:
    """What an account without volume pays a trade. Units: fractions of the notional."""

    taker: float
    maker: float
    source: str
    date: date | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One symbol of the book and the source of its figures."""

    instrument: Instrument
    source: Source


@dataclass(frozen=True, slots=True)
class Page:
    """What the book knows of one broker's asset class; `entries` by the keys of all usual spellings."""

    symbols: tuple[str, ...]
    fees: FeeTier
    entries: Mapping[str, Entry]


def default_symbols(broker: str, asset_class: AssetClass) -> tuple[str, ...]:
    """What a variant trades unless it says otherwise; nothing where the broker does not trade the class."""
    page = _page(broker, asset_class)
    return page.symbols if page else ()


@lru_cache(maxsize=1024)
def instrument(broker: str, asset_class: AssetClass, symbol: str, *, fractional: bool = False) -> Instrument:
    """The steps and minima of a symbol, however it is spelled; cautious ones where the book knows none.

    `fractional` lets stocks and ETFs be traded in parts of a share.
    """
    entry = _entry(broker, asset_class, symbol)
    found = replace(entry.instrument, symbol=symbol) if entry else _assumed(asset_class, symbol)
    if fractional and asset_class.is_stock_like:
        return replace(found, lot=FRACTION_OF_A_SHARE, minimum_quantity=FRACTION_OF_A_SHARE)
    return found


def instrument_source(broker: str, asset_class: AssetClass, symbol: str) -> Source | None:
    """Where the figures of a symbol come from; None where they are assumed."""
    entry = _entry(broker, asset_class, symbol)
    return entry.source if entry else None


def fee_tier(broker: str, asset_class: AssetClass) -> FeeTier:
    """The base tier the venue publishes; the built-in costs for brokers the book does not know."""
    page = _page(broker, asset_class)
    if page:
        return page.fees
    from trader_cli.domain.risk import Costs

    costs = Costs()
    return FeeTier(costs.taker_fee, costs.maker_fee, "assumed: the book has no tier of this broker", None)


def pages() -> Mapping[tuple[str, AssetClass], Page]:
    """The whole book, by broker and asset class."""
    return _read()


def _page(broker: str, asset_class: AssetClass) -> Page | None:
    return _read().get((broker, asset_class))


def _entry(broker: str, asset_class: AssetClass, symbol: str) -> Entry | None:
    page = _page(broker, asset_class)
    return page.entries.get(symbol_key(symbol)) if page else None


def _assumed(asset_class: AssetClass, symbol: str) -> Instrument:
    lot, tick = (WHOLE_SHARE, CENT) if asset_class.is_stock_like else (CRYPTO_LOT, CRYPTO_LOT)
    return Instrument(symbol, tick, lot, lot, ASSUMED_MINIMUM_NOTIONAL, known=False)


@cache
def _read() -> Mapping[tuple[str, AssetClass], Page]:
    import tomllib

    tables = tomllib.loads(BOOK.read_text(encoding="utf-8"))
    return {
        (broker, AssetClass(asset_class)): _parsed(table)
        for broker, classes in tables.items()
        for asset_class, table in classes.items()
    }


def _parsed(table: Mapping[str, Any]) -> Page:
    fees = table["fees"]
    entries: dict[str, Entry] = {}
    for symbol, figures in table["instruments"].items():
        entry = _parsed_entry(symbol, figures, table)
        for spelling in (symbol, *figures.get("also", ())):
            entries[symbol_key(spelling)] = entry
    tier = FeeTier(float(fees["taker"]), float(fees["maker"]), fees["source"], fees["date"])
    return Page(tuple(table["symbols"]), tier, entries)


def _parsed_entry(symbol: str, figures: Mapping[str, Any], table: Mapping[str, Any]) -> Entry:
    """`source` and `date` of a symbol stand before those of its table."""
    grid = Instrument(
        symbol,
        tick=Decimal(figures["tick"]),
        lot=Decimal(figures["lot"]),
        minimum_quantity=Decimal(figures["minimum_quantity"]),
        minimum_notional=Decimal(figures["minimum_notional"]),
        contract_size=Decimal(figures.get("contract_size", "1")),
    )
    return Entry(grid, Source(figures.get("source", table.get("source")), figures.get("date", table.get("date"))))
