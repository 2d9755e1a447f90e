"""The runs of a study, best first, with what it takes to mistrust the best of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np

from trader_cli.app.portions import groups
from trader_cli.domain.clock import from_nanoseconds, iso
from trader_cli.errors import UsageError, suggest
from trader_cli.metrics.deflation import ReturnShape, Trials, expected_maximum, probabilistic_sharpe_ratio
from trader_cli.metrics.figures import NAMES, or_nan, plain
from trader_cli.metrics.overfitting import Blocks, overfitting_probability

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from trader_cli.domain.bars import Floats, Ints
    from trader_cli.journal.parts import Parts
    from trader_cli.journal.trials import Markets
    from trader_cli.variant.grid import Grid

DEFLATED = "deflated_sharpe"
DEFAULT_SORT = "total_return"
FOLLOWED = ("sharpe", "sortino", "calmar", "max_drawdown", "exposure", DEFLATED)
"""The figures that need the equity at each bar."""


def follows_equity(sort: str, *, is_full: bool, option: str = "--sort") -> bool:
    """Whether what is asked for needs the equity at each bar. Raises: UsageError for a figure that there is not."""
    known = (*NAMES, DEFLATED)
    if sort not in known:
        raise UsageError(
            f"no figure is called '{sort}'{suggest(sort, known) or f' (known: {", ".join(known)})'}", file=option
        )
    return is_full or sort in FOLLOWED


@dataclass(frozen=True, slots=True, eq=False)
class Leaderboard:
    """A study's runs ranked by a figure, the largest first, those without one last, equals in the order of the grid.

    Shape: `order` (runs,) numbers of runs, `deflated` (runs,) in the order of the grid, NaN where there is none.
    `trials` are all that were ever counted on these markets. `is_followed`: the figures of the equity are known.
    `optimized` tells of the search that made the runs; None where they are the whole grid, or drawn by chance. `kept`
    are the ids of the first runs of `order`, by which they can be made again.
    """

    grid: Grid
    parts: Parts
    warnings: Sequence[str]
    sort: str
    is_followed: bool
    order: Ints
    deflated: Floats
    overfitting_probability: float | None
    trials: Trials
    optimized: Mapping[str, Any] | None = None
    kept: Sequence[str] = ()

    def rows(self, top: int | None = None) -> Iterator[dict[str, Any]]:
        """The best runs as plain values."""
        for facts, kept in zip_longest(self.parts.rows(self.order[:top]), self.kept[:top]):
            run, halted = int(facts["run"]), int(facts["halted_at"])
            yield {
                "variant": self.grid.name(run),
                "run": kept,
                "overrides": self.grid.overrides(run),
                "metrics": {**plain(facts[list(NAMES)]), DEFLATED: _plain(self.deflated[run])},
                "halted_at": None if halted < 0 else iso(from_nanoseconds(halted)),
            }

    def column(self, name: str) -> Floats:
        """A figure of every run, NaN where it is none. Shape: (runs,) in the order of the grid."""
        if name == DEFLATED:
            return self.deflated
        found: Floats = self.parts.columns([name], len(self.grid))[name].astype(np.float64)
        return found

    def about(self) -> dict[str, Any]:
        """The document of CONTRACT section 4, but for the runs themselves."""
        counts = self.grid.counts
        return {
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
            "warnings": list(self.warnings),
            **({} if self.optimized is None else {"optimized": dict(self.optimized)}),
        }


def markets_of(grid: Grid) -> set[Markets]:
    """The markets that the runs of a grid are tried on, as the ledger knows them."""
    from trader_cli.journal.trials import Markets

    variants = (group.variant for group in groups(grid.cells))
    return {Markets.of(variant.variants.asset_class, variant.symbols) for variant in variants}


def ranked(
    grid: Grid, parts: Parts, sort: str, trials: Trials, warnings: Sequence[str], *, follows: bool
) -> Leaderboard:
    """The leaderboard of a study; `trials` are all that were ever counted on its markets, its own among them."""
    deflated = np.full(len(grid), np.nan)
    probability = None
    if follows:
        shapes = parts.columns(("sessions", "ratio", "skewness", "kurtosis"), len(grid))
        luck = expected_maximum(_better_known(trials, Trials.of(shapes["ratio"])))
        if luck is not None:
            for run in np.flatnonzero(~np.isnan(shapes["ratio"])).tolist():
                deflated[run] = or_nan(probabilistic_sharpe_ratio(ReturnShape(*shapes[run].tolist()), luck))
        sessions = shapes["sessions"][shapes["sessions"] >= 0]
        probability = _overfitting(parts.blocks()) if len(np.unique(sessions)) == 1 else None
    board = Leaderboard(grid, parts, warnings, sort, follows, np.arange(len(grid)), deflated, probability, trials)
    values = board.column(sort)
    return replace(board, order=np.argsort(np.where(np.isfinite(values), -values, np.inf), kind="stable"))


def _better_known(ever: Trials, now: Trials) -> Trials:
    """All trials, their spread from those of this study where the ledger knows the ratios of fewer."""
    return ever if ever.ratios >= now.ratios else replace(now, runs=ever.runs)


def asked(grid: Grid) -> list[dict[str, Any]]:
    """What the runs of a grid are, in plain values without names."""
    cells = []
    for cell in grid.cells:
        variant = cell.variant(0).model_dump(mode="json")
        variant.pop("trader_name", None)
        cells.append({"variant": variant, "runs": len(cell), **cell.asked})
    return cells


def _overfitting(blocks: Iterable[Blocks]) -> float | None:
    """`overfitting_probability` of runs over the same sessions, which come in several parts."""
    known = list(blocks)
    if not known:
        return None
    sums, squares = (np.hstack([getattr(block, name) for block in known]) for name in ("sums", "squares"))
    return overfitting_probability(Blocks(known[0].length, sums, squares))


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
