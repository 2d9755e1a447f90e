"""Rows of bars as a file has them, and what makes a row one that nobody should trade on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trader_cli.data.tables import BAR_COLUMNS, PRICES, TIME, as_rows, read_table
from trader_cli.data.times import iso, nanoseconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trader_cli.data.source import Origin, Source
    from trader_cli.domain.bars import Floats, Ints, Mask

ROUNDING = 1e-9
"""By how much of itself a price may stand outside its bar: what the arithmetic of adjusted prices leaves."""


@dataclass(frozen=True, slots=True, eq=False)
class Candles:
    """Rows of bars, not yet known to fit any market.

    Shape: `open_time` has n entries, `values` (5, n): open, high, low, close, volume. Units: ns since 1970 UTC.
    """

    open_time: Ints
    values: Floats

    def __len__(self) -> int:
        return len(self.open_time)

    def __getitem__(self, rows: Any) -> Candles:
        return Candles(self.open_time[rows], self.values[:, rows])


def read_candles(source: Source) -> Candles:
    """The rows of a file in its own order, unchecked. Raises: DataError where it cannot be read as bars."""
    table = read_table(source, BAR_COLUMNS)
    return Candles(nanoseconds(table[TIME], source), as_rows(table, BAR_COLUMNS))


def checked(candles: Candles, source: Source) -> Candles:
    """The same rows. Raises: DataError naming the first row that breaks a rule, and the rule."""
    return _demand([*_out_of_order(candles, " (`data import` sorts)"), *_unsound(candles)], candles, source)


def ordered(candles: Candles, source: Origin) -> Candles:
    """The same rows, of which only the order is looked at. Raises: as `checked`."""
    return _demand([*_out_of_order(candles)], candles, source)


def sound(candles: Candles, source: Origin) -> Candles:
    """The same rows, whose order is not looked at. Raises: as `checked`."""
    return _demand([*_unsound(candles)], candles, source)


def _demand(rules: Sequence[tuple[Mask, str]], candles: Candles, source: Origin) -> Candles:
    broken = [(int(wrong.argmax()), rule) for wrong, rule in rules if wrong.any()]
    if broken:
        row, rule = min(broken, key=lambda found: found[0])
        names = dict(zip(BAR_COLUMNS, candles.values[:, row].tolist(), strict=True))
        raise source.refusal(rule.format(**names, time=iso(int(candles.open_time[row]))), row=row)
    return candles


def _out_of_order(candles: Candles, remedy: str = "") -> Iterator[tuple[Mask, str]]:
    import numpy as np

    older, newer = candles.open_time[:-1], candles.open_time[1:]
    first = np.zeros(1, dtype=np.bool_)
    yield np.concatenate((first, newer == older)), "{time} is a duplicate of the row before"
    yield np.concatenate((first, newer < older)), f"{{time}} is older than the row before: unsorted{remedy}"


def _unsound(candles: Candles) -> Iterator[tuple[Mask, str]]:
    """Each rule with the rows that break it; NaN breaks the first that sees it and none of the others."""
    import numpy as np

    for name, column in zip(BAR_COLUMNS, candles.values, strict=True):
        yield ~np.isfinite(column), f"{name} is {{{name}}}, which is no finite number"
    for name, column in zip(PRICES, candles.values, strict=False):
        yield column <= 0, f"{name} is {{{name}}}; a price must be above 0"
    opened, high, low, close, volume = candles.values
    yield volume < 0, "volume is {volume}, below 0"
    yield high < low, "high {high} is below low {low}"
    for name, price in (("open", opened), ("close", close)):
        outside = (price > high * (1 + ROUNDING)) | (price < low * (1 - ROUNDING))
        yield outside & (high >= low), f"{name} {{{name}}} lies outside low {{low}} .. high {{high}}"
