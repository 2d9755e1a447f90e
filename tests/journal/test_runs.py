"""A run that was shown is found by the beginning of its id, with all it takes to make it again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import trader
from tests.journal.homes import asked, changed
from trader_cli import settings
from trader_cli.data.source import File
from trader_cli.journal import database, runs
from trader_cli.journal.runs import Run

if TYPE_CHECKING:
    type Capture = pytest.CaptureFixture[str]

RUN = Run(
    configuration={"trader_name": "base-000042", "strategy_config": {"rsi": {"period": 7}}},
    source=Path("/data"),
    folder=Path("/variants"),
    files=(File(Path("/data/BTC_USD-1h.parquet"), "0a" * 32), File(Path("/variants/mine.py"), "0b" * 32)),
    begins=datetime(2018, 7, 1, tzinfo=UTC),
    ends=None,
    detail="1m",
    version="0.1.0",
    result="0c" * 32,
)


def kept(*which: Run) -> None:
    """Keeps runs in the journal of `TRADER_HOME`."""
    engine = database.opened(settings.journal_path())
    with engine.begin() as connection:
        assert [runs.keep(connection, run) for run in which] == [run.id for run in which]
    engine.dispose()


def found(beginning: str) -> tuple[Run, ...]:
    with database.looking(settings.journal_path()) as connection:
        return runs.found(connection, beginning)


def test_a_run_comes_back_as_it_was_kept() -> None:
    assert found(RUN.id) == ()
    kept(RUN)
    assert found(RUN.id) == found(RUN.id[: runs.DIGITS].upper()) == (RUN,)
    assert found("%") == found("_") == found("x") == ()


@pytest.mark.parametrize(
    "change",
    [
        {"configuration": {"trader_name": "base-000043"}},
        {"files": (RUN.files[0], File(RUN.files[1].path, "0c" * 32))},
        {"begins": None},
        {"ends": datetime(2018, 8, 1, tzinfo=UTC)},
        {"detail": None},
        {"version": "0.1.1"},
        {"result": "0d" * 32},
    ],
)
def test_another_run_is_another_id(change: dict[str, object]) -> None:
    other = replace(RUN, **change)  # type: ignore[arg-type]
    assert other.id != RUN.id
    kept(RUN, other)
    assert {run.id for run in found("")} == {RUN.id, other.id}


def test_the_same_run_on_files_that_have_moved_is_the_same_run_where_they_lie_now() -> None:
    files = tuple(File(Path("/moved", file.path.name), file.sha256) for file in RUN.files)
    moved = replace(RUN, source=Path("/moved"), folder=None, files=files)
    kept(RUN, moved)
    assert found(RUN.id) == (moved,)


def test_a_variant_is_kept_once_for_all_its_runs() -> None:
    kept(RUN, replace(RUN, detail=None), replace(RUN, result="0d" * 32))
    (document,) = (row[0] for row in asked(settings.journal_path(), "SELECT document FROM configurations"))
    assert json.loads(document) == RUN.configuration


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE runs SET result = 'ff'",
        "UPDATE configurations SET document = replace(document, '7', '8')",
        "UPDATE runs SET files = '['",
        "UPDATE runs SET begins = 'once'",
    ],
)
def test_a_run_that_was_altered_is_found(damage: str, capsys: Capture) -> None:
    kept(RUN)
    assert trader(capsys, "db", "check").code == 0
    changed(settings.journal_path(), damage)
    outcome = trader(capsys, "db", "check", "--json")
    assert (outcome.code, len(outcome.document["problems"])) == (5, 1)
