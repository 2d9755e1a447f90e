"""Faults 88, 89 and 93: a full disk, a disk that cannot be written, a journal that another writer has locked."""

from __future__ import annotations

import json
import resource
import shutil
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event

from tests.journal.contents import contents
from trader_cli import settings
from trader_cli.journal import database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.cli.program import Outcome
    from tests.paper.conftest import Desk

ROWS = range(3_393, 3_398)
"""After the last of these closes a position has been left by an order, and another one is ordered."""

EVER = 1_000


@contextmanager
def full(_: Engine) -> Iterator[None]:
    """A disk with no room left: no file may grow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def unwritable(engine: Engine) -> Iterator[None]:
    """A disk that may only be read from now on: SQLite says so of every write."""
    begun = []

    def forbid(connection: Any) -> None:
        begun.append(connection.connection.driver_connection)
        begun[-1].execute("PRAGMA query_only=ON")

    event.listen(engine, "begin", forbid)
    try:
        yield
    finally:
        event.remove(engine, "begin", forbid)
        for each in begun:
            each.execute("PRAGMA query_only=OFF")


@contextmanager
def locked(_: Engine) -> Iterator[None]:
    """Another writer, who takes longer than anybody waits."""
    with closing(sqlite3.connect(settings.journal_path(), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        yield
        writer.execute("ROLLBACK")


class Disturbance:
    """Trouble that comes with the n-th transaction, and lasts for so many of them."""

    def __init__(self, trouble: Callable[[Engine], AbstractContextManager[None]], at: int, lasts: int) -> None:
        self._trouble, self._transactions = trouble, range(at, at + lasts)
        self._count = self.met = 0

    @contextmanager
    def applied(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """To every journal meanwhile."""
        begin = Engine.begin

        @contextmanager
        def disturbed(engine: Engine) -> Iterator[Any]:
            self._count += 1
            if self._count not in self._transactions:
                with begin(engine) as connection:
                    yield connection
                return
            self.met += 1
            with self._trouble(engine), begin(engine) as connection:
                yield connection

        with monkeypatch.context() as patch:
            patch.setattr(Engine, "begin", disturbed)
            patch.setattr(database, "BUSY_MS", 50)
            yield


def demand_one_line(outcome: Outcome) -> None:
    """Exit code 5, and one line that says what does not work."""
    assert outcome.code == 5
    error = json.loads(outcome.err)["error"]
    assert error["code"] == "unavailable"
    assert error["message"].startswith("the journal ")
    assert error["file"] == str(settings.journal_path())


@pytest.mark.parametrize("trouble", [full, unwritable, locked])
def test_f088_f089_f093_a_pass_that_cannot_write_ends_with_5_and_the_next_one_makes_good(
    trouble: Callable[[Engine], AbstractContextManager[None]],
    desk: Desk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk.variant(risk_settings__max_holding_bars=3)
    home, before = settings.home(), tmp_path / "before"
    for row in ROWS:
        if row == ROWS[-1]:
            shutil.copytree(home, before)
        desk.venue.close_of(row)
        assert desk.once().code == 0
    expected = contents(settings.journal_path())
    for lasts in (1, EVER):
        failures = 0
        for at in range(1, EVER):
            shutil.rmtree(home)
            shutil.copytree(before, home)
            disturbance = Disturbance(trouble, at, lasts)
            with disturbance.applied(monkeypatch):
                outcome = desk.once()
            if not disturbance.met:
                assert failures >= 5, "the session, two orders, the cycle, the end"
                break
            if outcome.code or trouble is not full:  # who has nothing to write needs no room
                demand_one_line(outcome)
                failures += 1
            assert desk.trader("db", "check").code == 0
            assert desk.once().code == 0
            assert contents(settings.journal_path()) == expected, f"from transaction {at} on, for {lasts}"


def test_f089_a_home_that_cannot_be_made_ends_it_with_5_before_anything_is_asked(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.variant()
    (tmp_path / "file").touch()
    for home in (tmp_path / "file", tmp_path / "file" / "home"):
        monkeypatch.setenv("TRADER_HOME", str(home))
        outcome = desk.once()
        assert outcome.code == 5
        assert outcome.err.count("\n") == 1
        assert str(tmp_path / "file") in outcome.err
    assert desk.venue.asked == []
