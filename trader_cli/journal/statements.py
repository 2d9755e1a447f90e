"""What a session writes cycle after cycle, built once: to build a statement costs more than to run it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from trader_cli.journal import schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Insert

INSERTS: Final[Mapping[str, Insert]] = {name: insert(table) for name, table in schema.metadata.tables.items()}
"""A row of each table, by the table's name."""

INTENT: Final = upsert(schema.intents).on_conflict_do_nothing()
"""What is to be done, unless it is known."""

INTENT_ID: Final = select(schema.intents.c.id).where(
    *(schema.intents.c[name] == bindparam(name) for name in ("book", "symbol", "decided_at", "purpose"))
)

ATTEMPT: Final = upsert(schema.attempts).on_conflict_do_nothing()
"""An order that is sent, unless it is known."""

SETTLED: Final = (
    update(schema.attempts)
    .where(schema.attempts.c.client_id == bindparam("settled"))
    .values(state=bindparam("outcome"))
)
"""How the attempt `settled` ended: its `outcome`."""

_state = upsert(schema.states)
STATE: Final = _state.on_conflict_do_update(
    index_elements=["book"], set_={name: _state.excluded[name] for name in ("cycle", "document")}
)
"""What a session must know to go on, in place of what it knew before."""

BEAT: Final = (
    update(schema.sessions).where(schema.sessions.c.id == bindparam("session")).values(heartbeat_at=bindparam("now"))
)
"""A sign of life of a `session`."""
