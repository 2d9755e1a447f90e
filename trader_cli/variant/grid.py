"""All combinations of a matrix: judged, counted, and laid out as runs in columns.

The order of the runs: VARIANTs as given, then the axes that make cells (broker, strategy, mode, asset class), then all
other axes; each in the order given, the last fastest.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import product
from math import prod
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from trader_cli.errors import UsageError, suggest
from trader_cli.registry import strategy_names
from trader_cli.variant.applying import demand_applicable
from trader_cli.variant.judging import Counts, judge
from trader_cli.variant.planning import Place, plan
from trader_cli.variant.runs import CellRuns
from trader_cli.variant.strategy_tables import SECTION as STRATEGY_CONFIG
from trader_cli.variant.where import Condition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trader_cli.variant.axes import Axes
    from trader_cli.variant.judging import JudgedCell
    from trader_cli.variant.model import Variant
    from trader_cli.variant.planning import Plan

MOST_RUNS = 1_000_000
_MOST_ASKED = 10**15
"""Counts stay exact in 64 bits."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The runs of a matrix, by cell; they are numbered through all cells from 0."""

    cells: tuple[CellRuns, ...]
    counts: Counts

    def __len__(self) -> int:
        return sum(map(len, self.cells))

    def variant(self, run: int) -> Variant:
        """The variant of a run, under a name of its own."""
        cell = self._cell(run)
        return cell.variant(run - cell.start)

    def name(self, run: int) -> str:
        """What journals and results call a run."""
        cell = self._cell(run)
        return cell.name(run - cell.start)

    def reference(self, run: int) -> str:
        """The VARIANT that a run was made from; empty for flags alone."""
        return self._cell(run).reference

    def overrides(self, run: int) -> dict[str, Any]:
        """What the axes gave a run, by dotted key."""
        cell = self._cell(run)
        return cell.overrides(run - cell.start)

    @property
    def keys(self) -> tuple[str, ...]:
        """The axes that some run has a value of."""
        return tuple(dict.fromkeys(key for cell in self.cells for key in cell.keys))

    def codes(self, key: str) -> tuple[tuple[Any, ...], NDArray[np.int64]]:
        """The values of an axis that some run has, in the order given, and which of them each run has.

        Shape: (runs,); -1 where the cell of a run does not use the axis.
        """
        values: list[Any] = []
        known: dict[str, int] = {}  # by their text: lists cannot be looked up, and 1 is not true here
        codes = np.full(len(self), -1, dtype=np.int64)
        for cell in self.cells:
            if key in cell.keys:
                own, places = cell.codes(key)
                for value in own:
                    if known.setdefault(repr(value), len(values)) == len(values):
                        values.append(value)
                codes[cell.start : cell.start + len(cell)] = np.array([known[repr(value)] for value in own])[places]
        is_used = np.zeros(len(values), dtype=np.bool_)
        is_used[codes[codes >= 0]] = True
        renumbered = np.append(np.cumsum(is_used) - 1, -1)  # the last stands for -1
        return tuple(value for value, used in zip(values, is_used, strict=True) if used), renumbered[codes]

    def _cell(self, run: int) -> CellRuns:
        if not 0 <= run < len(self):
            raise IndexError(run)
        return self.cells[bisect_right(self.cells, run, key=lambda cell: cell.start) - 1]


@dataclass(frozen=True, slots=True)
class Combinations:
    """What VARIANTs and axes ask for, before any of it is judged: cells, conditions, how many combinations."""

    plans: tuple[Plan, ...]
    conditions: tuple[Condition, ...]
    counts: Counts


def combinations(references: Sequence[str], axes: Axes, place: Place, where: Sequence[str]) -> Combinations:
    """The cells of a matrix. Raises: UsageError for what makes none; ConfigError where a file cannot be read."""
    conditions = tuple(Condition.read(text) for text in where)
    counts = Counts()
    plans = _plans(references or ("",), axes, place, counts)
    _demand_strategies(axes, plans)
    demand_applicable(conditions, plans)
    return Combinations(tuple(plans), conditions, counts)


