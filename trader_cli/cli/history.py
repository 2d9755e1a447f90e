"""The parts of the dashboard that tell what happened last: signals, orders, trades, refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from trader_cli.cleaning import foreign
from trader_cli.cli.figures import gain, number, prices, share
from trader_cli.cli.fitting import Column, rule, table
from trader_cli.cli.panels import coloured, halted, symbols
from trader_cli.domain.signal import Action

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trader_cli.engine.snapshot import LastSignal, Snapshot

    type Row = tuple[datetime, str, Text]


def latest(snapshot: Snapshot, width: int, rows: int) -> list[Text]:
    """The newest of each kind in one list, a line each; with more rows more of each."""
    kinds = {
        "signal": _signal_rows(snapshot),
        "order": _order_rows(snapshot),
        "trade": _trade_rows(snapshot),
        "refused": _refusal_rows(snapshot),
        "halt": _halt_rows(snapshot),
    }
    quota = dict.fromkeys(kinds, 0)
    left = rows - 1
    while growing := [kind for kind in kinds if quota[kind] < len(kinds[kind])][: max(0, left)]:
        for kind in growing:
            quota[kind] += 1
        left -= len(growing)
    chosen = [(kind, row) for kind in kinds for row in kinds[kind][: quota[kind]]]
    lines = [rule(Text("Latest", "bold"), width)]
    if not chosen:
        return [*lines, Text("nothing yet", "dim")]
    columns = [
        Column("", [Text(kind, "dim") for kind, _ in chosen], 1, least=7),
        _times([row[0] for _, row in chosen], snapshot.time),
        symbols([row[1] for _, row in chosen]),
        Column("", [row[2] for _, row in chosen], 2, shortest=12),
    ]
    return lines + table(columns, width, head=False)


def signals(snapshot: Snapshot, width: int, rows: int) -> list[Text]:
    """The last wishes with their reasons."""
    return _listing("Signals", _signal_rows(snapshot), snapshot.time, width, rows)


def refusals(snapshot: Snapshot, width: int, rows: int) -> list[Text]:
    """The entries that were refused, and why."""
    return _listing("Refused", _refusal_rows(snapshot), snapshot.time, width, rows)


def orders(snapshot: Snapshot, width: int, rows: int) -> list[Text]:
    """The orders that wait for the next open."""
    return _listing("Pending orders", _order_rows(snapshot), snapshot.time, width, rows)


def trades(snapshot: Snapshot, width: int, rows: int) -> list[Text]:
    """The last closed trades, newest first."""
    closed = list(reversed(snapshot.trades))[: max(0, rows - 2)]
    title = Text.assemble(("Trades", "bold"), f" {snapshot.trade_count:,}")
    if not closed:
        return [rule(title, width), Text("none", "dim")]
    levels = [prices((each.entry_price, each.exit_price)) for each in closed]
    columns = [
        _times([each.exit_time for each in closed], snapshot.time),
        symbols([each.symbol for each in closed]),
        Column("side", [Text(each.side) for each in closed], 2, least=5),
        Column("quantity", [Text(number(each.quantity, digits=6)) for each in closed], 6, 8, right=True),
        Column("entry", [Text(row[0]) for row in levels], 7, 8, right=True),
        Column("exit", [Text(row[1]) for row in levels], 8, 8, right=True),
        Column("P&L", [coloured(gain(each.pnl), each.pnl) for each in closed], 1, 8, right=True),
        Column("%", [coloured(share(each.return_fraction), each.pnl) for each in closed], 3, 7, right=True),
        Column("why", [Text(_words(each.exit_reason)) for each in closed], 4, 11),
    ]
    return [rule(title, width), *table(columns, width)]


def _listing(title: str, found: Sequence[Row], now: datetime, width: int, rows: int) -> list[Text]:
    shown = found[: max(0, rows - 1)]
    lines = [rule(Text(title, "bold"), width)]
    if not found:
        return [*lines, Text("none", "dim")]
    columns = [
        _times([row[0] for row in shown], now),
        symbols([row[1] for row in shown]),
        Column("", [row[2] for row in shown], 1, shortest=12),
    ]
    return lines + table(columns, width, head=False)


def _times(moments: Sequence[datetime], now: datetime) -> Column:
    """The time of the day, of other days the date."""
    texts = [f"{moment:%H:%M}" if moment.date() == now.date() else f"{moment:%m-%d}" for moment in moments]
    return Column("time", [Text(text, "dim") for text in texts], 5)


def _signal_rows(snapshot: Snapshot) -> list[Row]:
    """Newest first; of one time those that wish for something, the surest first."""

    def order(signal: LastSignal) -> tuple[datetime, bool, float]:
        return signal.time, signal.action is not Action.HOLD, signal.confidence

    ordered = sorted(snapshot.signals, key=order, reverse=True)
    return [
        (
            each.time,
            each.symbol,
            Text.assemble(
                f"{each.action:<4} ",
                (f"{share(each.confidence, decimals=0, signed=False):>5}  ", "dim"),
                foreign(each.reason),
                style="dim" if each.action is Action.HOLD else "",
            ),
        )
        for each in ordered
    ]


def _order_rows(snapshot: Snapshot) -> list[Row]:
    return [
        (
            each.decided_at,
            each.symbol,
            Text(f"{each.side} {each.purpose} {number(each.quantity)}, {_words(each.reason)}"),
        )
        for each in snapshot.pending
    ]


def _trade_rows(snapshot: Snapshot) -> list[Row]:
    return [
        (
            each.exit_time,
            each.symbol,
            Text.assemble(
                coloured(f"{gain(each.pnl)}  {share(each.return_fraction)}", each.pnl),
                f"  {each.side}, {_words(each.exit_reason)}",
            ),
        )
        for each in reversed(snapshot.trades)
    ]


def _refusal_rows(snapshot: Snapshot) -> list[Row]:
    return [(each.time, each.symbol, Text(f"{each.side}: {_words(each.code)}")) for each in reversed(snapshot.refusals)]


def _halt_rows(snapshot: Snapshot) -> list[Row]:
    """Halts that are over; those that hold stand above."""
    held = halted(snapshot)
    return [
        (each.time, "-", Text(f"{_words(each.reason)}: {foreign(each.detail)}"))
        for each in reversed(snapshot.halts)
        if each not in held
    ]


def _words(code: str) -> str:
    return foreign(code).replace("_", " ")
