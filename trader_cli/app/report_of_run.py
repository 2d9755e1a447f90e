"""The page of one backtest: `trader backtest VARIANT --report FILE.html`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from trader_cli.app import charts
from trader_cli.app.heatmap import plain
from trader_cli.app.report import Table, page
from trader_cli.metrics.curves import monthly_returns
from trader_cli.metrics.forms import FORMS, words, written
from trader_cli.metrics.performance import drawdowns
from trader_cli.variant.scaffold import toml, values_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trader_cli.app.charts import Chart
    from trader_cli.backtest.result import Result
    from trader_cli.domain.bars import Floats
    from trader_cli.variant.model import Variant

MOST_TRADES: Final = 500
_TILES = ("total_return", "final_equity", "max_drawdown", "sharpe", "trades", "win_rate", "profit_factor")
_OF_EQUITY = ("final_equity", "total_return", "cagr", "max_drawdown", "sharpe", "sortino", "calmar", "exposure")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TRADES = ("entry", "exit", "symbol", "side", "quantity", "in at", "out at", "fees", "P&L", "return", "reason")


def report(result: Result, variant: Variant, document: Mapping[str, Any]) -> str:
    """The page of a run as HTML; `document` is that of the run, with what was added to it: its `run`, if it is kept."""
    start = float(variant.session.starting_balance)
    metrics, period = document["metrics"], document["period"]
    pictures: dict[str, Chart] = {
        "equity": charts.equity(result.times, result.equity, drawdowns(result.equity, start)),
        "profits": charts.histogram("P&L", ",.4~g", np.array([trade.pnl for trade in result.trades]), 0.0, {}),
    }
    years, months, returns = _by_month(result, start)
    if years:
        said = [[f"{written('total_return', value)}" for value in row] for row in plain(returns)]
        pictures["months"] = charts.heat("total_return", returns, _MONTHS, years, ("", ""), said)
    summary = f"{', '.join(result.symbols)}, {period['bars']:,} bars of {result.timeframe}"
    if period["start"] is not None:
        summary += f", {period['start']} to {period['end']}"
    if document.get("run") is not None:
        summary += f", run {document['run']}"
    return page(
        "run.html",
        pictures,
        {
            "name": document["variant"],
            "summary": summary,
            "tiles": [(name, metrics[name]) for name in _TILES],
            "warnings": document["warnings"],
            "in_words": f"from {start:,.2f} to {metrics['final_equity']:,.2f}, at the lowest "
            f"{written('max_drawdown', metrics['max_drawdown'])} below its highest",
            "of_equity": _figures(metrics, _OF_EQUITY),
            "of_trades": _figures(metrics, [name for name in FORMS if name in metrics and name not in _OF_EQUITY]),
            "months": months,
            "trades": Table(
                _TRADES, [_row(trade) for trade in document["trades"][: -MOST_TRADES - 1 : -1]], (0, 1, 2, 3, 10)
            ),
            "trades_caption": _caption(len(document["trades"])),
            "remarks": list(_remarks(document)),
            "variant": Table(
                ("key", "value"),
                [(key, toml(value)) for key, value in values_of(variant).items() if value is not None],
                (0, 1),
            ),
        },
    )


def _figures(metrics: Mapping[str, Any], names: Sequence[str]) -> Table:
    return Table(("figure", "value"), [(words(name), written(name, metrics[name])) for name in names])


def _by_month(result: Result, start: float) -> tuple[list[str], Table | None, Floats]:
    """The years, the table and the returns by year and month."""
    found, returns = monthly_returns(result.times, result.equity, start)
    if not len(found):
        return [], None, returns
    number = found.astype(np.int64)
    years, place = np.unique(number // 12, return_inverse=True)
    cells = np.full((len(years), 12), np.nan)
    cells[place, number % 12] = returns
    names = [str(year + 1970) for year in years.tolist()]
    rows = [
        (name, *(written("total_return", value) for value in row))
        for name, row in zip(names, plain(cells), strict=True)
    ]
    return names, Table(("year", *_MONTHS), rows), cells


def _row(trade: Mapping[str, Any]) -> Sequence[str]:
    return (
        _moment(trade["entry_time"]),
        _moment(trade["exit_time"]),
        trade["symbol"],
        trade["side"],
        f"{trade['quantity']:.6g}",
        f"{trade['entry_price']:.8g}",
        f"{trade['exit_price']:.8g}",
        f"{trade['fees']:,.2f}",
        f"{trade['pnl']:+,.2f}",
        f"{trade['return']:+.2%}",
        words(trade["exit_reason"]),
    )


def _caption(count: int) -> str:
    whole = f"All {count:,} trades" if count <= MOST_TRADES else f"The last {MOST_TRADES} of {count:,} trades"
    return f"{whole}, the newest first; a click on a title sorts"


def _remarks(document: Mapping[str, Any]) -> Sequence[str]:
    """What is open, what never filled, what halted, what was refused."""
    told = [
        f"open: {held['side']} {held['quantity']:g} {held['symbol']} at {held['entry_price']:g} since "
        f"{_moment(held['entry_time'])}, {held['unrealized_pnl']:+,.2f} at the end"
        for held in document["open_positions"]
    ]
    told += [
        f"not filled: {order['purpose']} of {order['quantity']:g} {order['symbol']}, decided on the last bar"
        for order in document["pending_at_end"]
    ]
    told += [f"halt {_moment(halt['time'])}: {words(halt['reason'])}, {halt['detail']}" for halt in document["halts"]]
    told += [f"refused entries: {count:,} by {words(code)}" for code, count in document["refusals"].items()]
    return told


def _moment(time: str) -> str:
    return time[:16].replace("T", " ")
