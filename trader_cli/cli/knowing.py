"""`trader status`, `positions`, `orders`, `trades`: what the journal knows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trader_cli.cli import options, render
from trader_cli.cli.context import Context
from trader_cli.cli.figures import age, amount, gain, number
from trader_cli.domain.clock import parse
from trader_cli.errors import Unavailable, UsageError
from trader_cli.settings import variants_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trader_cli.app.knowing import Asked, Rows

    type Row = dict[str, Any]

FEW = 20
"""How many of the latest a table shows."""

All = Annotated[bool, typer.Option("--all", help=f"Show all in the table, not the last {FEW}; --json always does.")]


def status(
    context: typer.Context,
    reference: options.MaybeVariant = None,
    max_age: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="SECONDS", help="End with 5 where a driver that did not end has been silent for longer."
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Shows how each trader stands: whether it runs, its equity, what it holds, its last sign of life.

    running: a process drives it; no-entries: that too, and a loss limit forbids entries; stopped: its session ended;
    cut_off: it was killed, and the same command goes on where it was.

    Example: `trader status demo_btc_rsi --max-age 300`
    """
    from trader_cli.app import knowing

    try:
        rows = knowing.status(asked(context, reference))
    except UsageError as error:  # to a watchman, one that never ran is one that does not run
        raise error if max_age is None else Unavailable(error.problems[0].message) from None
    if as_json:
        render.document({"variants": rows})
    else:
        _show_status(rows)
    late = [] if max_age is None else knowing.too_late(rows, max_age)
    if late:
        raise Unavailable("; ".join(late))


def positions(context: typer.Context, reference: options.MaybeVariant = None, as_json: options.Json = False) -> None:
    """Shows what is held, marked at the last close, with its gain before the exit's fee.

    Example: `trader positions demo_btc_rsi`
    """
    from trader_cli.app import knowing

    columns = ("symbol", "side", "quantity", "entry", "mark", "P&L", "since")

    def cells(row: Row) -> Sequence[str]:
        prices = number(row["entry_price"]), number(row["mark"])
        gained = gain(row["unrealized_pnl"])
        return (row["symbol"], row["side"], number(row["quantity"]), *prices, gained, _time(row["entry_time"]))

    found = knowing.positions(asked(context, reference))
    _show("positions", found, columns, cells, as_json=as_json)


def orders(
    context: typer.Context,
    reference: options.MaybeVariant = None,
    every: All = False,
    as_json: options.Json = False,
) -> None:
    """Shows what was ordered, the newest last: sent (on its way), filled or rejected.

    The time is that of the bar at whose close it was decided: `trader why VARIANT --at TIME` tells why.

    Example: `trader orders demo_btc_rsi --json`
    """
    from trader_cli.app import knowing

    columns = ("time", "symbol", "order", "quantity", "reason", "state")

    def cells(row: Row) -> Sequence[str]:
        order = f"{row['side']} {row['purpose']}"
        return (_time(row["time"]), row["symbol"], order, number(row["quantity"]), row["reason"], row["state"])

    found = knowing.orders(asked(context, reference), None if every or as_json else FEW)
    _show("orders", found, columns, cells, as_json=as_json)


def trades(
    context: typer.Context,
    reference: options.MaybeVariant = None,
    every: All = False,
    as_json: options.Json = False,
) -> None:
    """Shows the closed positions in the order of their exits, each net of its fees and funding.

    Example: `trader trades demo_btc_rsi --all`
    """
    from trader_cli.app import knowing

    columns = ("closed", "symbol", "side", "entry", "exit", "exit by", "P&L")

    def cells(row: Row) -> Sequence[str]:
        prices = number(row["entry_price"]), number(row["exit_price"])
        return (_time(row["exit_time"]), row["symbol"], row["side"], *prices, row["exit_reason"], gain(row["pnl"]))

    found = knowing.trades(asked(context, reference), None if every or as_json else FEW)
    _show("trades", found, columns, cells, as_json=as_json)


def asked(context: typer.Context, reference: str | None) -> Asked:
    """Whom a question is about."""
    from trader_cli.app.knowing import Asked

    return Asked(reference, variants_dir(Context.of(context).variants_dir))


def nothing_yet() -> None:
    """Says that the journal is empty, and how that changes."""
    render.words("nothing has traded yet: `trader paper VARIANT --replay DIR` trades the past")


def _show(
    what: str, found: Sequence[Rows], columns: Sequence[str], cells: Callable[[Row], Sequence[str]], *, as_json: bool
) -> None:
    """A table a book, or all rows in one document."""
    if as_json:
        return render.document({what: [row for book in found for row in book.rows]})
    if not found:
        return nothing_yet()
    right = ("quantity", "entry", "exit", "mark", "P&L")
    for book in found:
        shown = len(book.rows)
        count = f"{book.total:,} {what if book.total != 1 else what[:-1]}"
        title = f"{book.book}: {count}" + (f", the last {shown}" if shown < book.total else "")
        if shown:
            render.table(columns, map(cells, book.rows), title=title, right=right, whole=("side", *right))
        else:
            render.line(title.replace(": 0", ": no"))
    return None


def _show_status(rows: Sequence[Row]) -> None:
    if not rows:
        return nothing_yet()
    now = datetime.now(UTC)
    shown = [
        (
            row["variant"],
            f"{row['mode']} {row['account']}",
            row["state"],
            amount(row["equity"]),
            gain(row["day_pnl"]),
            str(row["positions"]),
            "-" if row["heartbeat"] is None else f"{age(parse(row['heartbeat']), now)} ago",
        )
        for row in rows
    ]
    columns = ("variant", "account", "state", "equity", "today", "holds", "heartbeat")
    return render.table(columns, shown, right=("equity", "today", "holds"), whole=columns[2:])


def _time(text: str) -> str:
    """To the minute, without the letters of the machine's form."""
    return text[:16].replace("T", " ")
