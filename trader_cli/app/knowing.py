"""What the journal knows: how each trader stands, what it holds, did and decided. Nothing here changes anything."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from trader_cli import settings
from trader_cli.domain.clock import parse
from trader_cli.errors import TraderError, UsageError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from trader_cli.journal.drivers import BookName

    type Row = dict[str, Any]

RUNNING, NO_ENTRIES, EXITS_ONLY, HALTED = "running", "no-entries", "exits-only", "halted"
STOPPED, CUT_OFF = "stopped", "cut_off"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a question is about: a variant by name or path, or everybody."""

    variant: str | None
    variants_dir: Path


@dataclass(frozen=True, slots=True)
class Rows:
    """What a question to one book gave, and how many there are of it in all."""

    book: str
    rows: list[Row]
    total: int


def status(asked: Asked) -> list[Row]:
    """How each book stands, with its `state`.

    `running`: a living process drives it; `no-entries`: that too, and a loss limit forbids entries; `stopped`: the last
    session has ended; `cut_off`: it was killed, and nobody has gone on.

    Raises: UsageError where the variant has never traded, Unavailable.
    """
    rows = _standings(asked)
    driven = {name: is_driven(name) for name in rows}
    if any(not driven[name] and row["ended"] is None for name, row in rows.items()):
        rows = {**rows, **_standings(asked)}  # it may have ended between the two looks
    return [_with_state(row, driven.get(name, True)) for name, row in rows.items()]


def too_late(rows: Sequence[Mapping[str, Any]], seconds: float) -> list[str]:
    """Drivers that should be running and have given no sign of life for longer, each in words."""
    now = datetime.now(UTC)
    found = []
    for row in rows:
        if row["ended"] is not None:
            continue
        age = None if row["heartbeat"] is None else (now - parse(row["heartbeat"])).total_seconds()
        if age is None or age > seconds:
            since = "no heartbeat" if age is None else f"no heartbeat for {age:.0f} s"
            found.append(f"{row['variant']} ({row['mode']}, {row['account']}): {row['state']}, {since}")
    return found


def positions(asked: Asked) -> list[Rows]:
    """What each book holds. Raises: UsageError, Unavailable."""
    from trader_cli.journal import queries

    with books_of(asked) as (connection, books):
        found = [(name, queries.positions(connection, book, name)) for book, name in books]
    return [Rows(_told(name), rows, len(rows)) for name, rows in found]


def orders(asked: Asked, last: int | None = None) -> list[Rows]:
    """The orders of each book, or the last of them. Raises: UsageError, Unavailable."""
    from trader_cli.journal import queries, schema

    with books_of(asked) as (connection, books):
        return [
            Rows(
                _told(name),
                queries.orders(connection, book, name, last),
                queries.counted(connection, book, schema.intents),
            )
            for book, name in books
        ]


def trades(asked: Asked, last: int | None = None) -> list[Rows]:
    """The closed positions of each book, or the last of them. Raises: UsageError, Unavailable."""
    from trader_cli.journal import queries, schema

    with books_of(asked) as (connection, books):
        return [
            Rows(
                _told(name),
                queries.trades(connection, book, name, last),
                queries.counted(connection, book, schema.trades),
            )
            for book, name in books
        ]


def _standings(asked: Asked) -> dict[BookName, Row]:
    from trader_cli.journal import queries

    with books_of(asked) as (connection, books):
        return {name: queries.standing(connection, book, name) for book, name in books}


def is_driven(name: BookName) -> bool:
    """Whether a living process drives a book."""
    from trader_cli.journal import drivers

    return drivers.is_driven(settings.locks_dir(), name)


def _with_state(row: Row, is_driven: bool) -> Row:
    shown = {name: row[name] for name in ("variant", "mode", "account")}
    return {**shown, "state": _state(row, is_driven), **row}


def _state(row: Row, is_driven: bool) -> str:
    from trader_cli.engine.switches import FileSwitch

    is_thrown = FileSwitch(settings.halts_dir(), row["variant"]).order() is not None
    if is_driven and is_thrown:
        return EXITS_ONLY if row["positions"] else HALTED
    if is_driven:
        return NO_ENTRIES if row["limits"] else RUNNING
    if row["ended"] is None:
        return CUT_OFF
    return HALTED if is_thrown else STOPPED


def _told(name: BookName) -> str:
    return f"{name.variant} ({name.mode}, {name.account})"


@contextmanager
def books_of(asked: Asked) -> Iterator[tuple[Connection, list[tuple[int, BookName]]]]:
    """One look at the journal, with the books that are asked for; without any where there is no journal."""
    from trader_cli.journal import database, queries

    with database.looking(settings.journal_path()) as connection:
        known = [] if connection is None else queries.books(connection)
        if asked.variant is not None:
            known = named(asked.variant, asked.variants_dir, known)
        yield connection, known  # type: ignore[misc]  # without a connection there are no books to ask it about


def named(reference: str, variants_dir: Path, books: list[tuple[int, BookName]]) -> list[tuple[int, BookName]]:
    """The books of a variant: of that name, or of the one that a file or the variants folder calls so.

    Raises: UsageError where it has none.
    """
    names = {name.variant for _, name in books}
    found = next((name for name in _meanings(reference, variants_dir) if name in names), None)
    if found is None:
        remedy = suggest(reference, names) or f"; `trader paper {reference} --replay DIR` lets it trade the past"
        raise UsageError(f"'{reference}' has never traded{remedy}")
    return [(book, name) for book, name in books if name.variant == found]


def _meanings(reference: str, variants_dir: Path) -> Iterator[str]:
    """The trader names that a reference may mean, the likeliest first; the file is read only if it must be."""
    yield reference
    import os
    from pathlib import Path

    from trader_cli.variant.loading import load

    try:
        yield load(reference, variants_dir=variants_dir, environment=os.environ).variant.name
    except TraderError:  # a file that has gone, or is wrong by now, may have traded all the same
        yield Path(reference).stem
