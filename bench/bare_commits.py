"""The least that the durability of a fleet costs: its transactions, to the letter, without the fleet.

    python -m bench.bare_commits VARIANTS HOME CYCLES

trades so many cycles of a fleet, keeps the statements it gives to SQLite, and answers the bench's protocol: one run is
one cycle's statements again, through Python's `sqlite3` alone, on a copy of the journal from before them.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event

from bench.fleet import fleet
from bench.watch import Watch
from trader_cli.journal.database import copy_to
from trader_cli.settings import journal_path

if TYPE_CHECKING:
    from collections.abc import Iterable

BARE = "bare.db"
"""The file in HOME that the statements are given to again."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What SQLite was asked; `is_for_many`: the values are several rows."""

    text: str
    values: Any
    is_for_many: bool


async def recorded(count: int, home: Path, cycles: int) -> list[list[Statement]]:
    """The statements of each cycle of a fleet; the journal as it was before them is put aside."""
    kept: list[list[Statement]] = []
    async with fleet(count, home) as traded:
        copy_to(journal_path(), home / BARE)

        @event.listens_for(Engine, "before_cursor_execute")
        def keep(_: object, __: object, text: str, values: Any, ___: object, is_for_many: bool) -> None:
            kept[-1].append(Statement(text, values, is_for_many))

        @event.listens_for(Engine, "commit")
        def keep_commit(_: object) -> None:
            kept[-1].append(Statement("COMMIT", (), is_for_many=False))

        for _ in range(cycles):
            kept.append([])
            await traded.cycle()
        event.remove(Engine, "before_cursor_execute", keep)
        event.remove(Engine, "commit", keep_commit)
    return kept


def opened(path: Path) -> sqlite3.Connection:
    """A journal, to be written as durably as by a session."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def given_again(connection: sqlite3.Connection, statements: Iterable[Statement]) -> None:
    """Asks SQLite the same again."""
    for statement in statements:
        ask = connection.executemany if statement.is_for_many else connection.execute
        ask(statement.text, statement.values).fetchall()


def main(count: int, home: Path, cycles: int) -> None:
    """Answers each line of stdin, a number of runs."""
    kept = iter(asyncio.run(recorded(count, home, cycles)))
    connection, watch = opened(home / BARE), Watch(count)
    for line in sys.stdin:
        for _ in range(int(line)):
            statements = next(kept)
            with watch.run():
                given_again(connection, statements)
        watch.answer()
    connection.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
