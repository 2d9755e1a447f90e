"""Where `trader` keeps its things: the environment and the platform's folders."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """The folder of all state: `$TRADER_HOME`, else the platform's user data folder."""
    named = os.environ.get("TRADER_HOME")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("trader", appauthor=False)


def journal_path() -> Path:
    """The journal of everything that was traded."""
    return home() / "journal.db"


def backups_dir() -> Path:
    """Where copies of the journal go unless a command names a place."""
    return home() / "backups"


def locks_dir() -> Path:
    """Where each driven account has its lock."""
    return home() / "locks"


def halts_dir() -> Path:
    """Where the kill switches stand: files, which work without an engine and without a database."""
    return home() / "halts"


def studies_dir() -> Path:
    """Where a matrix keeps what it has traded until it has shown it: after a crash that need not be done again."""
    return home() / "studies"


def logs_dir() -> Path:
    """Where sessions log: a file each book."""
    return home() / "logs"


def data_dir() -> Path:
    """Where market data is kept unless a command names a place."""
    return home() / "data"


def cache_dir() -> Path:
    """What can be made again: compiled kernels."""
    from platformdirs import user_cache_path

    return user_cache_path("trader", appauthor=False)


def variants_dir(named: Path | None = None) -> Path:
    """The folder of variant files: the one named, else ./variants, else `$TRADER_HOME/variants`."""
    if named is not None:
        return named
    beside = Path("variants")
    return beside if beside.is_dir() else home() / "variants"
