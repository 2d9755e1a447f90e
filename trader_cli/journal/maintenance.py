"""Copies of the journal made, put back, and its file packed."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from trader_cli.errors import ConfigError, Unavailable, UsageError
from trader_cli.journal import locks, schema, trials
from trader_cli.journal.database import copy_to, exists, glance, opened, trouble, version_of

if TYPE_CHECKING:
    from pathlib import Path


def back_up(path: Path, target: Path) -> None:
    """Copies the journal as it stands to a single file, also while it is written to.

    Raises: UsageError where there is no journal, or the target is there; Unavailable where it cannot be read, the copy
    cannot be written, or is not sound: then there is no copy.
    """
    if not exists(path):
        raise UsageError("there is no journal yet", file=str(path))
    if target.exists():
        raise UsageError("is there already: name another file", file=str(target))
    with trouble(path), glance(path) as connection:
        version_of(connection, path)
    _copied(path, target)


def restore(path: Path, source: Path, aside: Path, locks_dir: Path, *, force: bool = False) -> bool:
    """Makes a copy the journal again; whether there was one before, which is then `aside`, with all that belongs to it.

    The trials that were counted since the copy was made stay counted, as far as the present journal can be read.

    Raises: UsageError where there is nothing to restore, or a journal that `force` does not give up; ConfigError where
    the copy is no journal of this program or a newer one's; Unavailable where it is not sound; Locked while any book is
    driven. Nothing was changed then.
    """
    if not exists(source):
        raise UsageError("there is no such file", file=str(source))
    if exists(path) and source.samefile(path):
        raise UsageError("is the journal itself", file=str(source))
    with trouble(source), glance(source) as connection:
        if not version_of(connection, source):
            raise UsageError("is empty", file=str(source))
    with locks.alone(locks_dir):
        was_there = exists(path)
        if was_there and not force:
            raise UsageError("there is a journal: --force puts it aside and the copy in its place", file=str(path))
        fresh = path.with_name(f"{path.name}-restoring")
        fresh.unlink(missing_ok=True)
        _copied(source, fresh)
        if was_there:
            _carry_trials(path, fresh)
            _put_aside(path, aside)
        fresh.replace(path)
        _written_down(path.parent)
    return was_there


def vacuum(path: Path, locks_dir: Path) -> int:
    """Packs the journal's file; how many bytes that freed.

    Raises: UsageError where there is none, Locked while any book is driven, Unavailable, ConfigError.
    """
    if not exists(path):
        raise UsageError("there is no journal yet", file=str(path))
    with locks.alone(locks_dir), trouble(path):
        before = size(path)
        opened(path).dispose()
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return before - size(path)


def size(path: Path) -> int:
    """Bytes of a journal with what it has not taken in yet."""
    parts = [path, path.with_name(f"{path.name}-wal")]
    return sum(part.stat().st_size for part in parts if part.exists())


def _copied(source: Path, target: Path) -> None:
    """A sound copy, in one file, or none at all. Raises: Unavailable."""
    unfinished = target.with_name(f"{target.name}-unfinished")
    try:
        with trouble(source):
            target.parent.mkdir(parents=True, exist_ok=True)
            unfinished.unlink(missing_ok=True)
            copy_to(source, unfinished)
            with closing(sqlite3.connect(unfinished)) as copy:
                copy.execute("PRAGMA journal_mode=DELETE")  # nothing lies beside it, even while it is read
                found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if found != "ok":
                raise Unavailable(f"is damaged: {found}; nothing was copied", file=str(source))
            unfinished.replace(target)
            _written_down(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _carry_trials(path: Path, fresh: Path) -> None:
    """Counts in a copy what the present journal has counted: to go back in time takes no trial back."""
    try:
        with glance(path) as connection:
            counted = trials.rows(connection) if version_of(connection, path) == schema.VERSION else []
    except (DBAPIError, ConfigError):  # a journal past reading is what copies are for
        return
    if counted:
        engine = opened(fresh)
        with engine.begin() as connection:
            trials.add(connection, counted)
        engine.dispose()


def _put_aside(path: Path, aside: Path) -> None:
    """Lays the present journal under another name; it stands in its place until another one is put there."""
    log = path.with_name(f"{path.name}-wal")
    left = log.read_bytes() if log.exists() else b""
    aside.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.DatabaseError:  # what could not be taken in belongs to the old journal alone; SQLite may drop it
        aside.with_name(f"{aside.name}-wal").write_bytes(left)
    shutil.copy2(path, aside)
    log.unlink(missing_ok=True)
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)


def _written_down(folder: Path) -> None:
    """Makes a folder's names last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
