"""The runs of one cell, as columns: what each of them trades with, and which of them share what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trader_cli.variant.outline import STRATEGY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trader_cli.strategies.base import Strategy
    from trader_cli.variant.axes import Axis
    from trader_cli.variant.distinct import Distinct
    from trader_cli.variant.model import Variant
    from trader_cli.variant.outline import Outline

MARKETS = ("trading_symbols", "session.timeframe", "session.extended_hours", "costs.funding_rate")
"""The keys that decide which market data a run of a cell sees."""
STRATEGIES = (STRATEGY,)
"""The keys that decide what a run wishes, on the same markets."""
TERMS = ("risk_settings", "costs", "session.starting_balance", "trading_symbols")
"""The keys that decide what an account may do and what it pays."""

_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Split:
    """Runs parted by some of their keys. Part p first occurs in run `first[p]`; run r is of part `of_run[r]`."""

    first: NDArray[np.int64]
    of_run: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True, slots=True, eq=False)
class CellRuns:
    """The runs of one VARIANT in one cell of the matrix, numbered from 0; in the whole grid from `start`.

    Run r has section `columns[table][r]` of `sections[table]`, and section 0 of a table without a column.
    """

    reference: str
    start: int
    count: int
    sections: Mapping[str, Distinct]
    columns: Mapping[str, NDArray[np.int32]]
    _outline: Outline
    _assigned: Mapping[str, Any]
    _axes: tuple[Axis, ...]

    def __len__(self) -> int:
        return self.count

    def index(self, table: str, run: int) -> int:
        """Which of a table's distinct sections a run has."""
        return int(self.columns[table][run]) if table in self.columns else 0

    def strategy(self, index: int) -> Strategy[Any]:
        """One of the distinct strategies, which are as many as `sections["strategy"]`."""
        found: Strategy[Any] = self._outline.checked(STRATEGY, self.sections[STRATEGY][index])
        return found

    def variant(self, run: int) -> Variant:
        """The variant of a run, named after the one it was made from and its number in the whole grid."""
        chosen = {name: distinct[self.index(name, run)] for name, distinct in self.sections.items()}
        return self._outline.variant(chosen, self.name(run))

    def name(self, run: int) -> str:
        """What journals and results call a run: unique within the grid."""
        number = f"-{self.start + run:06d}"
        return self._outline.name[: _LONGEST_NAME - len(number)] + number

    def overrides(self, run: int) -> dict[str, Any]:
        """The values that the axes give a run, by dotted key; axes that its cell does not use are not among them."""
        digits: dict[str, int] = {}
        for name, distinct in self.sections.items():
            digits |= distinct.digits(self.index(name, run))
        return {**self._assigned, **{axis.key: axis.values[digits[axis.key]] for axis in self._axes}}

    @property
    def keys(self) -> tuple[str, ...]:
        """The axes that `overrides` names."""
        return (*self._assigned, *(axis.key for axis in self._axes))

    def codes(self, key: str) -> tuple[tuple[Any, ...], NDArray[np.int64]]:
        """An axis of `keys`: its values, and which of them each run has, as `overrides` says of one run."""
        if key in self._assigned:
            return (self._assigned[key],), np.zeros(self.count, dtype=np.int64)
        (axis,) = (each for each in self._axes if each.key == key)
        ((table, distinct),) = ((name, each) for name, each in self.sections.items() if axis in each.axes)
        places = distinct.places(key)
        column = self.columns.get(table)
        return axis.values, np.full(self.count, places[0]) if column is None else places[column]

    @property
    def asked(self) -> dict[str, Any]:
        """Which runs these are, in plain values: what makes the cell, and each axis with its values."""
        return {"assigned": dict(self._assigned), "axes": {axis.key: list(axis.values) for axis in self._axes}}

    def split(self, *keys: str) -> Split:
        """The runs parted by keys (`session.timeframe`) or whole tables (`strategy`); parts in order of first runs."""
        kinds = np.zeros(self.count, dtype=np.int64)
        for key in keys:
            codes = self._codes(key)
            if codes is not None:
                kinds = np.unique(kinds * (int(codes.max()) + 1) + codes, return_inverse=True)[1]
        _, first, of_run = np.unique(kinds, return_index=True, return_inverse=True)
        order = np.argsort(first)
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        return Split(first[order], rank[of_run])

    def _codes(self, key: str) -> NDArray[np.int32] | None:
        table, _, field = key.partition(".")
        column = self.columns.get(table)
        if column is None or not field:
            return column
        codes = self.sections[table].codes(field)
        return None if codes is None else codes[column]
