"""Locks of the operating system: they die with the process that holds them, however it ends.

A driver holds its book's own lock and, together with all other drivers, the common one; whoever puts the whole journal
in order holds the common one alone.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from trader_cli.errors import Locked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMON = "journal.lock"


@contextmanager
def among_drivers(folder: Path) -> Iterator[None]:
    """Keeps the journal from being put in order meanwhile. Raises: Locked while it is."""
    with _held(folder, alone=False, otherwise="the journal is being put in order: try again in a moment"):
        yield


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keeps every driver out meanwhile. Raises: Locked where there is one."""
    with _held(folder, alone=True, otherwise="a trader is running (`trader status` shows it): stop it first"):
        yield


def is_held(path: Path) -> bool:
    """Whether some process holds a lock alone. Nothing is waited for, and no other look is disturbed."""
    import fcntl

    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextmanager
def _held(folder: Path, *, alone: bool, otherwise: str) -> Iterator[None]:
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / COMMON).open("ab") as file:
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(otherwise) from None
        yield
