"""What a contract's past has beside its bars: mark prices, and funding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trader_cli.data.catalog import Kind, beside, described
from trader_cli.data.funding import declared_settlements, funding_due, load_settlements
from trader_cli.data.marks import load_marks, mark_files, marks_of_bars
from trader_cli.data.times import iso
from trader_cli.domain.symbols import file_name
from trader_cli.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from trader_cli.data.funding import Settlements
    from trader_cli.data.marks import MarkFiles
    from trader_cli.data.source import File
    from trader_cli.domain.bars import Bars, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Contract:
    """Mark prices and funding in the rows of the bars, as `domain.market.Market` has them.

    `notes` are lines for every result made from them, `files` what they were read from.
    """

    mark: Bars | None
    funding_due: Floats
    notes: tuple[str, ...]
    files: tuple[File, ...]


def contract_of(bars: Bars, trades: Path, start: int, declared_rate: float | None) -> Contract:
    """The contract of some bars, from the files beside those of its trades.

    `start` (ns since 1970 UTC) is when the first bar opens that is judged. `declared_rate` is settled every 8 hours
    wherever no funding rates are known. Raises: DataError for files that are not sound, or where neither is there.
    """
    files = mark_files(trades)
    mark, on_marks = _marks(files, bars, start)
    settlements, on_funding = _settlements(bars, trades, start, declared_rate)
    marks = load_marks(files, bars.symbol, bars.hours)
    due = funding_due(bars, [series.bars for series in marks], settlements)
    read = (*(file for series in marks for file in series.files), *settlements.files)
    return Contract(mark, due, (*on_marks, *on_funding), read)


def _marks(files: MarkFiles, bars: Bars, start: int) -> tuple[Bars | None, tuple[str, ...]]:
    import numpy as np

    if not files:
        return None, ("no mark prices: liquidations and funding go by the bars' own prices",)
    found = marks_of_bars(files, bars)
    if found is None:
        only = f"no mark prices at {bars.timeframe} or finer, only at {', '.join(files)}"
        return None, (f"{only}: liquidations go by the bars' own prices",)
    mark, there = found
    lacking = np.flatnonzero(~there & (bars.open_time >= start))
    if not len(lacking):
        return mark, ()
    first, last = (iso(int(bars.open_time[row])) for row in lacking[[0, -1]])
    return mark, (f"no mark prices for {len(lacking)} bars from {first} to {last}: their own prices stand in",)


def _settlements(
    bars: Bars, trades: Path, start: int, declared_rate: float | None
) -> tuple[Settlements, tuple[str, ...]]:
    """What is settled while the bars last, and what is to be said of it."""
    files = beside(trades, Kind.FUNDING)
    known = load_settlements(files) if files else None
    end = int(bars.open_time[-1])
    notes = _remarks(known, start, end, declared_rate) if known else ()
    if declared_rate is not None:
        return declared_settlements(declared_rate, int(bars.open_time[0]), end, known), notes
    if known is None:
        raise DataError(f"no funding rates of {bars.symbol}: {_remedies(bars.symbol, trades)}", file=str(trades.parent))
    if not known.within(start, end) and any(known.missing(start, end)):
        first, last = iso(int(known.times[0])), iso(int(known.times[-1]))
        raise DataError(
            f"no funding rates of {bars.symbol} from {iso(start)} to {iso(end)}, it holds {first} to {last}: "
            f"{_remedies(bars.symbol, trades)}",
            file=str(files[0].path),
        )
    return known, notes


def _remedies(symbol: str, trades: Path) -> str:
    name = described(trades).symbol or file_name(symbol)
    return f"put {name}-8h-funding.parquet beside its bars, or set costs.funding_rate"


def _remarks(known: Settlements, start: int, end: int, declared_rate: float | None) -> tuple[str, ...]:
    """What the known settlements leave open in the span that is judged."""
    missing = known.missing(start, end)
    ends = []
    if missing.before:
        ends.append(f"before {iso(int(known.times[0]))}")
    if missing.after:
        ends.append(f"after {iso(int(known.times[-1]))}")
    notes = []
    if ends:
        instead = "nothing is charged there" if declared_rate is None else "costs.funding_rate is charged there"
        notes.append(f"no funding rates {' and '.join(ends)}: {instead}")
    if missing.between:
        notes.append(f"{missing.between} settlements are missing among the funding rates; nothing is charged for them")
    return tuple(notes)