def expand(
    references: Sequence[str],
    axes: Axes,
    place: Place,
    *,
    where: Sequence[str] = (),
    random: int | None = None,
    seed: int = 0,
) -> Grid:
    """All valid, distinct combinations of VARIANTs and axes, or `random` of them drawn without repeats.

    No VARIANT is one made of flags alone. Raises: UsageError for what makes no matrix, or more than a million runs;
    ConfigError where a file cannot be read.
    """
    if random is not None and random < 1:
        raise UsageError(f"must be at least 1, is {random}", file="--random")
    found = combinations(references, axes, place, where)
    judged = (judge(each, found.conditions, found.counts) for each in found.plans)
    cells = [cell for cell in judged if cell is not None]
    sizes = [len(cell.space) for cell in cells]
    found.counts.valid = sum(sizes)
    drawn = _drawn(sizes, random, seed)
    runs: list[CellRuns] = []
    for cell, ranks in zip(cells, drawn, strict=True):
        if len(ranks):
            runs.append(_laid_out(cell, ranks, start=sum(map(len, runs))))
    return Grid(tuple(runs), found.counts)


def _plans(references: Sequence[str], axes: Axes, place: Place, counts: Counts) -> list[Plan]:
    """The cells of each VARIANT; one given twice is a duplicate as a whole."""
    outer = [axis for axis in axes.axes if axis.makes_cells]
    plans: dict[str, Plan] = {}
    for reference, values in product(references, product(*(axis.values for axis in outer))):
        assigned = {axis.key: value for axis, value in zip(outer, values, strict=True)}
        found = plan(reference, assigned, axes, place)
        counts.asked += found.asked
        if counts.asked > _MOST_ASKED:
            raise UsageError(f"more than {_MOST_ASKED:,} combinations: take larger steps", file="--matrix")
        if plans.setdefault(repr((reference, values)), found) is not found:
            counts.duplicates += found.asked
    return list(plans.values())


def _demand_strategies(axes: Axes, plans: Sequence[Plan]) -> None:
    """An axis of a strategy that neither is registered nor trades in any cell is a slip of the pen."""
    used = {axis.key for each in plans for axis in each.axes}
    for axis in axes.axes:
        if axis.path[0] == STRATEGY_CONFIG and axis.path[1] not in strategy_names() and axis.key not in used:
            near = suggest(axis.path[1], strategy_names()) or f" (known: {', '.join(strategy_names())})"
            raise UsageError(f"no strategy here is called '{axis.path[1]}'{near}", file=axis.option, key=axis.key)


def _drawn(sizes: Sequence[int], random: int | None, seed: int) -> list[NDArray[np.int64]]:
    """The ranks, in each cell, of the combinations that are runs.

    Raises: UsageError for more than a million of them.
    """
    valid = sum(sizes)
    count = valid if random is None else min(random, valid)
    if count > MOST_RUNS:
        raise UsageError(
            f"{count:,} runs, more than {MOST_RUNS:,}: take larger steps, rule some out with --where, "
            "draw some with --random N, or look for the best with --optimize METRIC"
        )
    if count == valid:
        return [np.arange(size, dtype=np.int64) for size in sizes]
    chosen = np.array(sorted(Random(seed).sample(range(valid), count)), dtype=np.int64)  # noqa: S311 - no secret
    starts = np.cumsum([0, *sizes])
    bounds = np.searchsorted(chosen, starts)
    return [chosen[bounds[cell] : bounds[cell + 1]] - starts[cell] for cell in range(len(sizes))]


def _laid_out(cell: JudgedCell, ranks: NDArray[np.int64], start: int) -> CellRuns:
    """The combinations of these ranks as runs, in the order of the axes."""
    columns = cell.space.take(ranks)
    position = np.zeros(len(ranks), dtype=np.int64)
    strides = _strides(cell.plan)
    for name, column in columns.items():
        position += cell.sections[name].positions(strides)[column]
    order = np.argsort(position, kind="stable")
    return CellRuns(
        reference=cell.plan.reference,
        start=start,
        count=len(ranks),
        sections=cell.sections,
        columns={name: column[order] for name, column in columns.items()},
        _outline=cell.plan.outline,
        _assigned=cell.plan.assigned,
        _axes=cell.plan.axes,
    )


def _strides(found: Plan) -> dict[str, int]:
    """How many combinations one step on each axis is, the last axis being the fastest."""
    sizes = [len(axis.values) for axis in found.axes]
    return {axis.key: prod(sizes[number + 1 :]) for number, axis in enumerate(found.axes)}
