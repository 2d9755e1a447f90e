"""Questions to the journal. Every answer is plain values, in the shape that the program's JSON has.

All rows of a book begin with `variant`, `mode` and `account`; books stand in the order of these.
"""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, Any

from sqlalchemy import column, func, select, table

from trader_cli.domain.clock import from_nanoseconds, iso, to_nanoseconds
from trader_cli.domain.trade import Side
from trader_cli.journal import schema
from trader_cli.journal.drivers import BookName
from trader_cli.rules import account, codes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select, Table

    type Row = dict[str, Any]

POSITIONS = table(
    "positions",
    *map(column, ("book", "symbol", "side", "quantity", "entry_price", "entry_time", "entry_fee")),
)
"""The view, for those who check it."""

_LIMITS = {"day_lost": codes.REFUSALS[codes.MAX_DAILY_LOSS], "drawn_down": codes.REFUSALS[codes.MAX_DRAWDOWN]}
"""What a session's state says where a loss limit holds, and the reason code of the entries it refuses."""


def books(connection: Connection, variant: str | None = None) -> list[tuple[int, BookName]]:
    """The books of a variant, or all, with their keys."""
    columns = schema.books.c
    query = select(columns.id, columns.variant, columns.mode, columns.account)
    query = query.order_by(columns.variant, columns.mode, columns.account)
    if variant is not None:
        query = query.where(columns.variant == variant)
    return [(row.id, BookName(row.variant, row.mode, row.account)) for row in connection.execute(query)]


def standing(connection: Connection, book: int, name: BookName) -> Row:
    """How a book stands at its last cycle, and the session that drove it last; None for what never was.

    `limits` are the loss limits that hold; `day_pnl` is against the day's opening, `bar` the open time of the last bar.
    """
    sessions = schema.sessions
    latest = select(sessions).where(sessions.c.book == book).order_by(sessions.c.id.desc()).limit(1)
    session = connection.execute(latest).one_or_none()
    state = _state(connection, book)
    held = select(func.count()).select_from(_held(book).subquery())
    return {
        **_of(name),
        "heartbeat": session and session.heartbeat_at,
        "equity": state.get("equity"),
        "positions": connection.execute(held).scalar_one(),
        "day_pnl": state["equity"] - state["day_opening"] if state else None,
        "limits": [limit for key, limit in _LIMITS.items() if state.get(key)],
        "cycle": state.get("cycle", 0),
        "bar": _time(state["open_time"]) if state else None,
        "started": session and session.started_at,
        "ended": session and session.ended_at,
        "ending": session and session.ending,
        "pid": session and session.pid,
        "version": session and session.version,
    }


def positions(connection: Connection, book: int, name: BookName) -> list[Row]:
    """What is held, marked at the last close."""
    marks = _state(connection, book).get("marks", {})
    query = _held(book).order_by(schema.fills.c.time)
    found = []
    for row in connection.execute(query):
        side, quantity, entry_price = Side(row.side), _amount(row.quantity), _amount(row.price)
        mark = marks.get(row.symbol)
        gained = None if mark is None else account.gain(side.sign, quantity, entry_price, mark)
        found.append(
            {
                **_of(name),
                "symbol": row.symbol,
                "side": str(side),
                "quantity": quantity,
                "entry_time": _time(row.time),
                "entry_price": entry_price,
                "mark": mark,
                "unrealized_pnl": gained,
            }
        )
    return found


def orders(connection: Connection, book: int, name: BookName, last: int | None = None) -> list[Row]:
    """Every attempt at an order, the newest last; `time` is the open time of the bar at whose close it was decided."""
    intents, attempts = schema.intents, schema.attempts
    query = (
        select(intents, attempts.c.client_id, attempts.c.state, attempts.c.venue_id)
        .join(attempts, attempts.c.intent == intents.c.id)
        .where(intents.c.book == book)
        .order_by(intents.c.decided_at.desc(), intents.c.id.desc(), attempts.c.number.desc())
        .limit(last)
    )
    return [
        {
            **_of(name),
            "symbol": row.symbol,
            "side": str(Side(row.side)),
            "purpose": row.purpose,
            "quantity": _amount(row.quantity),
            "price": _amount(row.price),
            "reason": row.reason,
            "state": row.state,
            "client_id": row.client_id,
            "venue_id": row.venue_id,
            "time": _time(row.decided_at),
        }
        for row in reversed(connection.execute(query).all())
    ]


