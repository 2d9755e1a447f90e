"""The journal's file: whether it is sound, copies of it, and packing it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from trader_cli import settings
from trader_cli.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def check() -> dict[str, Any]:
    """Looks at the whole journal, also while it is written to.

    `sound`, and where it is not, `problems`; `rows` by table; `bytes`; `schema`, its version, and `current`, whether
    that is this program's.

    Raises: UsageError where there is none yet, ConfigError where it is not this program's or a newer one's.
    """
    from trader_cli.journal import audit, database, maintenance, schema

    path = settings.journal_path()
    if not database.exists(path):
        raise UsageError("there is no journal yet", file=str(path))
    found = audit.audit(path)
    return {
        "file": str(path),
        "bytes": maintenance.size(path),
        "schema": found.schema,
        "current": found.schema == schema.VERSION,
        "sound": not found.problems,
        "problems": list(found.problems),
        "rows": found.rows,
    }


def back_up(target: Path | None = None) -> dict[str, Any]:
    """Copies the journal to a file of its own: the one named, or a new one among the backups.

    Raises: UsageError, Unavailable.
    """
    from trader_cli.journal import maintenance

    target = settings.backups_dir() / f"journal-{_now()}.db" if target is None else target
    maintenance.back_up(settings.journal_path(), target)
    return {"file": str(target), "bytes": target.stat().st_size}


def restore(source: Path, *, force: bool = False) -> dict[str, Any]:
    """Makes a copy the journal again; the present one is put among the backups.

    Raises: UsageError, ConfigError, Unavailable, Locked while any trader runs.
    """
    from trader_cli.journal import maintenance

    path, aside = settings.journal_path(), settings.backups_dir() / f"journal-before-restore-{_now()}.db"
    was_there = maintenance.restore(path, source, aside, settings.locks_dir(), force=force)
    return {"file": str(path), "restored": str(source), "aside": str(aside) if was_there else None}


def vacuum() -> dict[str, Any]:
    """Packs the file. Raises: UsageError, ConfigError, Unavailable, Locked while any trader runs."""
    from trader_cli.journal import maintenance

    path = settings.journal_path()
    freed = maintenance.vacuum(path, settings.locks_dir())
    return {"file": str(path), "bytes": maintenance.size(path), "freed": freed}


def _now() -> str:
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
