"""Whether a journal is sound: as a file, as tables, and as books that add up.

What is kept twice must agree: the trades and the positions are made again from the fills and payments, with the
arithmetic that made them first, and compared to the last digit.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from trader_cli.domain.order import Purpose
from trader_cli.domain.plain import plain
from trader_cli.domain.report import FundingPaid
from trader_cli.engine.ledger import Ledger
from trader_cli.journal import queries, recovery, runs, schema, trials
from trader_cli.journal.database import glance, version_of
from trader_cli.rules.numbers import Numbers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from trader_cli.domain.report import Fill
    from trader_cli.domain.trade import Trade

MOST = 20
"""How many problems of one kind are told."""

_PAID_IN_FULL = Numbers(
    starting_balance=0.0,
    sizes_by_risk=False,
    risk_per_trade=0.0,
    max_position_size=0.0,
    max_total_exposure=0.0,
    max_concurrent_positions=0,
    allows_short=True,
    is_margined=False,
    leverage=1.0,
    maintenance_margin_rate=0.0,
    take_profit=0.0,
    stop_loss=0.0,
    trailing_stop=0.0,
    max_daily_loss=1.0,
    max_drawdown=1.0,
    cooldown_bars=0,
    max_holding_bars=0,
    taker_fee=0.0,
    maker_fee=0.0,
    slippage=0.0,
)
"""Numbers for a ledger whose cash and levels nobody asks for: trades and positions do not depend on any of them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found; `rows` are counts by table, empty where they could not be read."""

    schema: int
    rows: dict[str, int]
    problems: tuple[str, ...]


def audit(path: Path) -> Verdict:
    """Looks at everything, whoever is writing meanwhile.

    Raises: ConfigError where it is another program's database or a newer version's.
    """
    problems: list[str] = []
    rows: dict[str, int] = {}
    version = 0
    try:
        with glance(path) as connection:
            version = version_of(connection, path)
            problems += _of_the_file(connection)
            if version == schema.VERSION:
                rows = _counts(connection)
                problems += _of_the_books(connection)
                problems += _of_the_ledger(connection)
    except (DBAPIError, sqlite3.DatabaseError) as error:
        problems.append(str(getattr(error, "orig", error)))
    return Verdict(version, rows, tuple(problems))


def _of_the_file(connection: Connection) -> Iterator[str]:
    for found in connection.exec_driver_sql(f"PRAGMA integrity_check({MOST})").scalars():
        if found != "ok":
            yield str(found)
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    for table, row, parent, _ in orphans[:MOST]:
        yield f"row {row} of {table} belongs to no row of {parent}"


def _counts(connection: Connection) -> dict[str, int]:
    tables = [*schema.metadata.sorted_tables, queries.POSITIONS]
    return {table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}


def _of_the_books(connection: Connection) -> Iterator[str]:
    columns = schema.decisions.c
    broken = select(columns.book, columns.cycle, columns.symbol).where(
        text("NOT (json_valid(indicators) AND json_valid(gates))")
    )
    for row in connection.execute(broken.limit(MOST)):
        yield f"the decision of cycle {row.cycle} on {row.symbol!r} is no JSON"
    for book, name in queries.books(connection):
        try:
            found = list(_of_a_book(connection, book))
        except (ValueError, KeyError, TypeError, ArithmeticError) as error:
            found = [f"holds what makes no sense: {type(error).__name__} {error}"]
        yield from (f"{name.variant} ({name.mode}, {name.account}): {problem}" for problem in found[:MOST])


def _of_the_ledger(connection: Connection) -> Iterator[str]:
    """What was tried can have been counted, and what was run is what it was."""
    for said in (trials.senseless, runs.altered):
        try:
            found = list(said(connection))
        except (ValueError, KeyError, TypeError, ArithmeticError) as error:
            found = [f"the ledger of trials holds what makes no sense: {type(error).__name__} {error}"]
        yield from found[:MOST]


def _of_a_book(connection: Connection, book: int) -> Iterator[str]:
    told = recovery.told(connection, book)  # reads every cycle, trade and halt
    yield from _of_its_state(connection, book)
    yield from _of_its_orders(connection, book)
    ledger, made, misplaced = _booked_again(connection, book)
    yield from misplaced
    if misplaced:
        return
    yield from _differences("trade", list(map(plain, told.trades)), list(map(plain, made)))
    held = [
        {
            "symbol": position.symbol,
            "side": str(position.side),
            "quantity": repr(position.quantity),
            "entry_price": repr(position.entry_price),
            "entry_time": position.entry_time,
            "entry_fee": repr(position.entry_fee),
        }
        for position in ledger.positions.values()
    ]
    view = select(queries.POSITIONS).where(queries.POSITIONS.c.book == book)
    kept = [{name: row[name] for name in row if name != "book"} for row in connection.execute(view).mappings()]
    yield from _differences("position", _sorted(kept), _sorted(held))


def _booked_again(connection: Connection, book: int) -> tuple[Ledger, list[Trade], list[str]]:
    """The account that fills and payments make, the trades, and what cannot have happened."""
    booked = list(recovery.booked(connection, book))
    ledger = Ledger(_PAID_IN_FULL, dict.fromkeys(report.symbol for report in booked))
    made: list[Trade] = []
    for report in booked:
        wrong = _misplaced(ledger, report)
        if wrong is not None:
            return ledger, made, [wrong]
        if not isinstance(report, FundingPaid) and report.purpose is Purpose.EXIT:
            made.append(ledger.close(report))
        else:
            ledger.book(report)
    return ledger, made, []


def _misplaced(ledger: Ledger, report: Fill | FundingPaid) -> str | None:
    held = ledger.positions.get(report.symbol)
    if isinstance(report, FundingPaid):
        return None if held else f"funding was paid on {report.symbol!r}, of which nothing was held"
    opens = report.purpose is Purpose.ENTRY
    if opens == (held is not None):
        held_then = "something" if held else "nothing"
        return f"a fill {'opens' if opens else 'closes'} {report.symbol!r}, of which {held_then} was held"
    return None


def _of_its_state(connection: Connection, book: int) -> Iterator[str]:
    number = schema.cycles.c.number
    count, first, last = connection.execute(
        select(func.count(), func.min(number), func.max(number)).where(schema.cycles.c.book == book)
    ).one()
    if count and (first, last) != (1, count):
        yield f"{count} cycles are numbered from {first} to {last}"
    kept = schema.states.c
    document = connection.execute(select(kept.document).where(kept.book == book)).scalar_one_or_none()
    at = None if document is None else json.loads(document)["cycle"]
    if at != last:
        yield f"the state is that of cycle {at}, the last cycle is {last}"


def _of_its_orders(connection: Connection, book: int) -> Iterator[str]:
    """Every fill has its order, and every order that is said to have filled has its fill."""
    intents, attempts, fills = schema.intents, schema.attempts, schema.fills
    said = select(attempts.c.client_id).join(intents, attempts.c.intent == intents.c.id)
    said = said.where(intents.c.book == book, attempts.c.state == "filled")
    done = select(fills.c.client_id).where(fills.c.book == book, fills.c.client_id != "")
    ordered, filled = set(connection.execute(said).scalars()), set(connection.execute(done).scalars())
    for client_id in sorted(ordered - filled)[:MOST]:
        yield f"order {client_id} is said to have filled, and no fill is kept"
    for client_id in sorted(filled - ordered)[:MOST]:
        yield f"a fill of order {client_id} is kept, and the order is not said to have filled"


def _differences(what: str, kept: list[dict[str, Any]], made: list[dict[str, Any]]) -> Iterator[str]:
    if len(kept) != len(made):
        yield f"{len(kept)} {what}s are kept, the fills make {len(made)}"
    for number, (one, other) in enumerate(zip(kept, made, strict=False), start=1):
        for key in one:
            if one[key] != other.get(key):
                yield f"{what} {number}: {key} is kept as {one[key]}, the fills make {other.get(key)}"


def _sorted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: row["symbol"])
