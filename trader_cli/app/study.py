"""A study: every run of a grid traded on its markets, on all cores, and what became of each in columns."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from trader_cli.app.judging import start_of
from trader_cli.app.markets import load_markets, terms_of
from trader_cli.variant.outline import STRATEGY
from trader_cli.variant.runs import MARKETS, TERMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from trader_cli.app.markets import Span
    from trader_cli.backtest.field import Batch, Field, Judged
    from trader_cli.domain.bars import Floats, Ints
    from trader_cli.domain.timeframe import Timeframe
    from trader_cli.metrics.figures import Rows
    from trader_cli.rules.terms import Terms
    from trader_cli.variant.grid import Grid
    from trader_cli.variant.model import Variant
    from trader_cli.variant.runs import CellRuns, Split

MOST_AT_ONCE = 4096
"""Runs of a chunk, at most: what one thread does before it tells."""


@dataclass(frozen=True, slots=True)
class Course:
    """What a study runs on, and how: its market data, the part that is judged, and whether equity is followed."""

    source: Path
    span: Span
    detail: Timeframe | None
    follows_equity: bool
    workers: int = 0
    """Threads; 0: one a core."""


@dataclass(slots=True)
class Studied:
    """What became of the runs of a grid, in its order.

    Shape: `figures` (runs,) of `FIGURES`; `halted_at` (runs,) as in `field.Judged`; `returns` the session returns of
    each run that has any, None where the equity was not followed. `sha256` are the checksums of the data.
    """

    figures: Rows
    halted_at: Ints
    returns: list[Floats | None] | None
    sha256: dict[str, None] = field(default_factory=dict)
    warnings: dict[str, None] = field(default_factory=dict)


def study(grid: Grid, course: Course, announce: Callable[[str], None], advanced: Callable[[int], None]) -> Studied:
    """Trades every run; `announce` is told what is being done, `advanced` how many more runs are done.

    Raises: UsageError, ConfigError for what cannot be traded so, DataError for data that is missing or wrong.
    """
    announce("preparing")
    from trader_cli.metrics.figures import FIGURES

    count = len(grid)
    found = Studied(np.zeros(count, FIGURES), np.full(count, -1), [None] * count if course.follows_equity else None)
    fields = _Fields(course, announce, found)
    workers = course.workers or os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as threads:
        for cell in grid.cells:
            for shared, runs in _parts(cell, fields):
                size = min(MOST_AT_ONCE, -(-len(runs) // (4 * workers)))
                announce("trading")
                for chunk, judged in _side_by_side(threads, workers, cell, shared, runs, size, course):
                    _put(found, cell.start + chunk, judged)
                    advanced(len(chunk))
    return found


def _side_by_side(
    threads: ThreadPoolExecutor, workers: int, cell: CellRuns, shared: Field, runs: Ints, size: int, course: Course
) -> Iterator[tuple[Ints, Judged]]:
    """The runs in chunks, each with what became of it, in their order; no more of them at once than are worked on."""
    terms = cell.split(*TERMS)
    under_way: deque[tuple[Ints, Future[Judged]]] = deque()
    for first in range(0, len(runs), size):
        chunk = runs[first : first + size]
        batch = _batch(cell, terms, chunk)
        under_way.append((chunk, threads.submit(shared.judged, batch, follows_equity=course.follows_equity)))
        if len(under_way) > workers:
            chunk, done = under_way.popleft()
            yield chunk, done.result()
    for chunk, done in under_way:
        yield chunk, done.result()


def _batch(cell: CellRuns, terms: Split, runs: Ints) -> Batch:
    """The strategies and terms that some runs of a cell need, each once."""
    from trader_cli.backtest.field import Batch

    wanted, of_strategy = np.unique(
        cell.columns.get(STRATEGY, np.zeros(len(cell), np.int32))[runs], return_inverse=True
    )
    parts, of_terms = np.unique(terms.of_run[runs], return_inverse=True)
    return Batch(
        [cell.strategy(int(index)) for index in wanted],
        [_terms(cell.variant(int(terms.first[part]))) for part in parts],
        of_strategy,
        of_terms,
    )


def _terms(variant: Variant) -> Terms:
    return terms_of(variant, variant.symbols)


class _Fields:
    """The fields of a study: markets are read once, whatever shares them."""

    def __init__(self, course: Course, announce: Callable[[str], None], found: Studied) -> None:
        self._course, self._announce, self._found = course, announce, found
        self._last: tuple[object, Field] | None = None

    def of(self, variant: Variant) -> Field:
        """The field of a variant; the last one is kept."""
        from trader_cli.backtest.field import Field

        key = (
            variant.symbols,
            variant.timeframe,
            variant.hours,
            variant.variants.asset_class,
            variant.costs.funding_rate,
        )
        if self._last is None or self._last[0] != key:
            course = self._course
            loaded = load_markets(variant, course.source, course.span, detail=course.detail, announce=self._announce)
            self._found.warnings |= dict.fromkeys(loaded.warnings)
            self._found.sha256 |= dict.fromkeys(series.sha256 for series in loaded.series)
            self._last = key, Field(loaded.markets, start_of(course.span))
        return self._last[1]


def _parts(cell: CellRuns, fields: _Fields) -> Iterator[tuple[Field, Ints]]:
    """The runs of a cell by the markets they share."""
    parts = cell.split(*MARKETS)
    for part, first in enumerate(parts.first):
        yield fields.of(cell.variant(int(first))), np.flatnonzero(parts.of_run == part)


def _put(found: Studied, runs: Ints, judged: Judged) -> None:
    from trader_cli.metrics.performance import session_returns

    found.figures[runs], found.halted_at[runs] = judged.figures, judged.halted_at
    if found.returns is not None and judged.closes is not None:
        for run, closes in zip(runs.tolist(), judged.closes, strict=True):
            found.returns[run] = session_returns(closes)
