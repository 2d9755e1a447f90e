"""`trader backtest`: one run of a variant over market data, or the matrix of all combinations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trader_cli.cli import options, render, result
from trader_cli.cli.context import Context
from trader_cli.errors import UsageError
from trader_cli.settings import data_dir, variants_dir

if TYPE_CHECKING:
    from trader_cli.app.markets import Past
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
    seed: Annotated[int, typer.Option(help="Which draw --random makes.")] = 0,
    sort: Annotated[
        str, typer.Option(metavar="METRIC", help="Of a matrix: the figure that ranks it.")
    ] = "total_return",
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
    if not (axes.axes or where or random is not None or len(references or ()) > 1):
        (variant,) = options.chosen(context, references, overrides, dimensions)
        if heatmap is not None:
            raise UsageError(
                "draws two axes of a matrix: give some keys several values, --set KEY=A,B", file="--heatmap"
            )
        return judge(variant, Past(source, span, detail), report, as_json=as_json)
    if metrics not in ("trades", "full"):
        raise UsageError(f"must be trades or full, is '{metrics[:60]}'", file="--metrics")
    from trader_cli.app.matrix import Wanted
    from trader_cli.cli import matrix as matrices
    from trader_cli.cli.pictures import Pictures

    if output is not None:
        from trader_cli.app.exporting import demand_form

        demand_form(output)
    options.demand_some(references, matrix, dimensions)
    folder = variants_dir(Context.of(context).variants_dir)
    grid = matrices.expanded(
        references or (),
        axes,
        variants_dir=folder,
        flags=dimensions,
        where=where or (),
        random=random,
        seed=seed,
    )
    pictures = Pictures(grid, heatmap, report)
    about = {"where": where or [], "random": random, "seed": seed}
    wanted = Wanted(source, span, detail, sort, metrics == "full", about, workers, engine, address, resume)
    with matrices.judged(grid, wanted, as_json=as_json) as board:
        matrices.show(board, top, pictures.heat(board), as_json=as_json)
        pictures.write(board, references or (), wanted)
        if output is not None:
            from trader_cli.app.exporting import export

            export(board, top, output)
            render.words(f"wrote {output}")
        if write_variants is not None:
            from trader_cli.app.matrix import write_variants as written
            from trader_cli.app.new_variant import Wish

            wish = Wish("", overrides=axes.overrides, flags=dimensions)
            for path in written(board, top or 1, write_variants, wish, variants_dir=folder):
                render.words(f"wrote {path}")
    return None


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
