"""The journal's file: opened with care, brought forward with a backup, refused where it is not ours or too new."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError

from trader_cli.domain.clock import iso
from trader_cli.errors import ConfigError, Unavailable
from trader_cli.journal import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Connection, Engine

BUSY_MS = 5_000
"""How long a writer waits for another one."""

MIGRATIONS: Mapping[int, Callable[[Connection], None]] = {}
"""By the version they bring to: each in one transaction, from the one before it."""


def opened(path: Path) -> Engine:
    """The journal at `path`, made where there is none, brought to this program's schema.

    Raises: ConfigError where the file is another program's or a newer version's; nothing was changed then.
    Unavailable where it cannot be read or written.
    """
    with trouble(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = _engine(path)
        with engine.connect() as connection:
            found = _version(connection, path)
        if found < schema.VERSION:
            _bring_forward(engine, path, found)
        return engine


def exists(path: Path) -> bool:
    """Whether there is a journal at all; looking does not make one."""
    return path.is_file()


@contextmanager
def trouble(path: Path) -> Iterator[None]:
    """Turns what the database or the disk says into one line. Raises: Unavailable."""
    try:
        yield
    except DBAPIError as error:
        raise Unavailable(f"the journal does not work: {error.orig}; `trader db check` looks", file=str(path)) from None
    except sqlite3.DatabaseError as error:
        raise Unavailable(f"the journal does not work: {error}; `trader db check` looks", file=str(path)) from None
    except OSError as error:
        raise Unavailable(f"the journal cannot be kept: {error.strerror or error}", file=str(path)) from None


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"isolation_level": None})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_MS}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _version(connection: Connection, path: Path) -> int:
    """The schema's version; 0 for an empty file. Raises: ConfigError."""
    application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    is_empty = not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
    if is_empty:
        return 0
    if application != schema.APPLICATION:
        raise ConfigError("is no journal of trader", file=str(path))
    if version > schema.VERSION:
        raise ConfigError(
            f"is a journal of a newer trader (schema {version}, this one knows {schema.VERSION}): use that one",
            file=str(path),
        )
    return version


def _bring_forward(engine: Engine, path: Path, found: int) -> None:
    """From the version found to this program's: a copy is put aside before anything is changed."""
    if found:
        copy_to(path, path.with_name(f"{path.stem}-schema-{found}.db"))
    with engine.begin() as connection:
        now = _version(connection, path)
        if now == 0:
            schema.metadata.create_all(connection)
            connection.execute(text(schema.POSITIONS))
        for version in range(max(now, 1) + 1, schema.VERSION + 1):
            MIGRATIONS[version](connection)
        connection.exec_driver_sql(f"PRAGMA application_id={schema.APPLICATION}")
        connection.exec_driver_sql(f"PRAGMA user_version={schema.VERSION}")


def copy_to(path: Path, target: Path) -> None:
    """A consistent copy of the whole journal, also while it is written to: SQLite's own backup."""
    with sqlite3.connect(path) as source, sqlite3.connect(target) as copy:
        source.backup(copy)
    copy.close()
    source.close()


def stamp() -> str:
    """The wall's time as the journal writes it."""
    from datetime import UTC, datetime

    return iso(datetime.now(UTC).replace(microsecond=0))
