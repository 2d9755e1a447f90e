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

    from trader_cli.backtest.result import Result
    from trader_cli.domain.trade import Trade

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
    start: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First bar that may decide; earlier ones warm up.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Use only bars before this.")] = None,
    overrides: options.Overrides = None,
    broker: options.Broker = None,
    strategy: options.Strategy = None,
    mode: options.Mode = None,
    asset_class: options.AssetClass = None,
    symbols: options.Symbols = None,
    as_json: options.Json = False,
) -> None:
    """Runs a variant over market data and shows what it would have earned.

    Example: `trader backtest demo_btc_rsi --data samples --set strategy_config.rsi.period=10`
    """
    from trader_cli.app.backtest import Span, run
    from trader_cli.variant.loading import load

    chosen = references or [""]
    if len(chosen) > 1:
        raise UsageError(f"one variant at a time, not {len(chosen)}: comparisons come with the matrix")
    dimensions = options.flags(broker, strategy, mode, asset_class, symbols)
    if not chosen[0] and not (broker and strategy):
        raise UsageError("name a VARIANT (`trader list-variants` shows them), or give --broker and --strategy")
    variant = load(
        chosen[0],
        variants_dir=variants_dir(Context.of(context).variants_dir),
        overrides=overrides or (),
        flags=dimensions,
        environment=os.environ,
    ).variant
    span = Span.of(start, end)
    with render.activity() as announce:
        result = run(variant, data_dir() if data is None else data, span, announce)
    if as_json:
        return render.document(result.document(variant.name))
    return _show(result, variant.name)


def _show(result: Result, name: str) -> None:
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
        rows = [_trade_row(trade, result.timeframe) for trade in shown]
        render.table(_TRADE_COLUMNS, rows, title=heading, right=_TRADE_COLUMNS[1:6], whole=("entry",))
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

_TRADE_COLUMNS = ("entry", "held", "quantity", "in at", "out at", "net", "reason")


def _cell(metrics: dict[str, Any], figure: str, form: str) -> tuple[str, str]:
    value = metrics[figure]
    return figure.replace("_", " "), "-" if value is None else format(value, form)


def _trade_row(trade: Trade, timeframe: Timeframe) -> tuple[str, ...]:
    entry = iso(trade.entry_time)
    return (
        entry[:10] if timeframe is Timeframe.D1 else entry[:16].replace("T", " "),
        _lasting(trade.exit_time - trade.entry_time),
        f"{trade.quantity:.4g}",
        f"{trade.entry_price:.6g}",
        f"{trade.exit_price:.6g}",
        f"{trade.pnl:+.2f}",
        str(trade.exit_reason),
    )


def _lasting(span: timedelta) -> str:
    """A duration in two units at most: 3d 4h, 4h 5m, 12m."""
    minutes = int(span.total_seconds()) // 60
    parts = (minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "m")
    return " ".join([f"{count}{unit}" for count, unit in parts if count][:2]) or "0m"
