"""From the journal back to a session: what it must know to go on, and what it had told before."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from trader_cli.domain.clock import from_nanoseconds, parse
from trader_cli.domain.order import Order, Purpose
from trader_cli.domain.report import Fill, FundingPaid
from trader_cli.domain.state import Remains, SessionState
from trader_cli.domain.trade import ExitReason, Halt, Side, Trade
from trader_cli.journal import schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Column, Connection, Row, Table


@dataclass(frozen=True, slots=True)
class Told:
    """What a book's cycles have told so far, in their order; the columns of a run's result."""

    times: tuple[int, ...]
    sessions: tuple[int, ...]
    equity: tuple[float, ...]
    exposures: tuple[float, ...]
    ambiguous_bars: int
    trades: tuple[Trade, ...]
    halts: tuple[Halt, ...]
    refusals: tuple[str, ...]


NOTHING = Told((), (), (), (), 0, (), (), ())
"""Before the first cycle."""


def remains(connection: Connection, book: int) -> Remains | None:
    """What the last session of a book left behind; None where no cycle was ever kept."""
    left = state(connection, book)
    if left is None:
        return None
    return Remains(left, tuple(booked(connection, book)), pending(connection, book, left.open_time))


def state(connection: Connection, book: int) -> SessionState | None:
    """A book's last session as its last cycle left it; None where no cycle was ever kept."""
    document = connection.execute(select(schema.states.c.document).where(schema.states.c.book == book)).scalar()
    return None if document is None else SessionState(**json.loads(document))


def told(connection: Connection, book: int, after: int = 0) -> Told:
    """Everything a result of the cycles after a given one is made of."""

    def later(table: Table, number: Column[Any], order: Column[Any]) -> Sequence[Any]:
        return connection.execute(select(table).where(table.c.book == book, number > after).order_by(order)).all()

    rows = later(schema.cycles, schema.cycles.c.number, schema.cycles.c.number)
    halts = later(schema.halts, schema.halts.c.cycle, schema.halts.c.id)
    refused = later(schema.refusals, schema.refusals.c.cycle, schema.refusals.c.id)
    closed = later(schema.trades, schema.trades.c.cycle, schema.trades.c.id)
    return Told(
        times=tuple(row.open_time for row in rows),
        sessions=tuple(row.session for row in rows),
        equity=tuple(float(row.equity) for row in rows),
        exposures=tuple(float(row.exposure) for row in rows),
        ambiguous_bars=sum(row.ambiguous_bars for row in rows),
        trades=tuple(_trade(row.document) for row in closed),
        halts=tuple(Halt(from_nanoseconds(row.time), row.reason, row.detail) for row in halts),
        refusals=tuple(row.code for row in refused),
    )


def trades(connection: Connection, book: int, last: int | None = None) -> Iterator[Trade]:
    """The closed positions of a book, or the last of them, in the order of their exits."""
    table = schema.trades
    query = select(table.c.document).where(table.c.book == book)
    query = query.order_by(table.c.cycle.desc(), table.c.id.desc()).limit(last)
    yield from map(_trade, reversed(connection.execute(query).scalars().all()))


def _trade(document: str) -> Trade:
    fields = json.loads(document)
    return Trade(
        **{
            **{("return_fraction" if name == "return" else name): value for name, value in fields.items()},
            "side": Side(fields["side"]),
            "entry_time": parse(fields["entry_time"]),
            "exit_time": parse(fields["exit_time"]),
            "exit_reason": ExitReason(fields["exit_reason"]),
        }
    )


def booked(connection: Connection, book: int) -> Iterator[Fill | FundingPaid]:
    """Fills and payments in the order in which they were booked."""
    fills = connection.execute(select(schema.fills).where(schema.fills.c.book == book).order_by(schema.fills.c.id))
    table = schema.payments
    paid = connection.execute(select(table).where(table.c.book == book).order_by(table.c.id))
    placed: list[tuple[tuple[int, int, int], Fill | FundingPaid]] = []
    place, cycle = 0, None
    for row in fills:
        place, cycle = (place + 1 if row.cycle == cycle else 1), row.cycle
        placed.append(((row.cycle, place, 0), fill(row)))
    for number, row in enumerate(paid):
        placed.append(((row.cycle, row.after_fill, 1 + number), FundingPaid(row.symbol, float(row.amount))))
    for _, report in sorted(placed, key=lambda each: each[0]):
        yield report


def fill(row: Row[Any]) -> Fill:
    """A fill as it was booked."""
    return Fill(
        symbol=row.symbol,
        side=Side(row.side),
        purpose=Purpose(row.purpose),
        quantity=float(row.quantity),
        price=float(row.price),
        fee=float(row.fee),
        time=row.time,
        reason=row.reason,
        is_ambiguous=bool(row.is_ambiguous),
        client_id=row.client_id,
    )


def pending(connection: Connection, book: int, last: int) -> tuple[Order, ...]:
    """Orders on their way: sent in a cycle that was kept, and not reported yet; exits before entries."""
    intents, attempts = schema.intents, schema.attempts
    open_orders = (
        select(intents, attempts.c.client_id)
        .join(attempts, attempts.c.intent == intents.c.id)
        .where(intents.c.book == book, attempts.c.state == "sent", intents.c.decided_at <= last)
        .order_by(intents.c.purpose.desc(), intents.c.id)
    )
    return tuple(
        Order(
            symbol=row.symbol,
            side=Side(row.side),
            purpose=Purpose(row.purpose),
            quantity=Decimal(row.quantity),
            reason=row.reason,
            decided_at=from_nanoseconds(row.decided_at),
            price=float(row.price),
            client_id=row.client_id,
        )
        for row in connection.execute(open_orders)
    )
