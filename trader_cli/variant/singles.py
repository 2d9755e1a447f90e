"""Combinations of a matrix taken one by one: of a grid too large to be judged whole, only what is tried."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from trader_cli.variant.distinct import gathered
from trader_cli.variant.judging import judge
from trader_cli.variant.runs import CellRuns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trader_cli.domain.section import Section
    from trader_cli.variant.judging import Counts
    from trader_cli.variant.planning import Plan
    from trader_cli.variant.where import Condition


@dataclass(frozen=True, slots=True)
class Single:
    """A valid combination of a cell: which value of each axis it takes, and the sections these make."""

    digits: Mapping[str, int]
    sections: Mapping[str, Section]


def single(found: Plan, digits: Mapping[str, int], conditions: Sequence[Condition], counts: Counts) -> Single | None:
    """One combination of a cell, judged; None where it is invalid or ruled out, which is counted."""
    axes = tuple(replace(axis, values=(axis.values[digits[axis.key]],)) for axis in found.axes)
    cell = judge(replace(found, axes=axes, times=1), conditions, counts)
    if cell is None or not len(cell.space):
        return None
    return Single(digits, {name: each[0] for name, each in cell.sections.items()})


def laid_out(found: Plan, singles: Sequence[Single], start: int) -> CellRuns:
    """Some combinations of a cell as runs, in their order, numbered from `start` on."""
    sections, columns = {}, {}
    for name, table in found.outline.tables.items():
        axes = found.axes_of(name)
        sizes = [len(axis.values) for axis in axes]
        numbers = [
            int(np.ravel_multi_index([each.digits[axis.key] for axis in axes], sizes)) if axes else 0
            for each in singles
        ]
        made = gathered(table, axes, zip(numbers, (each.sections[name] for each in singles), strict=True))
        if made is None:
            raise ValueError("a cell holds a run")
        sections[name], columns[name] = made[0], made[1].astype(np.int32)
    return CellRuns(
        reference=found.reference,
        start=start,
        count=len(singles),
        sections=sections,
        columns=columns,
        _outline=found.outline,
        _assigned=found.assigned,
        _axes=found.axes,
    )