def trades(connection: Connection, book: int, name: BookName, last: int | None = None) -> list[Row]:
    """The closed positions in the order of their exits."""
    columns = schema.trades.c
    query = select(columns.document).where(columns.book == book).order_by(columns.id.desc()).limit(last)
    documents = connection.execute(query).scalars().all()
    return [{**_of(name), **_loaded(document)} for document in reversed(documents)]


def counted(connection: Connection, book: int, what: Table) -> int:
    """How many rows of a table are a book's."""
    return int(connection.execute(select(func.count()).select_from(what).where(what.c.book == book)).scalar_one())


def symbols(connection: Connection, book: int) -> Sequence[str]:
    """The symbols that were ever decided on."""
    columns = schema.decisions.c
    return connection.execute(select(columns.symbol).where(columns.book == book).distinct()).scalars().all()


def decisions(
    connection: Connection,
    book: int,
    name: BookName,
    *,
    until: datetime | None = None,
    only: Sequence[str] | None = None,
    last: int = 1,
) -> list[Row]:
    """The latest decisions on each symbol, oldest first; `until` a moment: those on bars that had opened by then."""
    columns = schema.decisions.c
    found: list[Any] = []
    for symbol in symbols(connection, book) if only is None else only:
        query = select(schema.decisions).where(columns.book == book, columns.symbol == symbol)
        if until is not None:
            query = query.where(columns.open_time <= to_nanoseconds(until))
        found += connection.execute(query.order_by(columns.cycle.desc()).limit(last)).all()
    return [
        {
            **_of(name),
            "time": _time(row.open_time),
            "cycle": row.cycle,
            "symbol": row.symbol,
            "signal": row.signal,
            "confidence": _amount(row.confidence),
            "reason": row.reason,
            "values": _loaded(row.indicators),
            "gates": _loaded(row.gates),
            "outcome": row.outcome,
        }
        for row in sorted(found, key=lambda row: row.cycle)
    ]


def _held(book: int) -> Select[Any]:
    """What the view of the positions holds of a book, found in one pass: the view looks for the exit of every entry."""
    fills = schema.fills
    exits = (
        select(fills.c.symbol, func.max(fills.c.id).label("last"))
        .where(fills.c.book == book, fills.c.purpose == "exit")
        .group_by(fills.c.symbol)
        .subquery()
    )
    entries = select(fills).outerjoin(exits, exits.c.symbol == fills.c.symbol)
    mine = fills.c.book == book, fills.c.purpose == "entry"
    return entries.where(*mine, fills.c.id > func.coalesce(exits.c.last, 0))


def _state(connection: Connection, book: int) -> Row:
    """What the last session left; empty where no cycle was ever kept."""
    query = select(schema.states.c.document).where(schema.states.c.book == book)
    document = connection.execute(query).scalar_one_or_none()
    return {} if document is None else dict(_loaded(document))


def _loaded(document: str) -> Any:
    """A JSON document. Raises: ValueError where it is none, or holds a number that is none."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no number")

    return json.loads(document, parse_constant=refuse)


def _amount(written: str) -> float:
    """An amount. Raises: ValueError where it is no finite number."""
    found = float(written)
    if not isfinite(found):
        raise ValueError(f"{written} is no amount")
    return found


def _of(name: BookName) -> Row:
    return {"variant": name.variant, "mode": name.mode, "account": name.account}


def _time(nanoseconds: int) -> str:
    return iso(from_nanoseconds(nanoseconds))
