"""How a journal of an older schema becomes one of the next.

Each step is written out as it was when it was made: the tables of today may have moved on since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

_TRIALS: Final = (
    """
    CREATE TABLE trials (
        study TEXT NOT NULL,
        part INTEGER NOT NULL,
        asset_class TEXT NOT NULL,
        symbols TEXT NOT NULL,
        data TEXT NOT NULL,
        version TEXT NOT NULL,
        recorded_at TEXT NOT NULL,
        runs INTEGER NOT NULL,
        ratios INTEGER NOT NULL,
        total TEXT NOT NULL,
        squares TEXT NOT NULL,
        PRIMARY KEY (study, part, asset_class, symbols)
    )
    """,
    """
    CREATE TABLE runs (
        id TEXT NOT NULL,
        configuration TEXT NOT NULL,
        source TEXT NOT NULL,
        folder TEXT,
        files TEXT NOT NULL,
        begins TEXT,
        ends TEXT,
        detail TEXT,
        version TEXT NOT NULL,
        result TEXT NOT NULL,
        recorded_at TEXT NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY(configuration) REFERENCES configurations (hash)
    )
    """,
    """
    CREATE TRIGGER trials_are_not_taken_back BEFORE DELETE ON trials
    BEGIN SELECT RAISE(ABORT, 'trials are counted for ever'); END
    """,
    """
    CREATE TRIGGER trials_are_not_changed BEFORE UPDATE ON trials
    BEGIN SELECT RAISE(ABORT, 'trials are counted for ever'); END
    """,
)
"""Version 2: what was tried is counted."""


def _done(statements: tuple[str, ...]) -> Callable[[Connection], None]:
    def migrate(connection: Connection) -> None:
        for statement in statements:
            connection.exec_driver_sql(statement)

    return migrate


MIGRATIONS: Final[Mapping[int, Callable[[Connection], None]]] = {2: _done(_TRIALS)}
"""By the version they bring to: each in one transaction, from the one before it."""
