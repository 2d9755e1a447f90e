"""A journal that an older program has written is brought forward: nothing of it is lost, and it is like a new one."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import trader
from tests.journal.contents import contents
from tests.journal.homes import REPLAY, asked
from trader_cli import settings
from trader_cli.journal import database, schema

if TYPE_CHECKING:
    type Capture = pytest.CaptureFixture[str]

VERSION_1 = Path(__file__).with_name("version-1.db.gz")
"""A replay of the demo, as the last program of schema 1 journaled it; the host's name was taken out."""


@pytest.fixture
def old() -> Path:
    """That journal, as the journal of `TRADER_HOME`."""
    path = settings.journal_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.decompress(VERSION_1.read_bytes()))
    return path


def forms(path: Path) -> dict[tuple[str, str], str]:
    """Each table, index, view and trigger as it was declared, whatever the spaces."""
    declared = asked(path, "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {(kind, name): "".join(sql.split()) for kind, name, sql in declared}


def test_f108_a_journal_of_version_1_keeps_all_it_had_and_a_copy_is_put_aside(old: Path, capsys: Capture) -> None:
    before, kept = old.read_bytes(), contents(old)
    assert len(kept["trades"]) == 3
    assert "older trader" in trader(capsys, "trades").err
    database.opened(old).dispose()
    assert contents(old) == kept
    assert asked(old, "PRAGMA user_version") == [(schema.VERSION,)]
    assert old.with_name("journal-schema-1.db").read_bytes()[100:] == before[100:]
    check = trader(capsys, "db", "check", "--json")
    assert (check.code, check.document["current"]) == (0, True)
    assert len(trader(capsys, "trades", "--json").document["trades"]) == 3
    assert trader(capsys, *REPLAY, "--cycles", 3).code == 0, "and it trades on it"


def test_f108_a_copy_that_was_put_aside_is_not_overwritten_by_the_next_one(old: Path) -> None:
    first = old.with_name("journal-schema-1.db")
    first.write_text("mine")
    database.opened(old).dispose()
    assert first.read_text() == "mine"
    assert asked(old.with_name("journal-schema-1-2.db"), "PRAGMA user_version") == [(1,)]


def test_a_journal_that_was_brought_forward_has_the_form_of_a_new_one(old: Path, tmp_path: Path) -> None:
    database.opened(old).dispose()
    new = tmp_path / "new.db"
    database.opened(new).dispose()
    assert forms(old) == forms(new)
    assert asked(old, "PRAGMA application_id") == asked(new, "PRAGMA application_id")
