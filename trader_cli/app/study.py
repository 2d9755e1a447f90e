"""A study: every run of a grid traded on its markets, by whoever works on it, and kept in parts on disk."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trader_cli.app.engines import WorkerLost
from trader_cli.app.judging import start_of
from trader_cli.app.markets import load_markets, terms_of
from trader_cli.app.work import Here, Task, file_markets
from trader_cli.metrics.deflation import Trials
from trader_cli.variant.outline import STRATEGY
from trader_cli.variant.runs import TERMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from trader_cli.app.counting import Ledger
    from trader_cli.app.engines import Engine
    from trader_cli.app.markets import Span
    from trader_cli.app.portions import Group
    from trader_cli.app.work import Filed
    from trader_cli.backtest.field import Batch, Field
    from trader_cli.domain.bars import Ints
    from trader_cli.domain.market import Market
    from trader_cli.domain.timeframe import Timeframe
    from trader_cli.journal.parts import Parts
    from trader_cli.rules.terms import Terms
    from trader_cli.variant.model import Variant
    from trader_cli.variant.runs import CellRuns

MOST_COMPARED = 10_000
"""Runs whose returns are compared for overfitting; of more, every so-manieth."""
MOST_LOST = 3
"""Workers that may be lost one after the other without a part being done meanwhile."""
_PROBE = 64
"""Runs that are traded beforehand, at most, to tell how long all will take, where these are more."""
_SHARE = 20
"""They are this part of all runs, at most."""
_LONG = 0.05
"""Seconds from which on one of them tells enough."""
_TERMS_KEPT = 16_384


@dataclass(frozen=True, slots=True)
class Course:
    """What a study runs on, and how: its market data, the part that is judged, and whether equity is followed.

    The last `markets_kept` markets stay in memory: more than one where groups come back to those before.
    """

    source: Path
    span: Span
    detail: Timeframe | None
    follows_equity: bool
    markets_kept: int = 1


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who is told how it goes: what is being done, how many more runs are done, how many seconds all will take."""

    announce: Callable[[str], None]
    advanced: Callable[[int], None]
    estimated: Callable[[float], None]


def study(
    groups: Iterable[Group], most: int, course: Course, parts: Parts, ledger: Ledger, engine: Engine, watcher: Watcher
) -> tuple[str, ...]:
    """Trades every run that is not in `parts` yet, and counts all of them in the ledger; its warnings.

    There are `most` runs or less; a group is asked for once the one before was traded. Raises: UsageError, ConfigError
    for what cannot be traded so, DataError for data that is missing or wrong, Unavailable where workers or the disk
    fail.
    """
    watcher.announce("preparing")
    sources = _Sources(course, parts, engine, watcher.announce)
    for group in groups:
        source = sources.of(group.variant)
        job = _Job(group, source, _TermsOf(group.cell), course, parts, most)
        if not group.first and most > _PROBE:
            watcher.estimated(job.probed() * most / engine.jobs)
        watcher.announce("trading")
        _have_traded(job, ledger, engine, watcher)
    ledger.flush()
    return tuple(sources.warnings)


def _have_traded(job: _Job, ledger: Ledger, engine: Engine, watcher: Watcher) -> None:
    """Has every part of a group worked on that is not there yet, again where a worker was lost."""
    from trader_cli.journal.trials import Markets

    markets = Markets.of(job.source.asset_class, job.source.symbols)
    waiting, lost = set(job.group.numbers), 0

    def count(number: int) -> None:
        waiting.remove(number)
        ratios = job.parts.ratios(number)
        ledger.note(job.source.files, number, {markets: Trials.of(ratios)})
        watcher.advanced(len(ratios))

    while True:
        for number in [number for number in sorted(waiting) if job.parts.has(number, job.source.data)]:
            count(number)  # by an earlier attempt, or by a worker of whom nobody heard again
        if not waiting:
            return
        try:
            for number in engine.each(job.task, sorted(waiting)):
                count(number)
                lost = 0
        except WorkerLost:
            lost += 1
            if lost == MOST_LOST:
                raise


