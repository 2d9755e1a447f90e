"""The journal's file: opened with care, brought forward with a backup, refused where it is not ours or too new."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from functools import lru_cache
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from trader_cli.domain.clock import iso
from trader_cli.errors import ConfigError, Unavailable
from trader_cli.journal import schema
from trader_cli.journal.migrations import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

BUSY_MS = 5_000
"""How long a writer waits for another one."""


def opened(path: Path, *, is_looked_through: bool = True) -> Engine:
    """The journal at `path`, made where there is none, brought to this program's schema.

    Nobody trades on a damaged journal: it is looked through first, which takes the longer the more it holds. Who only
    adds to it may leave that.
    Raises: ConfigError where the file is another program's or a newer version's, Unavailable where it is damaged;
    nothing was changed then. Unavailable where it cannot be read or written.
    """
    with trouble(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        found = 0
        if exists(path):
            with glance(path) as connection:  # before a connection that writes leaves its mark on a foreign file
                found = version_of(connection, path)
                if is_looked_through:
                    _demand_soundness(connection, path)
        engine = _engine(path)
        if found < schema.VERSION:
            _bring_forward(engine, path, found)
        return engine


@contextmanager
def looking(path: Path) -> Iterator[Connection | None]:
    """The journal as it stands at this moment, whoever writes it; None where there is none yet. Nothing is changed.

    Raises: ConfigError where it is not one that this program can read, Unavailable where it does not work or holds
    what makes no sense.
    """
    if not exists(path):
        yield None
        return
    with trouble(path), glance(path) as connection:
        found = version_of(connection, path)
        if 0 < found < schema.VERSION:
            raise ConfigError(
                f"is a journal of an older trader (schema {found}, this one reads {schema.VERSION}): the next session, "
                "or `trader db vacuum`, brings it forward and puts a copy of it aside",
                file=str(path),
            )
        try:
            yield connection if found else None
        except (ValueError, KeyError, TypeError, ArithmeticError) as error:  # rows have no checksum
            raise Unavailable(
                f"the journal holds what makes no sense ({error}); `trader db check` looks", file=str(path)
            ) from error


@contextmanager
def glance(path: Path) -> Iterator[Connection]:
    """One look at a database: a transaction that reads, on a connection that cannot do anything else."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    if not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists():
        uri += "&immutable=1"  # nobody writes it, and nothing can be laid beside it
    with _reader(uri).connect() as connection:
        yield connection


@lru_cache(maxsize=8)
def _reader(uri: str) -> Engine:
    """Opens the file anew each time, and remembers the statements: to compile them costs more than to run them."""

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(uri, uri=True, timeout=BUSY_MS / 1000, isolation_level=None)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

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


def version_of(connection: Connection, path: Path) -> int:
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


def _demand_soundness(connection: Connection, path: Path) -> None:
    """Raises: Unavailable for a damaged journal."""
    found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if found != "ok":
        said = " ".join(str(found).split())
        raise Unavailable(f"the journal is damaged ({said}): `trader db restore` puts a backup back", file=str(path))


def _bring_forward(engine: Engine, path: Path, found: int) -> None:
    """From the version found to this program's: a copy is put aside before anything is changed."""
    if found:
        copy_to(path, _unused(path, f"{path.stem}-schema-{found}"))
    with engine.begin() as connection:
        now = version_of(connection, path)
        if now == 0:
            schema.metadata.create_all(connection)
            for statement in schema.BESIDE_THE_TABLES:
                connection.execute(text(statement))
        else:
            for version in range(now + 1, schema.VERSION + 1):
                MIGRATIONS[version](connection)
        connection.exec_driver_sql(f"PRAGMA application_id={schema.APPLICATION}")
        connection.exec_driver_sql(f"PRAGMA user_version={schema.VERSION}")


def _unused(path: Path, stem: str) -> Path:
    """A name beside the journal that no earlier copy has: one is worth as much as the other."""
    names = chain([stem], (f"{stem}-{number}" for number in count(2)))
    return next(place for name in names if not (place := path.with_name(f"{name}.db")).exists())


def copy_to(path: Path, target: Path) -> None:
    """A consistent copy of the whole journal, also while it is written to: SQLite's own backup."""
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def stamp() -> str:
    """The wall's time as the journal writes it."""
    from datetime import UTC, datetime

    return iso(datetime.now(UTC).replace(microsecond=0))
