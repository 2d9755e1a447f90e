"""`trader backtest`: one run of a variant over market data, or the matrix of all combinations."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trader_cli.cli import options, render, result
from trader_cli.cli.context import Context
from trader_cli.errors import UsageError
from trader_cli.settings import data_dir, variants_dir

if TYPE_CHECKING:
    from trader_cli.app.markets import Past
    from trader_cli.app.optimizing import Aim
    from trader_cli.variant.model import Variant


def backtest(
    context: typer.Context,
    references: options.Variants = None,
    data: options.Data = None,
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
    from trader_cli.app.markets import Past, Span
    from trader_cli.variant.axes import read

    dimensions = options.flags(broker, strategy, mode, asset_class, symbols)
    source, span = data_dir() if data is None else data, Span.of(start, end)
    axes = read(overrides or (), matrix or (), dimensions)
    is_matrix = axes.axes or where or random is not None or optimize or trials or len(references or ()) > 1
    if not is_matrix:
        _demand_one_run(heatmap, output, write_variants)
        (variant,) = options.chosen(context, references, overrides, dimensions)
        return judge(variant, Past(source, span, detail), report, as_json=as_json)
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
    wanted = Wanted(
        source, span, detail, rank, metrics == "full", about, workers, engine, address, resume, top or matrices.SHOWN
    )
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


def _demand_one_run(heatmap: str | None, output: Path | None, write_variants: Path | None) -> None:
    """Raises: UsageError where something is to be drawn or written that only a matrix has: it would be missed."""
    of_a_matrix = {
        "--heatmap": (heatmap, "draws two axes of a matrix"),
        "--output": (output, "writes the runs of a matrix (--json has all of a single one)"),
        "--write-variants": (write_variants, "writes the best of a matrix"),
    }
    for option, (wanted, does) in of_a_matrix.items():
        if wanted is not None:
            raise UsageError(f"{does}: give some keys several values, --set KEY=A,B", file=option)


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


def judge(variant: Variant, past: Past, report: Path | None = None, *, as_json: bool) -> None:
    """Backtests a variant, counts and keeps the run, and shows what came of it."""
    from trader_cli.app.trying import tried
    from trader_cli.cli.pictures import demand_place, write_run

    demand_place(report)
    with render.activity() as announce:
        backtest = tried(variant, past, announce)
    document = backtest.document()
    if as_json:
        render.document(document)
    else:
        result.show(backtest.result, variant.name)
        if backtest.run is not None:
            render.line(f"run {backtest.run}; trials ever counted on these markets: {backtest.trials:,}")
    write_run(report, backtest.result, variant, document)
