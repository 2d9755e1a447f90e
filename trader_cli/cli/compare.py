"""`trader compare`: runs side by side."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trader_cli.cli import options, render
from trader_cli.cli.context import Context
from trader_cli.cli.result import FIGURES, figure
from trader_cli.errors import UsageError
from trader_cli.settings import data_dir, variants_dir

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trader_cli.app.backtest import Backtest
    from trader_cli.app.compare import Comparison

MOST_COLUMNS = 4
"""So many runs have a column each; of more, each has a row."""
_OF_MANY = ("trades", "total_return", "sharpe", "max_drawdown", "win_rate", "profit_factor")
_CURVE = 70


def compare(
    context: typer.Context,
    references: Annotated[
        list[str],
        typer.Argument(help="VARIANTs, which are backtested, or ids of runs, which are made again.", metavar="A B..."),
    ],
    data: options.Data = None,
    start: options.From = None,
    end: options.To = None,
    detail: options.Detail = None,
    as_json: options.Json = False,
) -> None:
    """Shows runs side by side: figures, curves of the equity, and the keys in which the variants differ.

    Each VARIANT is backtested on the same data, and counted as a trial.

    Example: `trader compare demo_btc_rsi demo_aapl_momentum --data samples`
    """
    from trader_cli.app.compare import compared, named
    from trader_cli.app.markets import Past, Span
    from trader_cli.variant.model import Variant

    chosen = named(references, variants_dir(Context.of(context).variants_dir))
    is_past_given = any(option is not None for option in (data, start, end, detail))
    if is_past_given and not any(isinstance(each, Variant) for each in chosen):
        raise UsageError("runs have their own data and span: --data, --from, --to and --detail are for VARIANTs")
    past = Past(data_dir() if data is None else data, Span.of(start, end), detail)
    with render.activity() as announce:
        comparison = compared(chosen, past, announce)
    if as_json:
        render.document(comparison.document())
    else:
        _show(comparison)


def _show(comparison: Comparison) -> None:
    letters = comparison.letters
    legend = [row for letter, run in zip(letters, comparison.runs, strict=True) for row in _legend(letter, run)]
    render.table(("", "run"), legend, whole=("",))
    if len(letters) <= MOST_COLUMNS:
        _show_columns(comparison)
    else:
        _show_rows(comparison)
    for warning in comparison.warnings:
        render.words(f"warning: {warning}")
    for letter, run in zip(letters, comparison.runs, strict=True):
        for warning in run.result.warnings:
            render.words(f"warning: {letter}: {warning}")


def _legend(letter: str, run: Backtest) -> Iterator[tuple[str, str]]:
    """Who stands behind a letter, what it was judged on, and its equity."""
    result = run.result
    period = result.document("")["period"]
    yield letter, run.variant.name if run.run is None else f"{run.variant.name}, run {run.run}"
    yield "", f"{', '.join(result.symbols)}, {period['bars']:,} bars of {result.timeframe}"
    yield "", f"{period['start']} to {period['end']}"
    yield "", render.sparkline(memoryview(result.equity), _CURVE)


def _show_columns(comparison: Comparison) -> None:
    """A column a run."""
    letters, metrics = comparison.letters, comparison.metrics
    rows = [[name.replace("_", " "), *(figure(each, name) for each in metrics)] for name in FIGURES]
    best = {(row, 1 + run) for row, name in enumerate(FIGURES) for run in comparison.best(name)}
    render.table(("figure", *letters), rows, right=letters, marked=best)
    told = [[each.key, *map(_told, each.values)] for each in comparison.differences]
    _show_differences(("key", *letters), told)


def _show_rows(comparison: Comparison) -> None:
    """A row a run."""
    letters, metrics = comparison.letters, comparison.metrics
    columns = tuple(name.replace("_", " ") for name in _OF_MANY)
    rows = [[letter, *(figure(each, name) for name in _OF_MANY)] for letter, each in zip(letters, metrics, strict=True)]
    best = {(run, 1 + column) for column, name in enumerate(_OF_MANY) for run in comparison.best(name)}
    render.table(("", *columns), rows, right=columns, marked=best)
    told = [
        [each.key, ", ".join(f"{letter} {_told(value)}" for letter, value in zip(letters, each.values, strict=True))]
        for each in comparison.differences
    ]
    _show_differences(("key", "values"), told)


def _show_differences(columns: tuple[str, ...], rows: Iterable[list[str]]) -> None:
    told = list(rows)
    if told:
        render.table(columns, told, title="what differs", whole=("key",) if len(columns) <= 3 else ())
    else:
        render.line("no key differs")


def _told(value: Any) -> str:
    """A value as a variant file writes it, near enough."""
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
