"""A journal as plain rows, so that two of them can be compared; what only tells who wrote it is left out."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TABLES = (
    "configurations", "books", "cycles", "decisions", "intents", "attempts", "fills", "payments", "trades", "refusals",
    "halts", "states", "positions",
)  # fmt: skip


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but `sessions`."""
    with sqlite3.connect(path) as connection:
        found = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}  # noqa: S608
    connection.close()
    return found
