"""The journal's tables. Amounts are text: the shortest decimal that is exactly the number that was booked.

Books are kept per variant, mode and account and never mixed. Nothing stores a position as truth: it is a view over the
fills. What is stored twice for quick reading (`trades`) is compared with the fills by `trader db check`.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

VERSION: Final = 2
"""Of this schema, in the database's `user_version`."""

APPLICATION: Final = 0x74726164
"""Of this program, in the database's `application_id`: `trad`."""

metadata = MetaData()


def _book() -> Column[int]:
    return Column("book", ForeignKey("books.id", ondelete="CASCADE"), nullable=False)


configurations = Table(
    "configurations",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("document", Text, nullable=False),
)
"""Resolved variants as JSON, each once, by the SHA-256 of their text."""

books = Table(
    "books",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("variant", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("configuration", ForeignKey("configurations.hash"), nullable=False),
    Column("source", Text, nullable=False),
    UniqueConstraint("variant", "mode", "account"),
)
"""One account of one variant in one mode. `source` is what it trades on: a venue, or the digest of a replay's data."""

sessions = Table(
    "sessions",
    metadata,
    Column("id", Integer, primary_key=True),
    _book(),
    Column("version", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("heartbeat_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("ending", Text),
)
"""One process that drove a book. `ended_at` is NULL where it was cut off, or still drives."""

cycles = Table(
    "cycles",
    metadata,
    _book(),
    Column("number", Integer, nullable=False),
    Column("open_time", Integer, nullable=False),
    Column("session", Integer, nullable=False),
    Column("equity", Text, nullable=False),
    Column("cash", Text, nullable=False),
    Column("exposure", Text, nullable=False),
    Column("ambiguous_bars", Integer, nullable=False),
    UniqueConstraint("book", "number"),
    UniqueConstraint("book", "open_time"),
)

decisions = Table(
    "decisions",
    metadata,
    _book(),
    Column("cycle", Integer, nullable=False),
    Column("open_time", Integer, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("signal", Text, nullable=False),
    Column("confidence", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("indicators", Text, nullable=False),
    Column("gates", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    UniqueConstraint("book", "cycle", "symbol"),
)
"""`indicators` and `gates` are JSON."""

intents = Table(
    "intents",
    metadata,
    Column("id", Integer, primary_key=True),
    _book(),
    Column("symbol", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("quantity", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_at", Integer, nullable=False),
    Column("price", Text, nullable=False),
    UniqueConstraint("book", "symbol", "decided_at", "purpose"),
)
"""What is to be done, once: a second order for the same thing is the same intent."""

STATES: Final = ("sent", "filled", "rejected", "withdrawn")

attempts = Table(
    "attempts",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("intent", ForeignKey("intents.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("venue_id", Text),
    CheckConstraint(f"state IN {STATES}", "state_is_known"),
    UniqueConstraint("intent", "number"),
)
"""Each time an intent was sent."""

fills = Table(
    "fills",
    metadata,
    Column("id", Integer, primary_key=True),
    _book(),
    Column("cycle", Integer, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("quantity", Text, nullable=False),
    Column("price", Text, nullable=False),
    Column("fee", Text, nullable=False),
    Column("time", Integer, nullable=False),
    Column("reason", Integer, nullable=False),
    Column("is_ambiguous", Integer, nullable=False),
    UniqueConstraint("book", "symbol", "time", "purpose", "client_id"),
)
"""What was filled, in the order of booking. `client_id` is empty where a protective level filled."""

payments = Table(
    "payments",
    metadata,
    Column("id", Integer, primary_key=True),
    _book(),
    Column("cycle", Integer, nullable=False),
    Column("after_fill", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("amount", Text, nullable=False),
)
"""Money that moved beside the fills: funding. `after_fill` counts the cycle's fills that were booked before it."""

trades = Table(
    "trades",
    metadata,
    Column("id", Integer, primary_key=True),
    _book(),
    Column("cycle", Integer, nullable=False),
    Column("document", Text, nullable=False),
)
"""Closed positions as JSON, derived from fills and payments."""

refusals = Table(
    "refusals",
    metadata,
    Column("id", Integer, primary_key=True),
    _book(),
    Column("cycle", Integer, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("code", Text, nullable=False),
)

halts = Table(
    "halts",
    metadata,
    Column("id", Integer, primary_key=True),
    _book(),
    Column("cycle", Integer, nullable=False),
    Column("time", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

states = Table(
    "states",
    metadata,
    Column("book", ForeignKey("books.id", ondelete="CASCADE"), primary_key=True),
    Column("cycle", Integer, nullable=False),
    Column("document", Text, nullable=False),
)
"""What a session must know to go on, as JSON, at the end of its last cycle."""

trials = Table(
    "trials",
    metadata,
    Column("study", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("asset_class", Text, primary_key=True),
    Column("symbols", Text, primary_key=True),
    Column("data", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("runs", Integer, nullable=False),
    Column("ratios", Integer, nullable=False),
    Column("total", Text, nullable=False),
    Column("squares", Text, nullable=False),
)
"""How many runs a part of a study tried on a set of symbols (JSON), and the moments of their Sharpe ratios.

`study` is the checksum of what was asked, `data` that of the market data. Rows are added and never changed.
"""

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("configuration", ForeignKey("configurations.hash"), nullable=False),
    Column("source", Text, nullable=False),
    Column("folder", Text),
    Column("files", Text, nullable=False),
    Column("begins", Text),
    Column("ends", Text),
    Column("detail", Text),
    Column("version", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
)
"""What it takes to make a run again, by the checksum of all that decides it; `files` is JSON."""

for table in (fills, payments, trades, refusals, halts):
    Index(f"{table.name}_by_cycle", table.c.book, table.c.cycle)

POSITIONS: Final = """
CREATE VIEW positions AS
SELECT book, symbol, side, quantity, price AS entry_price, time AS entry_time, fee AS entry_fee
FROM fills AS entry
WHERE purpose = 'entry' AND NOT EXISTS (
    SELECT 1 FROM fills AS later
    WHERE later.book = entry.book AND later.symbol = entry.symbol AND later.purpose = 'exit' AND later.id > entry.id
)
"""
"""What is held: the entries that no exit has followed."""

_COUNTED: Final = "SELECT RAISE(ABORT, 'trials are counted for ever')"

BESIDE_THE_TABLES: Final = (
    POSITIONS,
    f"CREATE TRIGGER trials_are_not_taken_back BEFORE DELETE ON trials BEGIN {_COUNTED}; END",
    f"CREATE TRIGGER trials_are_not_changed BEFORE UPDATE ON trials BEGIN {_COUNTED}; END",
)
"""What a new journal gets when its tables are there."""
