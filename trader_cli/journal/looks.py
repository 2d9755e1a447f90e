"""One look at a book, for people: where its last cycle left it, and the latest of what came before.

However long a book is, a look costs the same: it reads the ends of indexes, and counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal_column, select

from trader_cli.domain.clock import from_nanoseconds, parse
from trader_cli.domain.order import Purpose
from trader_cli.domain.signal import Action
from trader_cli.domain.trade import Halt, Side
from trader_cli.engine.snapshot import LastRefusal, LastSignal
from trader_cli.journal import recovery, schema
from trader_cli.risk.explaining import FAILED, WARMING_UP

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from trader_cli.domain.order import Order
    from trader_cli.domain.report import Fill
    from trader_cli.domain.state import SessionState
    from trader_cli.domain.trade import Trade

RECENT_CYCLES = 2_000
"""So far back a symbol's last decision is looked for: one that had no bar for longer is not worth a search."""


@dataclass(frozen=True, slots=True)
class Driving:
    """The session that drove a book last. `ended` and `ending` are None where it was cut off, or still drives."""

    pid: int
    started: datetime
    heartbeat: datetime
    ended: datetime | None
    ending: str | None


@dataclass(frozen=True, slots=True)
class Brief:
    """What one row of many needs. `entries` are the fills that opened what is held; `decision` is the last one.

    Without a `state` no cycle was ever kept.
    """

    configuration: str
    driving: Driving | None
    state: SessionState | None
    entries: tuple[Fill, ...]
    decision: str


@dataclass(frozen=True, slots=True)
class Story:
    """What came before: the latest of each kind, oldest first, and counts of all trades."""

    cash: float
    pending: tuple[Order, ...]
    signals: tuple[LastSignal, ...]
    refusals: tuple[LastRefusal, ...]
    trades: tuple[Trade, ...]
    halts: tuple[Halt, ...]
    trade_count: int
    wins: int
    realized_pnl: float

    @classmethod
    def untold(cls, cash: float) -> Story:
        """Before the first cycle."""
        return cls(cash, (), (), (), (), (), 0, 0, 0.0)


def brief(connection: Connection, book: int) -> Brief:
    """Where a book stands."""
    state = recovery.state(connection, book)
    return Brief(
        configuration=configuration(connection, book),
        driving=_driving(connection, book),
        state=state,
        entries=() if state is None else tuple(_entries(connection, book, list(state.best_prices))),
        decision="" if state is None else _decision(connection, book, state.cycle),
    )


def configuration(connection: Connection, book: int) -> str:
    """The resolved variant that a book is traded by, as JSON."""
    books, kept = schema.books, schema.configurations
    query = select(kept.c.document).join(books, books.c.configuration == kept.c.hash).where(books.c.id == book)
    return str(connection.execute(query).scalar_one())


def story(connection: Connection, book: int, state: SessionState, symbols: Sequence[str], last: int) -> Story:
    """What came before `state`, at most `last` of each kind."""
    cash = select(schema.cycles.c.cash).where(schema.cycles.c.book == book, schema.cycles.c.number == state.cycle)
    made = func.json_extract(schema.trades.c.document, "$.pnl")
    tallies = select(func.count(), func.total(made > 0), func.total(made)).where(schema.trades.c.book == book)
    count, wins, realized = connection.execute(tallies).one()
    return Story(
        cash=float(connection.execute(cash).scalar_one()),
        pending=recovery.pending(connection, book, state.open_time),
        signals=tuple(_signals(connection, book, state.cycle, symbols)),
        refusals=tuple(_refusals(connection, book, last)),
        trades=tuple(recovery.trades(connection, book, last)),
        halts=tuple(_halts(connection, book, last)),
        trade_count=int(count),
        wins=int(wins),
        realized_pnl=float(realized),
    )


def _driving(connection: Connection, book: int) -> Driving | None:
    table = schema.sessions
    row = connection.execute(select(table).where(table.c.book == book).order_by(table.c.id.desc()).limit(1)).first()
    if row is None:
        return None
    ended = None if row.ended_at is None else parse(row.ended_at)
    return Driving(row.pid, parse(row.started_at), parse(row.heartbeat_at), ended, row.ending)


def _entries(connection: Connection, book: int, symbols: Sequence[str]) -> Iterator[Fill]:
    """The last entry of each symbol."""
    table = schema.fills
    for symbol in symbols:
        mine = (table.c.book == book, table.c.symbol == symbol, table.c.purpose == str(Purpose.ENTRY))
        query = select(table).where(*mine).order_by(table.c.time.desc(), table.c.id.desc()).limit(1)
        yield recovery.fill(connection.execute(query).one())


def _decision(connection: Connection, book: int, cycle: int) -> str:
    """The last decision in words; of one cycle the one on the last symbol."""
    table = schema.decisions.c
    query = (
        select(table.symbol, table.outcome)
        .where(table.book == book, table.cycle > cycle - RECENT_CYCLES)
        .order_by(table.cycle.desc(), literal_column("rowid").desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return "" if row is None else f"{row.symbol} {row.outcome}"


def _signals(connection: Connection, book: int, cycle: int, symbols: Sequence[str]) -> Iterator[LastSignal]:
    """The last wish for each symbol: most of them in the last cycle, some of them before it."""
    table = schema.decisions.c
    made = (table.book == book, table.outcome.not_in([WARMING_UP, FAILED]))
    latest: dict[str, Any] = {
        row.symbol: row for row in connection.execute(select(schema.decisions).where(*made, table.cycle == cycle)).all()
    }
    for symbol in symbols:
        if symbol not in latest:
            query = select(schema.decisions).where(*made, table.symbol == symbol, table.cycle > cycle - RECENT_CYCLES)
            latest[symbol] = connection.execute(query.order_by(table.cycle.desc()).limit(1)).first()
        row = latest[symbol]
        if row is not None:
            at = from_nanoseconds(row.open_time)
            yield LastSignal(symbol, at, Action(row.signal), float(row.confidence), row.reason)


def _refusals(connection: Connection, book: int, last: int) -> Sequence[LastRefusal]:
    table, cycles = schema.refusals.c, schema.cycles.c
    query = (
        select(table.symbol, table.side, table.code, cycles.open_time)
        .join(schema.cycles, (cycles.book == table.book) & (cycles.number == table.cycle))
        .where(table.book == book)
        .order_by(table.cycle.desc(), table.id.desc())
        .limit(last)
    )
    rows = reversed(connection.execute(query).all())
    return [LastRefusal(row.symbol, from_nanoseconds(row.open_time), Side(row.side), row.code) for row in rows]


def _halts(connection: Connection, book: int, last: int) -> Sequence[Halt]:
    table = schema.halts
    query = select(table).where(table.c.book == book).order_by(table.c.cycle.desc(), table.c.id.desc()).limit(last)
    rows = reversed(connection.execute(query).all())
    return [Halt(from_nanoseconds(row.time), row.reason, row.detail) for row in rows]
