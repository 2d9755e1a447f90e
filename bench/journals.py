"""What a fleet has left in its journal, and whether the bare commits have left the same."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from bench.ratio import Claim

if TYPE_CHECKING:
    from pathlib import Path

    type Row = tuple[Any, ...]

TABLES = ("cycles", "decisions", "intents", "attempts", "fills", "trades", "refusals", "halts", "states")
"""All that cycles leave, but for the wall's time of each session's last one."""

KEYS = {"id", "intent"}
"""Numbers in the order in which sessions came to be served, which is another in each run."""


def claims(fleet: Path, bare: Path, variants: int, cycles: int) -> list[Claim]:
    """That every variant has decided on each bar, and that the bare commits were the fleet's own."""
    found, again = _rows(fleet), _rows(bare)
    decided, fills = len(set(found["decisions"])), len(found["fills"])
    total = sum(len(rows) for rows in found.values())
    same = sum(len(set(found[table]) & set(again[table])) for table in TABLES)
    return [
        Claim(
            "every variant decides on each bar",
            f"{decided:,} of {variants * cycles:,} decisions, {fills:,} fills",
            decided == variants * cycles == len(found["cycles"]) and fills > 0,
        ),
        Claim("the bare commits leave the rows of the fleet", f"{same:,} of {total:,}", found == again),
    ]


def _rows(journal: Path) -> dict[str, list[Row]]:
    with closing(sqlite3.connect(journal)) as connection:
        return {table: _content(connection, table) for table in TABLES}


def _content(connection: sqlite3.Connection, table: str) -> list[Row]:
    found = connection.execute(f"SELECT * FROM {table}")  # noqa: S608
    telling = [number for number, (name, *_) in enumerate(found.description) if name not in KEYS]
    return sorted(tuple(row[number] for number in telling) for row in found)
