"""`trader backtest`: one run of a variant over market data."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trader_cli.cli import options, render
from trader_cli.cli.context import Context
from trader_cli.domain.clock import iso
from trader_cli.domain.timeframe import Timeframe
from trader_cli.errors import UsageError
from trader_cli.settings import data_dir, variants_dir

if TYPE_CHECKING:
    from datetime import timedelta

    from trader_cli.app.markets import Span
    from trader_cli.app.optimizing import Aim
    from trader_cli.backtest.result import Result
    from trader_cli.domain.trade import Trade
    from trader_cli.variant.model import Variant

SHOWN_TRADES = 10


def backtest(
    context: typer.Context,
    references: options.Variants = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Market data: a file or a folder; default: the data folder of $TRADER_HOME.", show_default=False
        ),
    ] = None,
    start: options.From = None,
    end: options.To = None,
    detail: options.Detail = None,
    overrides: options.Overrides = None,
    broker: options.Broker = None,
    strategy: options.Strategy = None,
    mode: options.Mode = None,
    asset_class: options.AssetClass = None,
    symbols: options.Symbols = None,
    matrix: Annotated[
        list[str] | None,
        typer.Option("--matrix", metavar="DIM=A,B,...", help="e.g. strategy=rsi,macd or broker='*'; repeat."),
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="Of a matrix: a condition each run must meet, e.g. 'period < 20'; repeat.")
    ] = None,
    random: Annotated[
        int | None, typer.Option(metavar="N", help="Of a matrix: N of its runs, drawn by chance.")
    ] = None,
    optimize: Annotated[
        str | None,
        typer.Option(metavar="METRIC", help="Of a matrix too large: look for the run with most of this figure."),
    ] = None,
    trials: Annotated[
        int | None, typer.Option(metavar="N", help="Of --optimize: how many combinations are tried; default 200.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Which draw --random makes, which trials --optimize.")] = 0,
    sort: Annotated[
        str | None,
        typer.Option(
            metavar="METRIC", help="Of a matrix: the figure that ranks it; default: that of --optimize, total_return."
        ),
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, metavar="N", help="Of a matrix: show the best N.")] = None,
    metrics: Annotated[
        str, typer.Option(metavar="trades|full", help="Of a matrix: full follows the equity of each run, too.")
    ] = "trades",
    workers: Annotated[
        int, typer.Option(min=0, metavar="N", help="Of a matrix: threads; 0: one a core.", show_default=False)
    ] = 0,
    engine: Annotated[
        str, typer.Option(metavar="local|dask|ray", help="Of a matrix: who works on it; default: threads here.")
    ] = "local",
    address: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Of a Dask or Ray cluster; default: one is started here.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Of a matrix: go on where an earlier attempt was cut off.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Of a matrix: its runs, ranked, as FILE.csv or FILE.parquet.")
    ] = None,
    write_variants: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Of a matrix: write the best (--top N, else one) as variant files."),
    ] = None,
    heatmap: Annotated[
        str | None,
        typer.Option(metavar="X,Y", help="Of a matrix: draw the median run by two axes; X,Y,best: the best run."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write all of it as one page that needs no network.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Runs a variant over market data and shows what it would have earned; with several values, all combinations.

    Example: `trader backtest demo_btc_rsi --data samples --set strategy_config.rsi.period=10`

    Example: `trader backtest demo_btc_rsi --data samples --set strategy_config.rsi.period=5..30 --sort sharpe`
    """
    from trader_cli.app.markets import Span
    from trader_cli.variant.axes import read

    dimensions = options.flags(broker, strategy, mode, asset_class, symbols)
    source, span = data_dir() if data is None else data, Span.of(start, end)
    axes = read(overrides or (), matrix or (), dimensions)
    is_matrix = axes.axes or where or random is not None or optimize or trials or len(references or ()) > 1
    if not is_matrix:
        (variant,) = options.chosen(context, references, overrides, dimensions)
        if heatmap is not None:
            raise UsageError(
                "draws two axes of a matrix: give some keys several values, --set KEY=A,B", file="--heatmap"
            )
        return judge(variant, source, span, detail, report, as_json=as_json)
    if metrics not in ("trades", "full"):
        raise UsageError(f"must be trades or full, is '{metrics[:60]}'", file="--metrics")
    from trader_cli.app.leaderboard import DEFAULT_SORT
    from trader_cli.app.matrix import Wanted
    from trader_cli.cli import matrix as matrices
    from trader_cli.cli.pictures import Pictures, demand_place
    from trader_cli.variant.grid import combinations, expand
    from trader_cli.variant.planning import Place

    if output is not None:
        from trader_cli.app.exporting import demand_form

        demand_form(output)
    options.demand_some(references, matrix, dimensions)
    folder = variants_dir(Context.of(context).variants_dir)
    place, conditions = Place(folder, dimensions, os.environ), where or ()
    aim = _aim(optimize, trials, seed, is_random=random is not None)
    about = {"where": where or [], "random": random, "seed": seed}
    rank = sort or optimize or DEFAULT_SORT
    wanted = Wanted(source, span, detail, rank, metrics == "full", about, workers, engine, address, resume)
    pictures = None
    if aim is None:
        grid = expand(references or (), axes, place, where=conditions, random=random, seed=seed)
        pictures = Pictures(grid, heatmap, report)
        boards = matrices.judged(grid, wanted, as_json=as_json)
    else:
        demand_place(report)
        found = combinations(references or (), axes, place, conditions)
        boards = matrices.optimized(found, aim, wanted, as_json=as_json)
    with boards as board:
        pictures = pictures or Pictures(board.grid, heatmap, report)  # of a search the runs are known only now
        matrices.show(board, top, pictures.heat(board), as_json=as_json)
        pictures.write(board, references or (), wanted)
        if output is not None:
            from trader_cli.app.exporting import export

            export(board, top, output)
            render.words(f"wrote {output}")
        if write_variants is not None:
            from trader_cli.app.new_variant import Wish

            wish = Wish("", overrides=axes.overrides, flags=dimensions)
            matrices.write_variants(board, top, write_variants, wish, variants_dir=folder)
    return None


