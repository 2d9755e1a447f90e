"""`trader backtest` with a matrix: all its runs, ranked."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from itertools import batched
from typing import TYPE_CHECKING, Any

from trader_cli.cli import heatmap, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from trader_cli.app.heatmap import HeatMap
    from trader_cli.app.leaderboard import Leaderboard
    from trader_cli.app.matrix import Wanted
    from trader_cli.app.new_variant import Wish
    from trader_cli.app.optimizing import Aim
    from trader_cli.app.study import Watcher
    from trader_cli.variant.grid import Combinations, Grid
    from trader_cli.variant.judging import Counts

SHOWN = 10
_COLUMNS = ("#", "run", "trades", "return", "win")
_OF_TRADES = ("profit factor",)
_OF_EQUITY = ("sharpe", "deflated", "drawdown")


def tell(counts: Counts, runs: int, trials: int | None = None) -> None:
    """Says on stderr what became of the combinations asked for, or of those tried of them."""
    tried = "" if trials is None else f", {trials:,} trials"
    parts = [f"{counts.asked:,} combinations{tried}: {runs:,} runs"]
    parts += [f"{counts.duplicates:,} the same as another"] if counts.duplicates else []
    parts += [f"{counts.ruled_out:,} ruled out by --where"] if counts.ruled_out else []
    parts += [f"{counts.invalid:,} invalid"] if counts.invalid else []
    render.words(", ".join(parts))
    for reason, times in list(counts.reasons.items())[:SHOWN]:
        render.words(f"invalid: {reason} ({times:,})")


@contextmanager
def judged(grid: Grid, wanted: Wanted, *, as_json: bool) -> Iterator[Leaderboard]:
    """The leaderboard, once the runs were traded with a bar that says how far they are."""
    from trader_cli.app.matrix import judged as traded

    if not as_json:
        tell(grid.counts, len(grid))
    with _watched(len(grid), lambda watcher: traded(grid, wanted, watcher), as_json=as_json) as board:
        yield board


@contextmanager
def optimized(found: Combinations, aim: Aim, wanted: Wanted, *, as_json: bool) -> Iterator[Leaderboard]:
    """Likewise, of the runs that an optimizer has tried."""
    from trader_cli.app.matrix import optimized as traded

    with _watched(aim.trials, lambda watcher: traded(found, aim, wanted, watcher), as_json=as_json) as board:
        if not as_json:
            tell(found.counts, len(board.order), aim.trials)
        yield board


@contextmanager
def _watched(
    total: int, make: Callable[[Watcher], AbstractContextManager[Leaderboard]], *, as_json: bool
) -> Iterator[Leaderboard]:
    from trader_cli.app.study import Watcher

    with ExitStack() as done:
        with render.progress() as bar:
            task = bar.add_task("preparing", total=total)
            watcher = Watcher(
                announce=lambda doing: bar.update(task, description=doing),
                advanced=lambda more: bar.advance(task, more),
                estimated=lambda seconds: None if as_json else render.words(f"it will take {_lasting(seconds)}"),
            )
            board = done.enter_context(make(watcher))
        yield board


def _lasting(seconds: float) -> str:
    """A duration to plan by.

    >>> _lasting(0.4), _lasting(7.4), _lasting(200), _lasting(9_000)
    ('less than a second', 'about 7 s', 'about 3 min', 'about 2.5 h')
    """
    if seconds < 1:
        return "less than a second"
    if seconds < 120:
        return f"about {seconds:.0f} s"
    return f"about {seconds / 60:.0f} min" if seconds < 7_200 else f"about {seconds / 3_600:.1f} h"


def show(board: Leaderboard, top: int | None, heat: HeatMap | None, *, as_json: bool) -> None:
    """The best runs, and a heat map where one is wanted: for people, or as the document."""
    if as_json:
        drawn = {} if heat is None else {"heatmap": heat.document()}
        render.long_document("runs", board.rows(top), {**board.about(), **drawn})
        return
    _show(board, SHOWN if top is None else top)
    if heat is not None:
        heatmap.show(heat)


def write_variants(board: Leaderboard, top: int | None, folder: Path, wish: Wish, *, variants_dir: Path) -> None:
    """Writes the best runs, or the best one, as variant files and says where."""
    from trader_cli.app.matrix import write_variants as written

    for path in written(board, top or 1, folder, wish, variants_dir=variants_dir):
        render.words(f"wrote {path}")


def _show(board: Leaderboard, top: int) -> None:
    is_followed = board.is_followed
    columns = (*_COLUMNS, *(_OF_EQUITY if is_followed else _OF_TRADES))
    rows = [_row(place, row, is_followed) for place, row in enumerate(board.rows(top), start=1)]
    shown = f"best {len(rows):,} of {len(board.order):,} runs by {board.sort.replace('_', ' ')}"
    render.table(columns, rows, title=shown, right=tuple(column for column in columns if column != "run"))
    for some in batched(enumerate(board.kept[:top], start=1), 4):
        render.line("kept as " + "  ".join(f"{place}:{run}" for place, run in some))
    render.line(f"trials ever counted on these markets: {board.trials.runs:,}")
    if is_followed:
        render.line(f"probability of overfitting: {_form(board.overfitting_probability, '.0%')}")
    for warning in board.warnings:
        render.words(f"warning: {warning}")


def _row(place: int, row: dict[str, Any], is_followed: bool) -> list[str]:
    metrics = row["metrics"]
    told = [f"{key.rpartition('.')[2]}={_short(value)}" for key, value in row["overrides"].items()]
    halted = [f"halted {row['halted_at'][:10]}"] if row["halted_at"] else []
    cells = [
        str(place),
        " ".join([*(told or [row["variant"]]), *halted]),
        f"{metrics['trades']:,}",
        _form(metrics["total_return"], ".1%"),
        _form(metrics["win_rate"], ".0%"),
    ]
    of_equity = ("sharpe", ".2f"), ("deflated_sharpe", ".2f"), ("max_drawdown", ".1%")
    forms = of_equity if is_followed else (("profit_factor", ".2f"),)
    return [*cells, *(_form(metrics[name], form) for name, form in forms)]


def _short(value: Any) -> str:
    return "+".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _form(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
