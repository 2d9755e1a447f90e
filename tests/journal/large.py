"""A journal of years, written by SQL in seconds: a small one, with years put before what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journal.homes import asked, changed

if TYPE_CHECKING:
    from pathlib import Path

_HOUR = 3_600 * 10**9

_ROOM = """
UPDATE cycles SET number = number + 2 * :cycles;
UPDATE cycles SET number = number - :cycles;
UPDATE decisions SET cycle = -cycle - :cycles;
UPDATE decisions SET cycle = -cycle;
UPDATE fills SET cycle = cycle + :cycles, id = id + 4 * :trades;
UPDATE trades SET cycle = cycle + :cycles, id = id + 4 * :trades;
UPDATE refusals SET cycle = cycle + :cycles, id = id + 4 * :trades;
UPDATE states SET cycle = cycle + :cycles, document = json_set(document, '$.cycle', cycle + :cycles)
"""
"""Twice there and back where numbers must stay unique meanwhile."""

_YEARS = """
INSERT INTO cycles SELECT 1, i, :first - (:cycles - i + 1) * :hour, 1, '1', '1', '0', 0 FROM n;
INSERT INTO decisions
SELECT 1, i, :first - (:cycles - i + 1) * :hour, 'BTC/USD', 'HOLD', '0.3', 'calm', '{}', '[]', 'hold' FROM n
"""

_TRADES = """
INSERT INTO intents (book, symbol, side, purpose, quantity, reason, decided_at, price)
SELECT 1, 'BTC/USD', 'long', iif(e, 'exit', 'entry'), '0.1', 'signal',
    :first - (:cycles - i * :step - e + 1) * :hour, '8000.0'
FROM n, (SELECT 0 AS e UNION SELECT 1);
INSERT INTO fills
    (id, book, cycle, client_id, symbol, side, purpose, quantity, price, fee, time, reason, is_ambiguous)
SELECT 2 * i - 1 + e, 1, i * :step, 'old-' || i || '-' || e, 'BTC/USD', 'long', iif(e, 'exit', 'entry'), '0.1',
    '8000.0', '0.8', :first - (:cycles - i * :step - e + 1) * :hour, 1, 0
FROM n, (SELECT 0 AS e UNION SELECT 1);
INSERT INTO trades (id, book, cycle, document) SELECT i, 1, i * :step, :document FROM n;
INSERT INTO refusals (id, book, cycle, symbol, side, code)
SELECT i, 1, i * :step, 'BTC/USD', 'long', 'cooldown' FROM n
"""

_COUNTED = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :{}) "
_SENT = (
    "INSERT INTO attempts SELECT 'old-' || id, id, 1, 'filled', NULL FROM intents "
    "WHERE id NOT IN (SELECT intent FROM attempts)"
)


def enlarge(path: Path, cycles: int, trades: int) -> None:
    """Puts so many cycles, and so many trades with their orders and fills, before what the only book holds."""
    ((first,),) = asked(path, "SELECT min(open_time) FROM cycles")
    ((document,),) = asked(path, "SELECT document FROM trades LIMIT 1")
    changed(
        path,
        *_ROOM.split(";"),
        *(_COUNTED.format("cycles") + line for line in _YEARS.split(";")),
        *(_COUNTED.format("trades") + line for line in _TRADES.split(";")),
        _SENT,
        first=first,
        cycles=cycles,
        trades=trades,
        hour=_HOUR,
        step=cycles // (trades + 1),
        document=document,
    )
