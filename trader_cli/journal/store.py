"""The journal on disk: one transaction a cycle, and one before anything is sent."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict
from importlib.metadata import version
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, update

from trader_cli.domain.clock import to_nanoseconds
from trader_cli.domain.plain import plain
from trader_cli.domain.report import Fill, FundingPaid, Rejected, Withdrawn
from trader_cli.journal import schema, statements
from trader_cli.journal.database import stamp, trouble
from trader_cli.redaction import redacted, without_secrets

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection, Engine, Table

    from trader_cli.domain.order import ApprovedOrder
    from trader_cli.domain.record import CycleRecord

    type Row = dict[str, Any]


SECONDS_A_BEAT = 15.0
"""How long a session that waits is silent."""


class SqlJournal:
    """Writes one book.

    `patience` is how many seconds of cycles may wait for a common transaction: 0, a transaction each, wherever orders
    leave the process; a replay, which can be told again, may wait.
    """

    def __init__(self, engine: Engine, path: Path, book: int, *, patience: float = 0.0) -> None:
        self._engine, self._path, self._book = engine, path, book
        self._patience = patience
        self._rows: dict[str, list[Row]] = {}
        self._settled: dict[str, str] = {}
        self._state: Row | None = None
        self._written_at = monotonic()
        self._session = self._begin_session()

    def intend(self, order: ApprovedOrder) -> None:
        """Keeps an order before it is sent (law S1)."""
        intent = {
            "book": self._book,
            "symbol": order.symbol,
            "side": str(order.side),
            "purpose": str(order.purpose),
            "quantity": str(order.quantity),
            "reason": order.reason,
            "decided_at": to_nanoseconds(order.decided_at),
            "price": repr(order.price),
        }
        self._put("intents", intent | {"client_id": order.client_id})
        if not self._patience:
            self._write(lambda connection: _send(connection, self._rows.pop("intents")))

    def commit(self, record: CycleRecord) -> None:
        """Keeps a cycle."""
        for table, rows in _rows_of(record).items():
            for row in rows:
                self._put(table, {"book": self._book, **row})
        for report in record.reports:
            if not isinstance(report, FundingPaid) and report.client_id:
                self._settled[report.client_id] = _SETTLED[type(report)]
        self._state = {"book": self._book, "cycle": record.number, "document": json.dumps(asdict(record.state))}
        if monotonic() - self._written_at >= self._patience:
            self.flush()

    def flush(self) -> None:
        """Writes what waits, in one transaction; what could not be written goes on waiting, all of it."""
        rows, settled, state = self._rows, self._settled, self._state

        def write(connection: Connection) -> None:
            _send(connection, rows.get("intents", []))
            for name, waiting in rows.items():
                if name != "intents":
                    connection.execute(statements.INSERTS[name], waiting)
            if settled:
                outcomes = [{"settled": client_id, "outcome": outcome} for client_id, outcome in settled.items()]
                connection.execute(statements.SETTLED, outcomes)
            if state is not None:
                connection.execute(statements.STATE, state)
            self._beat(connection)

        self._write(write)
        self._rows, self._settled, self._state = {}, {}, None

    def beat(self) -> None:
        """Gives a sign of life, at most every few seconds."""
        if monotonic() - self._written_at >= SECONDS_A_BEAT:
            self._write(self._beat)

    def close(self, ending: str) -> None:
        """Writes what waits and says how the session ended."""
        self.flush()
        ended = {"ended_at": stamp(), "ending": ending}
        mine = schema.sessions.c.id == self._session
        self._write(lambda connection: connection.execute(update(schema.sessions).where(mine).values(**ended)))

    def _put(self, table: str, row: Row) -> None:
        self._rows.setdefault(table, []).append(row)

    def _write(self, work: Any) -> None:
        with trouble(self._path), self._engine.begin() as connection:
            work(connection)
        self._written_at = monotonic()

    def _begin_session(self) -> int:
        now = stamp()
        row = {
            "book": self._book,
            "version": version("trader-cli"),
            "pid": os.getpid(),
            "host": platform.node(),
            "started_at": now,
            "heartbeat_at": now,
        }
        with trouble(self._path), self._engine.begin() as connection:
            key = connection.execute(statements.INSERTS["sessions"], row).inserted_primary_key
        assert key is not None  # noqa: S101 - SQLite always tells
        return int(key[0])

    def _beat(self, connection: Connection) -> None:
        connection.execute(statements.BEAT, {"session": self._session, "now": stamp()})


_SETTLED = {Fill: "filled", Rejected: "rejected", Withdrawn: "withdrawn"}
_TABLES: dict[str, Table] = dict(schema.metadata.tables)


def _send(connection: Connection, orders: list[Row]) -> None:
    """Notes orders that are about to be sent; one that is there already was sent by a session that was cut off."""
    for order in orders:
        intent = {name: value for name, value in order.items() if name != "client_id"}
        connection.execute(statements.INTENT, intent)
        number = connection.execute(statements.INTENT_ID, intent).scalar_one()
        attempt = {"client_id": order["client_id"], "intent": number, "number": 1, "state": "sent"}
        connection.execute(statements.ATTEMPT, attempt)


def _rows_of(record: CycleRecord) -> dict[str, list[Row]]:
    """A cycle as rows, by table, the book left out."""
    cycle = {"cycle": record.number}
    fills = [report for report in record.reports if isinstance(report, Fill)]
    return {
        "cycles": [
            {
                "number": record.number,
                "open_time": record.open_time,
                "session": record.session,
                "equity": repr(record.equity),
                "cash": repr(record.cash),
                "exposure": repr(record.exposure),
                "ambiguous_bars": record.ambiguous_bars,
            }
        ],
        "decisions": [
            cycle
            | {
                "open_time": record.open_time,
                "symbol": decision.symbol,
                "signal": decision.signal,
                "confidence": repr(decision.confidence),
                "reason": redacted(decision.reason),
                "indicators": json.dumps(without_secrets(dict(decision.values))),
                "gates": json.dumps([without_secrets(plain(gate)) for gate in decision.gates]),
                "outcome": decision.outcome,
            }
            for decision in record.decisions
        ],
        "fills": [cycle | _fill(fill) for fill in fills],
        "payments": list(_payments(record)),
        "trades": [cycle | {"document": json.dumps(plain(trade))} for trade in record.trades],
        "refusals": [
            cycle | {"symbol": refusal.symbol, "side": str(refusal.side), "code": refusal.code}
            for refusal in record.refusals
        ],
        "halts": [
            cycle | {"time": to_nanoseconds(halt.time), "reason": halt.reason, "detail": redacted(halt.detail)}
            for halt in record.halts
        ],
    }


def _fill(fill: Fill) -> Row:
    return {
        "client_id": fill.client_id,
        "symbol": fill.symbol,
        "side": str(fill.side),
        "purpose": str(fill.purpose),
        "quantity": repr(fill.quantity),
        "price": repr(fill.price),
        "fee": repr(fill.fee),
        "time": fill.time,
        "reason": fill.reason,
        "is_ambiguous": int(fill.is_ambiguous),
    }


def _payments(record: CycleRecord) -> list[Row]:
    rows, before = [], 0
    for report in record.reports:
        if isinstance(report, Fill):
            before += 1
        elif isinstance(report, FundingPaid):
            rows.append(
                {
                    "cycle": record.number,
                    "after_fill": before,
                    "kind": "funding",
                    "symbol": report.symbol,
                    "amount": repr(report.amount),
                }
            )
    return rows


def emptied(connection: Connection, book: int) -> None:
    """Takes everything out of a book but its name: a replay begins anew."""
    for table in ("cycles", "decisions", "intents", "fills", "payments", "trades", "refusals", "halts", "states"):
        connection.execute(delete(_TABLES[table]).where(_TABLES[table].c.book == book))