class _Source(NamedTuple):
    """What a group trades on: what was measured of its markets, here and as workers get it, and whence they came.

    `files` are the checksums of all files it hangs on.
    """

    asset_class: str
    symbols: tuple[str, ...]
    field: Field
    shared: Here | Filed
    files: tuple[str, ...]

    @property
    def data(self) -> str:
        """The checksum of all files."""
        return sha256(" ".join(self.files).encode()).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """A group, and all that its parts have in common; there are `most` runs in the whole study."""

    group: Group
    source: _Source
    terms: _TermsOf
    course: Course
    parts: Parts
    most: int

    def task(self, number: int) -> Task:
        """One of its parts, for a worker."""
        runs = self.group.runs_of(number)
        numbers = self.group.cell.start + runs
        compared = np.flatnonzero(numbers % -(-self.most // MOST_COMPARED) == 0)
        batch = self._batch(runs)
        return Task(
            number,
            numbers,
            self.source.shared,
            batch,
            self.course.follows_equity,
            compared,
            self.parts,
            self.source.data,
        )

    def probed(self) -> float:
        """How long one run takes, as far as a few of them tell. Units: s."""
        self._timed(1)  # compiles
        one = self._timed(1)
        return one if one > _LONG else self._timed(max(1, min(_PROBE, self.most // _SHARE)))

    def _timed(self, few: int) -> float:
        runs = self.group.runs[:: -(-len(self.group.runs) // few)]
        batch = self._batch(runs)
        began = perf_counter()
        self.source.field.judged(batch, follows_equity=self.course.follows_equity)
        return (perf_counter() - began) / len(runs)

    def _batch(self, runs: Ints) -> Batch:
        """The strategies and terms that some runs need, each once."""
        from trader_cli.backtest.field import Batch

        cell = self.group.cell
        column = cell.columns.get(STRATEGY, np.zeros(len(cell), np.int32))
        wanted, of_strategy = np.unique(column[runs], return_inverse=True)
        parts, of_terms = np.unique(self.terms.split.of_run[runs], return_inverse=True)
        return Batch(
            [cell.strategy(int(index)) for index in wanted],
            [self.terms[int(part)] for part in parts],
            of_strategy,
            of_terms,
        )


class _TermsOf:
    """The distinct terms of a cell's runs, by the parts of `split`; the last ones are kept."""

    def __init__(self, cell: CellRuns) -> None:
        self.split, self._cell = cell.split(*TERMS), cell
        self._known = lru_cache(_TERMS_KEPT)(self._made)

    def __getitem__(self, part: int) -> Terms:
        return self._known(part)

    def _made(self, part: int) -> Terms:
        variant = self._cell.variant(int(self.split.first[part]))
        return terms_of(variant, variant.symbols)


class _Sources:
    """What the groups of a study trade on: markets are read once, whatever shares them."""

    def __init__(self, course: Course, parts: Parts, engine: Engine, announce: Callable[[str], None]) -> None:
        self._course, self._parts, self._engine, self._announce = course, parts, engine, announce
        self._kept: dict[object, _Source] = {}
        self.warnings: dict[str, None] = {}

    def of(self, variant: Variant) -> _Source:
        """What a variant trades on; the last ones are kept."""
        asset_class = variant.variants.asset_class
        key = (variant.symbols, variant.timeframe, variant.hours, asset_class, variant.costs.funding_rate)
        source = self._kept.pop(key, None) or self._read(variant, key)
        self._kept[key] = source
        if len(self._kept) > self._course.markets_kept:
            del self._kept[next(iter(self._kept))]
        return source._replace(files=(*source.files, *(file.sha256 for file in variant.strategy_files())))

    def _read(self, variant: Variant, key: object) -> _Source:
        from trader_cli.backtest.field import Field

        course = self._course
        loaded = load_markets(variant, course.source, course.span, detail=course.detail, announce=self._announce)
        self.warnings |= dict.fromkeys(loaded.warnings)
        field = Field(loaded.markets, start_of(course.span))
        files = tuple(file.sha256 for file in loaded.files)
        shared = Here(field) if self._engine.is_here else self._filed(loaded.markets, f"{key} {files}")
        return _Source(variant.variants.asset_class, variant.symbols, field, shared, files)

    def _filed(self, markets: Sequence[Market], what: str) -> Filed:
        """The markets in a file, for workers that do not share this process' memory: one name never holds two.

        A worker keeps what it has read, and a file of bars makes markets of several timeframes.
        """
        name = f"markets-{sha256(what.encode()).hexdigest()[:16]}.joblib"
        return file_markets(markets, start_of(self._course.span), self._parts.folder / name)
