"""The use case behind `trader backtest` with a matrix: traded, counted for ever, ranked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from trader_cli import settings
from trader_cli.app.journaling import opened_journal
from trader_cli.app.leaderboard import Leaderboard, asked, follows_equity, ranked, tried_on
from trader_cli.app.new_variant import Wish, create
from trader_cli.app.study import Course, Studied, study
from trader_cli.errors import ConfigError, Problem
from trader_cli.variant.loading import load
from trader_cli.variant.naming import SUFFIX
from trader_cli.variant.scaffold import toml, values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from trader_cli.app.markets import Span
    from trader_cli.domain.timeframe import Timeframe
    from trader_cli.errors import TraderError
    from trader_cli.metrics.deflation import Trials
    from trader_cli.variant.grid import Grid


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a matrix runs on and what is to be known of it; `about` is what else was asked, for the ledger."""

    source: Path
    span: Span
    detail: Timeframe | None
    sort: str
    is_full: bool
    workers: int
    about: Mapping[str, Any]


def run(grid: Grid, wanted: Wanted, announce: Callable[[str], None], advanced: Callable[[int], None]) -> Leaderboard:
    """Trades all runs of a grid, counts them in the journal, and ranks them.

    Raises: UsageError, ConfigError for what cannot be traded so, DataError for data that is missing or wrong,
    Unavailable where the journal cannot be kept.
    """
    follows = follows_equity(wanted.sort, is_full=wanted.is_full)
    if not len(grid):
        raise _nothing_to_run(grid)
    course = Course(wanted.source, wanted.span, wanted.detail, follows, wanted.workers)
    studied = study(grid, course, announce, advanced)
    announce("counting")
    return ranked(grid, studied, wanted.sort, _counted(grid, studied, wanted))


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


def _nothing_to_run(grid: Grid) -> TraderError:
    counts = grid.counts
    reasons = [Problem(f"{reason} ({times:,} combinations)") for reason, times in counts.reasons.items()]
    return ConfigError.of(tuple(reasons) or (Problem("no combination is left: --where rules out all of them"),))


def _counted(grid: Grid, studied: Studied, wanted: Wanted) -> Trials:
    """All trials ever made on these markets, once those of this study are among them."""
    from trader_cli.journal import locks, trials
    from trader_cli.journal.database import trouble

    about = {**wanted.about, "from": str(wanted.span.start), "to": str(wanted.span.end), "detail": str(wanted.detail)}
    this = trials.Study.of(asked(grid, about), tuple(studied.sha256))
    tried = tried_on(grid, studied)
    settings.locks_dir().mkdir(parents=True, exist_ok=True)
    with locks.among_drivers(settings.locks_dir()), opened_journal() as (engine, path), trouble(path):
        with engine.begin() as connection:
            trials.count(connection, this, 0, tried)
        with engine.connect() as connection:
            return trials.total(connection, tried)
