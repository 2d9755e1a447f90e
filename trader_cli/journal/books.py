"""Which book a session writes, and what stands in it already."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from trader_cli.journal import configurations, schema
from trader_cli.journal.store import emptied

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from trader_cli.journal.drivers import BookName

STOPPED, FINISHED = "stopped", "finished"
"""How a session ended: before it was done, or done."""


@dataclass(frozen=True, slots=True)
class Book:
    """One account's book as it was found; `configuration` (a variant's document) and `source` are the last session's.

    `is_unfinished`: that session was killed or stopped before it was done.
    """

    id: int
    configuration: Mapping[str, Any]
    source: str
    is_unfinished: bool


def found(connection: Connection, name: BookName) -> Book | None:
    """The book of an account; None where there is none yet."""
    books, resolved = schema.books, schema.configurations
    query = (
        select(books.c.id, books.c.source, resolved.c.document)
        .join(resolved, resolved.c.hash == books.c.configuration)
        .where(books.c.variant == name.variant, books.c.mode == name.mode, books.c.account == name.account)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Book(row.id, json.loads(row.document), row.source, _is_unfinished(connection, row.id))


def noted(connection: Connection, name: BookName, configuration: Mapping[str, Any], source: str) -> int:
    """The key of an account's book, made where there is none, with what its next session trades and on what."""
    digest = configurations.kept(connection, configuration)
    books = schema.books
    known = found(connection, name)
    if known is not None:
        connection.execute(update(books).where(books.c.id == known.id).values(configuration=digest, source=source))
        return known.id
    values = {"variant": name.variant, "mode": name.mode, "account": name.account}
    made = connection.execute(insert(books).values(**values, configuration=digest, source=source))
    assert made.inserted_primary_key is not None  # noqa: S101 - SQLite always tells
    return int(made.inserted_primary_key[0])


def begin_anew(connection: Connection, book: int) -> None:
    """Empties a book."""
    emptied(connection, book)


def _is_unfinished(connection: Connection, book: int) -> bool:
    sessions = schema.sessions
    latest = select(sessions.c.ending).where(sessions.c.book == book).order_by(sessions.c.id.desc()).limit(1)
    session = connection.execute(latest).one_or_none()
    return session is not None and session.ending != FINISHED
