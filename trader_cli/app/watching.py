"""Traders watched from another process, through the journal alone: nothing is written, and nobody waits for a look."""

from __future__ import annotations

import os
from collections import Counter, deque
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

from trader_cli import settings
from trader_cli.app import picturing
from trader_cli.app.halting import name_of
from trader_cli.app.knowing import is_driven, named
from trader_cli.app.picturing import Book, plan_of
from trader_cli.engine.snapshot import Driver, Standing
from trader_cli.engine.switches import FileSwitch
from trader_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from trader_cli.domain.timeframe import Timeframe
    from trader_cli.engine.snapshot import Snapshot
    from trader_cli.journal.drivers import BookName
    from trader_cli.journal.looks import Driving

    type Found = tuple[int, BookName]

LATEST = 50
"""How many of the latest trades, refusals and halts a picture may show."""

_PATIENCE = 3.0
_LEAST_PATIENCE = 15.0
_GRACE = 60.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look found: one book's snapshot, or a row for each of several; `waiting` are those that never traded.

    With nothing of all that nothing has ever traded.
    """

    snapshot: Snapshot | None
    standings: tuple[Standing, ...]
    waiting: tuple[str, ...]


class Pulse:
    """How often a driver gives a sign of life, and whether it has been silent for longer than that explains."""

    def __init__(self) -> None:
        self._beats: deque[datetime] = deque(maxlen=8)

    def is_lost(self, heartbeat: datetime, now: datetime, timeframe: Timeframe) -> bool:
        """Takes note of the last sign of life. Until two were seen, one is expected by the close of the next bar."""
        if not self._beats or heartbeat != self._beats[-1]:
            self._beats.append(heartbeat)
        gaps = [(later - sooner).total_seconds() for sooner, later in pairwise(self._beats)]
        patience = max(_LEAST_PATIENCE, _PATIENCE * max(gaps)) if gaps else timeframe.duration.total_seconds() + _GRACE
        return (now - heartbeat).total_seconds() > patience


class Watch:
    """Looks at the books of some variants, or of all, as often as it is asked to."""

    def __init__(self, references: Sequence[str], variants_dir: Path) -> None:
        self._references, self._variants_dir = references, variants_dir
        self._pulses: dict[BookName, Pulse] = {}

    def look(self, now: datetime) -> Seen:
        """How they stand. Raises: UsageError where a variant is none and never traded; Unavailable, ConfigError."""
        seen, is_sure = self._look(now)
        return seen if is_sure else self._look(now)[0]

    def _look(self, now: datetime) -> tuple[Seen, bool]:
        """One look, and whether it is to be trusted.

        A driver that ends between the look at the journal and that at its lock seems to have been killed.
        """
        from trader_cli.journal import database, looks, queries

        with database.looking(settings.journal_path()) as connection:
            known = [] if connection is None else queries.books(connection)
            chosen, waiting = self._chosen(known)
            if connection is None or not chosen:
                return Seen(None, (), tuple(waiting)), True
            found = self._read(connection, chosen, now)
            is_sure = all(book.driver.state != "cut_off" for _, book in found)
            if len(self._references) == 1:
                found = _foremost(found)
            if len(found) > 1 or waiting:
                return Seen(None, _rows([book for _, book in found], waiting, now), tuple(waiting)), is_sure
            key, book = found[0]
            state, story = book.brief.state, None
            if state is not None:
                story = looks.story(connection, key, state, book.plan.symbols, LATEST)
            return Seen(picturing.snapshot(book, story, now), (), ()), is_sure

    def _chosen(self, known: list[Found]) -> tuple[list[Found], list[str]]:
        """The books to look at, and the variants that have none yet. Raises: UsageError."""
        if not self._references:
            return known, []
        chosen: dict[int, BookName] = {}
        waiting = []
        for reference in self._references:
            try:
                chosen |= named(reference, self._variants_dir, known)
            except UsageError:
                name, is_known = name_of(reference, self._variants_dir, os.environ)
                if not is_known:
                    raise
                waiting.append(name)
        return list(chosen.items()), waiting

    def _read(self, connection: Connection, chosen: list[Found], now: datetime) -> list[tuple[int, Book]]:
        from trader_cli.journal import looks

        found = []
        for key, name in chosen:
            brief = looks.brief(connection, key)
            plan = plan_of(brief.configuration)
            driver = self._driver(name, brief.driving, plan.timeframe, now)
            order = FileSwitch(settings.halts_dir(), name.variant).order()
            found.append((key, Book(name, plan, brief, driver, order)))
        return found

    def _driver(self, name: BookName, driving: Driving | None, timeframe: Timeframe, now: datetime) -> Driver:
        """Who drives a book: the lock tells whether he lives, the journal whether he has ended."""
        if driving is None:
            return Driver("starting" if is_driven(name) else "stopped", None, None, None)
        silence = max(0.0, (now - driving.heartbeat).total_seconds())
        is_lost = self._pulses.setdefault(name, Pulse()).is_lost(driving.heartbeat, now, timeframe)
        if driving.ended is not None:
            state = "stopped"
        elif is_driven(name):
            state = "silent" if is_lost else "running"
        else:
            state = "cut_off"
        return Driver(state, driving.pid, silence, driving.ending)


def _foremost(found: list[tuple[int, Book]]) -> list[tuple[int, Book]]:
    """Of one variant's books those that are driven, or else the one that was driven last."""
    alive = [each for each in found if each[1].driver.state not in {"stopped", "cut_off"}]
    return alive or [min(found, key=lambda each: inf if (age := each[1].driver.silence) is None else age)]


def _rows(books: Sequence[Book], waiting: Sequence[str], now: datetime) -> tuple[Standing, ...]:
    """A row each; a variant with several books is told apart by their modes and accounts."""
    count = Counter(book.name.variant for book in books)
    rows = []
    for book in books:
        name = book.name
        called = name.variant if count[name.variant] == 1 else f"{name.variant} {name.mode} {name.account}"
        rows.append(picturing.standing(book, called, now))
    absent = (Standing(name, "stopped", (), None, None, (), None, "has never traded", None) for name in waiting)
    return (*rows, *absent)
