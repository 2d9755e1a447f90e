"""What came of one run, for people: figures, trades, what is open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trader_cli.cli import render
from trader_cli.domain.clock import iso
from trader_cli.domain.timeframe import Timeframe
from trader_cli.metrics.forms import FORMS, written

if TYPE_CHECKING:
    from datetime import timedelta

    from trader_cli.backtest.result import Result
    from trader_cli.domain.trade import Trade

SHOWN_TRADES = 10


def show(result: Result, name: str) -> None:
    """A result for people: figures, the last trades, what is open, and every warning."""
    document = replace(result, trades=()).document(name)  # the trades are shown from their own values
    metrics = document["metrics"]
    period = document["period"]
    render.line(f"{name}: {', '.join(result.symbols)}, {period['bars']:,} bars of {result.timeframe}")
    render.line(f"{period['start']} to {period['end']}")
    render.line(f"equity {render.sparkline(memoryview(result.equity), 72)}")
    left, right = list(FIGURES)[:8], list(FIGURES)[8:]
    figures = [
        (*_cell(metrics, one), *(_cell(metrics, other) if other else ("", "")))
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


FIGURES: tuple[str, ...] = tuple(name for name in FORMS if name != "deflated_sharpe")
"""The figures of one run, in the order in which they are shown."""

_COLUMNS = ("entry", "held", "size", "in at", "out at", "net", "reason")
_COLUMNS_OF_SEVERAL = ("entry", "symbol", "size", "in at", "out at", "net", "reason")
_NUMBERS = ("held", "size", "in at", "out at", "net")


_WIDEST = 13


def figure(metrics: dict[str, Any], name: str) -> str:
    """One of the `FIGURES`; a dash where it is not defined, in powers of ten where it is too long to stand in a row."""
    told = written(name, metrics[name])
    return told if len(told) <= _WIDEST else f"{metrics[name]:.6g}"


def _cell(metrics: dict[str, Any], name: str) -> tuple[str, str]:
    return name.replace("_", " "), figure(metrics, name)


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
