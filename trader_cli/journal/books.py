"""Which book a session writes, and who drives it: one process at a time."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from trader_cli.errors import Locked
from trader_cli.journal import locks, schema
from trader_cli.journal.store import emptied

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Connection

LOOKS_LAST = 0.2
"""Seconds after which a lock that is still held is held by a driver, not by somebody who looks whether there is one."""


@dataclass(frozen=True, slots=True)
class BookName:
    """One account of one variant in one mode."""

    variant: str
    mode: str
    account: str

    def __str__(self) -> str:
        return f"{self.variant}|{self.mode}|{self.account}"


@contextmanager
def driving(folder: Path, name: BookName) -> Iterator[None]:
    """Holds a book's lock: the operating system's own, which dies with the process.

    Raises: Locked where another process holds it.
    """
    from filelock import FileLock, Timeout

    with locks.among_drivers(folder):
        lock = FileLock(_lock_of(folder, name))
        try:
            lock.acquire(timeout=LOOKS_LAST, poll_interval=LOOKS_LAST / 10)
        except Timeout:
            raise Locked(f"another process drives {name.variant} ({name.mode}, {name.account})") from None
        try:
            yield
        finally:
            lock.release()


def is_driven(folder: Path, name: BookName) -> bool:
    """Whether a living process drives a book. Looking keeps nobody from driving it."""
    return locks.is_held(_lock_of(folder, name))


def _lock_of(folder: Path, name: BookName) -> Path:
    digest = sha256(str(name).encode()).hexdigest()[:16]
    return folder / f"{name.variant}-{digest}.lock"


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
