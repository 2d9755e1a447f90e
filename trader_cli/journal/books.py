"""Which book a session writes, and whether it goes on with what is there."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from trader_cli.journal import schema
from trader_cli.journal.store import emptied

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from trader_cli.journal.drivers import BookName


def book_of(connection: Connection, name: BookName, configuration: Mapping[str, Any], source: str) -> tuple[int, bool]:
    """The book of an account, and whether a session of the same configuration and source was cut off in it.

    A new book, or one whose configuration or source has changed, is noted with the present ones.
    """
    document = json.dumps(configuration, sort_keys=True)
    digest = sha256(document.encode()).hexdigest()
    connection.execute(upsert(schema.configurations).values(hash=digest, document=document).on_conflict_do_nothing())
    books = schema.books
    mine = (books.c.variant == name.variant, books.c.mode == name.mode, books.c.account == name.account)
    found = connection.execute(select(books).where(*mine)).one_or_none()
    if found is None:
        values = {"variant": name.variant, "mode": name.mode, "account": name.account}
        made = connection.execute(insert(books).values(**values, configuration=digest, source=source))
        assert made.inserted_primary_key is not None  # noqa: S101 - SQLite always tells
        return int(made.inserted_primary_key[0]), False
    is_same = (found.configuration, found.source) == (digest, source)
    connection.execute(update(books).where(books.c.id == found.id).values(configuration=digest, source=source))
    return int(found.id), is_same and _was_cut_off(connection, found.id)


def begin_anew(connection: Connection, book: int) -> None:
    """Empties a book: a replay that was told to its end is told from its beginning."""
    emptied(connection, book)


def _was_cut_off(connection: Connection, book: int) -> bool:
    sessions = schema.sessions
    latest = select(sessions.c.ended_at).where(sessions.c.book == book).order_by(sessions.c.id.desc()).limit(1)
    found = connection.execute(latest).one_or_none()
    return found is not None and found.ended_at is None
