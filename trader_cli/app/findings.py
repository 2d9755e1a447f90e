"""What a matrix found, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from trader_cli.app import backtest
from trader_cli.domain.clock import iso
from trader_cli.metrics.forms import words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trader_cli.app.heatmap import Scale
    from trader_cli.app.leaderboard import Leaderboard
    from trader_cli.app.matrix import Wanted
    from trader_cli.domain.bars import Floats, Ints

MOST_ROWS: Final = 100
"""Runs of the leaderboard, at most."""
MOST_CURVES: Final = 5


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """The document of a leaderboard, of its best runs; and what no document holds.

    Shape: `figures` (runs,) is the figure that ranks, `drawdowns` and `sharpes` (runs,) likewise, where the equity was
    followed. `axes` are those of the grid; `about` is what else was asked for, by name: period, data, conditions;
    `equities` are curves of the best runs: a name, times (ns since 1970 UTC), and the equity at them.
    """

    document: Mapping[str, Any]
    axes: Sequence[Scale]
    figures: Floats
    variants: Sequence[str]
    about: Mapping[str, str]
    drawdowns: Floats | None = None
    sharpes: Floats | None = None
    equities: Sequence[tuple[str, Ints, Floats]] = ()


def findings(
    board: Leaderboard, axes: Sequence[Scale], variants: Sequence[str], wanted: Wanted, announce: Callable[[str], None]
) -> Findings:
    """What a leaderboard holds for its page; the best runs are traded once more, for their equity.

    Raises: DataError where their data is not what it was.
    """
    return Findings(
        document={**board.about(), "runs": list(board.rows(MOST_ROWS))},
        axes=axes,
        figures=board.column(board.sort),
        variants=variants,
        about=_asked(wanted),
        drawdowns=board.column("max_drawdown") if board.is_followed else None,
        sharpes=board.column("sharpe") if board.is_followed else None,
        equities=[_curve(board, run, wanted, announce) for run in board.order[:MOST_CURVES].tolist()],
    )


def _asked(wanted: Wanted) -> dict[str, str]:
    span, about = wanted.span, wanted.about
    told = {
        "data": wanted.source,
        "from": "the beginning of the data" if span.start is None else iso(span.start),
        "to": "the end of the data" if span.end is None else iso(span.end),
        "finer bars": wanted.detail,
        "conditions": "; ".join(about.get("where") or ()),
        "drawn by chance": about.get("random") and f"{about['random']}, seed {about['seed']}",
        "ranked by": words(wanted.sort),
    }
    return {name: str(value) for name, value in told.items() if value}


def _curve(board: Leaderboard, run: int, wanted: Wanted, announce: Callable[[str], None]) -> tuple[str, Ints, Floats]:
    variant = board.grid.variant(run)
    result = backtest.run(variant, wanted.source, wanted.span, announce, detail=wanted.detail)
    return variant.name, result.times, result.equity
