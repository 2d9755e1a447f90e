"""Who drives a book: one process at a time. Light, so that a second one can leave at once."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from trader_cli.errors import Locked
from trader_cli.journal import locks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
