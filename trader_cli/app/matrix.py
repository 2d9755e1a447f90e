"""The use case behind `trader backtest` with a matrix: traded, counted for ever, ranked."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from trader_cli import settings
from trader_cli.app.counting import counting
from trader_cli.app.engines import LOCAL, demand_known, workers_of
from trader_cli.app.leaderboard import Leaderboard, asked, follows_equity, markets_of, ranked
from trader_cli.app.markets import Past
from trader_cli.app.new_variant import Wish, create
from trader_cli.app.optimizing import BATCH, Optimizer
from trader_cli.app.portions import LEAST, MOST, SHARES, groups
from trader_cli.app.study import Course, study
from trader_cli.app.trying import kept
from trader_cli.app.work import program
from trader_cli.errors import ConfigError, Problem
from trader_cli.journal.parts import keeping
from trader_cli.variant.loading import load
from trader_cli.variant.naming import SUFFIX
from trader_cli.variant.scaffold import toml, values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from trader_cli.app.counting import Ledger
    from trader_cli.app.markets import Span
    from trader_cli.app.optimizing import Aim
    from trader_cli.app.portions import Group
    from trader_cli.app.study import Watcher
    from trader_cli.domain.timeframe import Timeframe
    from trader_cli.journal.parts import Parts
    from trader_cli.variant.grid import Combinations, Grid

MOST_KEPT = 100
_MARKETS_KEPT = 8
"""Of an optimizer, which comes back to the same ones with each batch."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a matrix runs on, who works on it and what is to be known of it.

    `about` is what else was asked, for the ledger; `resume` goes on with what an earlier attempt has left; the best
    `kept` runs, `MOST_KEPT` at most, are kept so that they can be made again.
    """

    source: Path
    span: Span
    detail: Timeframe | None
    sort: str
    is_full: bool
    about: Mapping[str, Any]
    workers: int = 0
    engine: str = LOCAL
    address: str | None = None
    resume: bool = False
    kept: int = 0


@contextmanager
def judged(grid: Grid, wanted: Wanted, watcher: Watcher) -> Iterator[Leaderboard]:
    """Trades all runs of a grid, counts them in the journal, and ranks them.

    What was traded is on disk until the leaderboard is done with: an attempt that was cut off can be taken up again
    with `resume`. Raises: UsageError, ConfigError for what cannot be traded so, DataError for data that is missing or
    wrong, Locked where another process runs the same, Unavailable where journal, disk or workers fail.
    """
    _demand_runs(grid)
    search = _Search(asked(grid), len(grid), lambda _: groups(grid.cells), lambda: grid)
    with _judged(search, wanted, watcher) as board:
        yield board


@contextmanager
def optimized(found: Combinations, aim: Aim, wanted: Wanted, watcher: Watcher) -> Iterator[Leaderboard]:
    """Looks for the best run of combinations too many to trade them all; otherwise as `judged`."""
    optimizer = Optimizer(found, aim)
    search = _Search(
        asked=optimizer.asked,
        most=aim.trials,
        groups=lambda parts: optimizer.groups(parts, watcher.advanced),
        grid=lambda: optimizer.grid,
        markets_kept=_MARKETS_KEPT,
    )
    about = {**wanted.about, "optimize": aim.metric, "trials": aim.trials, "batch": BATCH}
    telling = replace(watcher, announce=lambda doing: watcher.announce(f"{doing}{optimizer.so_far}"))
    follows = wanted.is_full or follows_equity(aim.metric, is_full=False)
    with _judged(search, replace(wanted, about=about, is_full=follows), telling) as board:
        yield replace(board, optimized=optimizer.about())


class _Search(NamedTuple):
    """What is to be traded: `most` runs or less, in groups that may hang on what became of those before."""

    asked: list[dict[str, Any]]
    most: int
    groups: Callable[[Parts], Iterable[Group]]
    grid: Callable[[], Grid]
    markets_kept: int = 1


@contextmanager
def _judged(search: _Search, wanted: Wanted, watcher: Watcher) -> Iterator[Leaderboard]:
    follows = follows_equity(wanted.sort, is_full=wanted.is_full)
    demand_known(wanted.engine, wanted.address)
    span = {"from": str(wanted.span.start), "to": str(wanted.span.end), "detail": str(wanted.detail)}
    these = {**wanted.about, **span, "cells": search.asked, "parts": [LEAST, MOST, SHARES]}
    course = Course(wanted.source, wanted.span, wanted.detail, follows, search.markets_kept)
    with (
        counting(these) as ledger,
        keeping(_folder(these, follows), settings.locks_dir(), goes_on=wanted.resume) as parts,
    ):
        with workers_of(wanted.engine, wanted.address, wanted.workers) as engine:
            warnings = study(search.groups(parts), search.most, course, parts, ledger, engine, watcher)
        grid = search.grid()
        if len(grid):
            watcher.announce("ranking")
            trials = ledger.total(markets_of(grid))
            board = ranked(grid, parts, wanted.sort, trials, warnings, follows=follows)
            yield replace(board, kept=_kept(board, wanted, ledger, watcher))
    _demand_runs(grid)  # now that nothing of it is left on disk


def _kept(board: Leaderboard, wanted: Wanted, ledger: Ledger, watcher: Watcher) -> list[str]:
    """The ids of the best runs, which are made once more for that."""
    best = board.order[: min(wanted.kept, MOST_KEPT)].tolist()
    past = Past(wanted.source, wanted.span, wanted.detail)
    return kept([board.grid.variant(run) for run in best], past, ledger, watcher.announce)


def _folder(these: Mapping[str, Any], follows: bool) -> Path:
    """Where the parts of a study lie: elsewhere once anything is another that decides what is in them."""
    deciding = {"asked": these, "follows": follows, "program": program()}
    return settings.studies_dir() / sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()[:16]


def write_variants(board: Leaderboard, top: int, folder: Path, wish: Wish, *, variants_dir: Path) -> list[Path]:
    """Writes the best runs as variant files into a folder, named as the leaderboard names them.

    `wish` holds what the whole matrix was given beside its axes. Raises: UsageError where one is there already;
    ConfigError where the environment, of which no file knows, had a part in a run.
    """
    written = []
    for run_ in board.order[:top].tolist():
        variant = board.grid.variant(run_)
        name = str(variant.name)
        values = [
            f"{key}={toml(list(value) if isinstance(value, tuple) else value)}"
            for key, value in board.grid.overrides(run_).items()
        ]
        each = replace(wish, name=name, origin=board.grid.reference(run_), overrides=[*wish.overrides, *values])
        path = folder / f"{name}{SUFFIX}"
        create(each, variants_dir=variants_dir, output=path, force=False)
        again = load(str(path), variants_dir=variants_dir, environment={}).variant
        if values_of(again) != values_of(variant):
            path.unlink()
            raise ConfigError(
                "the environment had a part in it (TRADER_... variables): put that into the VARIANT", file=str(path)
            )
        written.append(path)
    return written


def _demand_runs(grid: Grid) -> None:
    """Raises: ConfigError where no combination is a run."""
    if len(grid):
        return
    counts = grid.counts
    reasons = [Problem(f"{reason} ({times:,} combinations)") for reason, times in counts.reasons.items()]
    raise ConfigError.of(tuple(reasons) or (Problem("no combination is left: --where rules out all of them"),))
