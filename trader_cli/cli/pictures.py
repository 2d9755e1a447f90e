"""`--heatmap` and `--report` of `trader backtest`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trader_cli.cli import render

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from trader_cli.app.heatmap import HeatMap
    from trader_cli.app.leaderboard import Leaderboard
    from trader_cli.app.matrix import Wanted
    from trader_cli.backtest.result import Result
    from trader_cli.variant.grid import Grid
    from trader_cli.variant.model import Variant


class Pictures:
    """What is wanted beside a leaderboard. Whether it can be had is known before anything runs."""

    def __init__(self, grid: Grid, heatmap: str | None, report: Path | None) -> None:
        """Raises: UsageError for axes that make no map, and where no page can stand."""
        from trader_cli.app.heatmap import chosen, scales

        self._report = report
        self._axes = () if heatmap is None and report is None else scales(grid)
        self._map = None if heatmap is None else chosen(heatmap, self._axes)
        demand_place(report)

    def heat(self, board: Leaderboard) -> HeatMap | None:
        """The map that was asked for."""
        from trader_cli.app.heatmap import HeatMap

        if self._map is None:
            return None
        x, y, is_best = self._map
        return HeatMap.of(board.sort, board.column(board.sort), x, y, is_best=is_best)

    def write(self, board: Leaderboard, variants: Sequence[str], wanted: Wanted) -> None:
        """The page that was asked for."""
        if self._report is not None:
            from trader_cli.app import report_of_matrix
            from trader_cli.app.findings import findings

            axes = self._axes
            _write(self._report, lambda told: report_of_matrix.report(findings(board, axes, variants, wanted, told)))


def demand_place(report: Path | None) -> None:
    """Raises: UsageError where no page can stand."""
    if report is not None:
        from trader_cli.app import report as pages

        pages.demand_place(report)


def write_run(report: Path | None, result: Result, variant: Variant, document: Mapping[str, Any]) -> None:
    """The page of one run, where it was asked for."""
    if report is not None:
        from trader_cli.app import report_of_run

        _write(report, lambda _: report_of_run.report(result, variant, document))


def _write(path: Path, made: Callable[[Callable[[str], None]], str]) -> None:
    from trader_cli.app.report import write

    with render.activity() as announce:
        html = made(announce)
        announce("writing")
        write(path, html)
    render.words(f"wrote {path}")
