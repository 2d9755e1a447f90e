"""The ledger, for whoever tries something: trials it counts once and for ever, runs it keeps."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from trader_cli import settings
from trader_cli.app.journaling import opened_journal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Engine

    from trader_cli.journal.runs import Run
    from trader_cli.journal.trials import Markets, Study
    from trader_cli.metrics.deflation import Trials

EVERY = 1.0
"""Seconds of trials that are written together: runs cut off before that are traded again, and counted then."""


class Ledger:
    """Where the runs of what was `asked` are counted."""

    def __init__(self, engine: Engine, path: Path, asked: Mapping[str, Any]) -> None:
        self._engine, self._path, self._asked = engine, path, asked
        self._noted: list[tuple[Study, int, Mapping[Markets, Trials]]] = []
        self._written = monotonic()

    def note(self, files: Sequence[str], part: int, tried: Mapping[Markets, Trials]) -> None:
        """Counts a part, tried on files of these checksums, now or at the next `flush`. Raises: Unavailable."""
        from trader_cli.journal.trials import Study

        self._noted.append((Study.of(self._asked, files), part, tried))
        if monotonic() - self._written > EVERY:
            self.flush()

    def flush(self) -> None:
        """Writes what was noted. Raises: Unavailable."""
        from trader_cli.journal.database import trouble
        from trader_cli.journal.trials import count

        with trouble(self._path), self._engine.begin() as connection:
            for study, part, tried in self._noted:
                count(connection, study, part, tried)
        self._noted.clear()
        self._written = monotonic()

    def keep(self, shown: Sequence[Run]) -> list[str]:
        """Keeps runs; the digits of their ids that are shown. Raises: Unavailable."""
        from trader_cli.journal import runs
        from trader_cli.journal.database import trouble

        with trouble(self._path), self._engine.begin() as connection:
            return [runs.keep(connection, run)[: runs.DIGITS] for run in shown]

    def total(self, markets: Iterable[Markets]) -> Trials:
        """All trials ever made on any of these markets. Raises: Unavailable."""
        from trader_cli.journal.database import trouble
        from trader_cli.journal.trials import total

        with trouble(self._path), self._engine.connect() as connection:
            return total(connection, markets)


@contextmanager
def counting(asked: Mapping[str, Any]) -> Iterator[Ledger]:
    """The ledger, open for what was `asked`: see `trials.Study`. Raises: Locked, Unavailable, ConfigError."""
    from trader_cli.journal import locks
    from trader_cli.journal.database import trouble

    with ExitStack() as held:
        with trouble(settings.journal_path()):
            held.enter_context(locks.among_drivers(settings.locks_dir()))
        engine, path = held.enter_context(opened_journal(is_looked_through=False))
        yield Ledger(engine, path, asked)