def _aim(metric: str | None, trials: int | None, seed: int, *, is_random: bool) -> Aim | None:
    """What --optimize looks for. Raises: UsageError for what cannot be looked for."""
    if metric is None:
        if trials is not None:
            raise UsageError("is for --optimize METRIC", file="--trials")
        return None
    from trader_cli.app.optimizing import OPTIMIZE, TRIALS, Aim

    if is_random:
        raise UsageError("tries what it has learnt, not what --random draws: give one of them", file=OPTIMIZE)
    return Aim(metric, TRIALS if trials is None else trials, seed)


def judge(
    variant: Variant, data: Path, span: Span, detail: Timeframe | None, report: Path | None = None, *, as_json: bool
) -> None:
    """Backtests a variant and shows what came of it."""
    from trader_cli.app.backtest import run
    from trader_cli.cli.pictures import demand_place, write_run

    demand_place(report)
    with render.activity() as announce:
        result = run(variant, data, span, announce, detail=detail)
    document = result.document(variant.name)
    if as_json:
        render.document(document)
    else:
        show(result, variant.name)
    write_run(report, result, variant, document)


def show(result: Result, name: str) -> None:
    """A result for people: figures, the last trades, what is open, and every warning."""
    document = replace(result, trades=()).document(name)  # the trades are shown from their own values
    metrics = document["metrics"]
    period = document["period"]
    render.line(f"{name}: {', '.join(result.symbols)}, {period['bars']:,} bars of {result.timeframe}")
    render.line(f"{period['start']} to {period['end']}")
    render.line(f"equity {render.sparkline(memoryview(result.equity), 72)}")
    left, right = list(_FIGURES.items())[:8], list(_FIGURES.items())[8:]
    figures = [
        (*_cell(metrics, *one), *(_cell(metrics, *other) if other else ("", "")))
        for one, other in zip(left, [*right, None][: len(left)], strict=True)
    ]
    render.table(("figure", "value", "figure ", "value "), figures, right=("value", "value "))
    if result.trades:
        shown = result.trades[-SHOWN_TRADES:]
        heading = f"last {len(shown)} of {len(result.trades)} trades" if len(shown) < len(result.trades) else "trades"
        columns = _COLUMNS if len(result.symbols) == 1 else _COLUMNS_OF_SEVERAL
        cells = [_cells(trade, result.timeframe, is_alone=len(result.symbols) == 1) for trade in shown]
        rows = [[cell[column] for column in columns] for cell in cells]
        render.table(columns, rows, title=heading, right=_NUMBERS, whole=("entry", "reason"))
    _show_remarks(document)


