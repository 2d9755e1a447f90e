"""The runs of a study, best first, with what it takes to mistrust the best of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from trader_cli.domain.clock import from_nanoseconds, iso
from trader_cli.errors import UsageError, suggest
from trader_cli.metrics.deflation import ReturnShape, Trials, deflated_sharpe_ratio
from trader_cli.metrics.figures import NAMES, or_nan, plain
from trader_cli.metrics.overfitting import Blocks, in_blocks, overfitting_probability

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trader_cli.app.study import Studied
    from trader_cli.domain.bars import Floats, Ints
    from trader_cli.journal.trials import Markets
    from trader_cli.variant.grid import Grid

DEFLATED = "deflated_sharpe"
DEFAULT_SORT = "total_return"
FOLLOWED = ("sharpe", "sortino", "calmar", "max_drawdown", "exposure", DEFLATED)
"""The figures that need the equity at each bar."""
MOST_COMPARED = 10_000
"""Runs that `overfitting_probability` looks at; of more, every so-manieth."""


def follows_equity(sort: str, *, is_full: bool) -> bool:
    """Whether what is asked for needs the equity at each bar. Raises: UsageError for a figure that there is not."""
    known = (*NAMES, DEFLATED)
    if sort not in known:
        raise UsageError(
            f"no figure is called '{sort}'{suggest(sort, known) or f' (known: {", ".join(known)})'}", file="--sort"
        )
    return is_full or sort in FOLLOWED


@dataclass(frozen=True, slots=True, eq=False)
class Leaderboard:
    """A study's runs ranked by a figure, the largest first, those without one last, equals in the order of the grid.

    Shape: `order` (runs,) numbers of runs, `deflated` (runs,) in the order of the grid, NaN where there is none.
    `trials` are all that were ever counted on these markets.
    """

    grid: Grid
    studied: Studied
    sort: str
    order: Ints
    deflated: Floats
    overfitting_probability: float | None
    trials: Trials

    def rows(self, top: int | None = None) -> Iterator[dict[str, Any]]:
        """The best runs as plain values."""
        for run in self.order[:top].tolist():
            halted = int(self.studied.halted_at[run])
            yield {
                "variant": self.grid.variant(run).name,
                "overrides": self.grid.overrides(run),
                "metrics": {**plain(self.studied.figures[run]), DEFLATED: _plain(self.deflated[run])},
                "halted_at": None if halted < 0 else iso(from_nanoseconds(halted)),
            }

    def document(self, top: int | None = None) -> dict[str, Any]:
        """The document of CONTRACT section 4, of the best runs or of all."""
        counts = self.grid.counts
        return {
            "runs": list(self.rows(top)),
            "trials": self.trials.runs,
            "sort": self.sort,
            "overfitting_probability": self.overfitting_probability,
            "combinations": {
                "asked": counts.asked,
                "run": len(self.grid),
                "duplicates": counts.duplicates,
                "invalid": counts.invalid,
                "ruled_out": counts.ruled_out,
                "reasons": dict(counts.reasons),
            },
            "warnings": list(self.studied.warnings),
        }


def tried_on(grid: Grid, studied: Studied) -> dict[Markets, Trials]:
    """The runs of a study by the markets they were tried on, for the ledger."""
    from trader_cli.journal.trials import Markets
    from trader_cli.variant.runs import MARKETS

    found: dict[Markets, Trials] = {}
    for cell in grid.cells:
        parts = cell.split(*MARKETS)
        for part, first in enumerate(parts.first.tolist()):
            variant = cell.variant(first)
            markets = Markets.of(variant.variants.asset_class, variant.symbols)
            mine = cell.start + np.flatnonzero(parts.of_run == part)
            found[markets] = found.get(markets, Trials()) + Trials.of(_ratios(studied, mine))
    return found


def ranked(grid: Grid, studied: Studied, sort: str, trials: Trials) -> Leaderboard:
    """The leaderboard of a study; `trials` are all that were ever counted on its markets, its own among them."""
    deflated = np.full(len(grid), np.nan)
    probability = None
    if studied.returns is not None:
        known = _better_known(trials, Trials.of(_ratios(studied, np.arange(len(grid)))))
        shapes = [None if returns is None else ReturnShape.of(returns) for returns in studied.returns]
        for run, shape in enumerate(shapes):
            if shape is not None:
                deflated[run] = or_nan(deflated_sharpe_ratio(shape, known))
        probability = _overfitting(studied.returns)
    values = deflated if sort == DEFLATED else studied.figures[sort].astype(np.float64)
    order = np.argsort(np.where(np.isfinite(values), -values, np.inf), kind="stable")
    return Leaderboard(grid, studied, sort, order, deflated, probability, trials)


def _better_known(ever: Trials, now: Trials) -> Trials:
    """All trials, their spread from those of this study where the ledger knows the ratios of fewer."""
    return ever if ever.ratios >= now.ratios else replace(now, runs=ever.runs)


def asked(grid: Grid, about: Mapping[str, Any]) -> dict[str, Any]:
    """What a study was asked for, in plain values and without names: its runs, and what else changes them."""
    cells = []
    for cell in grid.cells:
        variant = cell.variant(0).model_dump(mode="json")
        variant.pop("trader_name", None)
        cells.append({"variant": variant, "runs": len(cell), **cell.asked})
    return {**about, "cells": cells}


def _ratios(studied: Studied, runs: Ints) -> Floats:
    """The Sharpe ratio of each run by its session returns, NaN where it has none or was not followed."""
    from trader_cli.metrics.performance import sharpe

    found = np.full(len(runs), np.nan)
    if studied.returns is not None:
        for place, run in enumerate(runs.tolist()):
            returns = studied.returns[run]
            if returns is not None:
                found[place] = or_nan(sharpe(returns, 1))
    return found


def _overfitting(returns: Sequence[Floats | None]) -> float | None:
    """`overfitting_probability` of runs over the same sessions; None where theirs differ in number."""
    known = [each for each in returns if each is not None]
    if len({len(each) for each in known}) != 1:
        return None
    step = -(-len(known) // MOST_COMPARED)
    blocks = [block for each in known[::step] if (block := in_blocks(each)) is not None]
    if not blocks:
        return None
    sums, squares = (np.column_stack([getattr(block, name) for block in blocks]) for name in ("sums", "squares"))
    return overfitting_probability(Blocks(blocks[0].length, sums, squares))


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