def _show_remarks(document: dict[str, Any]) -> None:
    for position in document["open_positions"]:
        render.line(
            f"open: {position['side']} {position['quantity']:g} {position['symbol']} at {position['entry_price']:g} "
            f"since {position['entry_time'][:16]}, {position['unrealized_pnl']:+.2f} now"
        )
    for order in document["pending_at_end"]:
        render.line(
            f"not filled: {order['purpose']} of {order['quantity']:g} {order['symbol']}, decided on the last bar"
        )
    for halt in document["halts"]:
        render.line(f"halt: {halt['reason']}: {halt['detail']}")
    if document["refusals"]:
        render.line("refused entries: " + ", ".join(f"{n} {code}" for code, n in document["refusals"].items()))
    for warning in document["warnings"]:
        render.words(f"warning: {warning}")


_FIGURES: dict[str, str] = {
    "final_equity": ",.2f",
    "total_return": ".2%",
    "cagr": ".2%",
    "max_drawdown": ".2%",
    "sharpe": ".2f",
    "sortino": ".2f",
    "calmar": ".2f",
    "exposure": ".1%",
    "trades": ",d",
    "win_rate": ".1%",
    "profit_factor": ".2f",
    "expectancy": ",.2f",
    "fees": ",.2f",
    "funding": ",.2f",
    "ambiguous_bars": ",d",
}

_COLUMNS = ("entry", "held", "size", "in at", "out at", "net", "reason")
_COLUMNS_OF_SEVERAL = ("entry", "symbol", "size", "in at", "out at", "net", "reason")
_NUMBERS = ("held", "size", "in at", "out at", "net")


def _cell(metrics: dict[str, Any], figure: str, form: str) -> tuple[str, str]:
    value = metrics[figure]
    return figure.replace("_", " "), "-" if value is None else format(value, form)


def _cells(trade: Trade, timeframe: Timeframe, *, is_alone: bool) -> dict[str, str]:
    """A trade in words; the size of a short is negative. Beside the symbol there is no room for the year."""
    entry = iso(trade.entry_time)
    entry = entry if is_alone or timeframe is Timeframe.D1 else entry[5:]
    return {
        "entry": entry[:10] if timeframe is Timeframe.D1 else entry[:-4].replace("T", " "),
        "symbol": trade.symbol,
        "held": _lasting(trade.exit_time - trade.entry_time),
        "size": f"{trade.side.sign * trade.quantity:.4g}",
        "in at": f"{trade.entry_price:.6g}",
        "out at": f"{trade.exit_price:.6g}",
        "net": f"{trade.pnl:+.2f}",
        "reason": str(trade.exit_reason),
    }


def _lasting(span: timedelta) -> str:
    """A duration in two units at most: 3d 4h, 4h 5m, 12m."""
    minutes = int(span.total_seconds()) // 60
    parts = (minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "m")
    return " ".join([f"{count}{unit}" for count, unit in parts if count][:2]) or "0m"
