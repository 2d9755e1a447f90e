"""A matrix that is killed goes on where it was: nothing is lost, nothing is done twice."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from tests.matrix.processes import MATRIX, PARTS, started, told
from trader_cli import settings
from trader_cli.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def undisturbed(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What the matrix says where nobody disturbs it."""
    monkeypatch.chdir(root)
    assert main([*MATRIX]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("when", ["before", "after"])
def test_f082_killed_beside_any_part_it_goes_on_and_does_no_part_twice(
    undisturbed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    monkeypatch.setenv("TRADER_HOME", str(tmp_path / "home"))
    notes = tmp_path / "notes"
    for at in ("1", "3", "5"):
        told(started(notes, "--resume", KILL_AT=at, KILL_WHEN=when), -signal.SIGKILL)
    assert told(started(notes, "--resume")) == undisturbed
    done = notes.read_text().split()
    assert sorted(done) == sorted(set(done))
    # a kill between the move of a part and the note of it leaves one without a note: no more than one a kill
    assert PARTS - 3 <= len(done) <= PARTS


def test_what_was_shown_leaves_nothing_behind(undisturbed: str) -> None:
    assert json.loads(undisturbed)["trials"] == 410
    assert list(settings.studies_dir().iterdir()) == []


def test_without_resume_it_begins_anew(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    told(started(notes, KILL_AT="4", KILL_WHEN="after"), -signal.SIGKILL)
    notes.unlink()
    told(started(notes))
    assert len(notes.read_text().split()) == PARTS


def test_every_run_is_counted_once_whoever_was_killed(undisturbed: str, tmp_path: Path) -> None:
    told(started(tmp_path / "notes", KILL_AT="6", KILL_WHEN="after"), -signal.SIGKILL)
    assert json.loads(told(started(tmp_path / "notes", "--resume"))) == json.loads(undisturbed)


def test_other_data_is_no_place_to_go_on(root: Path, tmp_path: Path) -> None:
    bars = tmp_path / "data" / "BTC_USD-1h.parquet"
    bars.parent.mkdir()
    bars.write_bytes((root / "samples" / "coinbase" / "BTC_USD-1h.parquet").read_bytes())
    here = tuple(str(bars.parent) if each == "samples" else each for each in MATRIX)
    told(started(tmp_path / "notes", matrix=here, KILL_AT="4", KILL_WHEN="after"), -signal.SIGKILL)
    rows = tmp_path / "rows.csv"
    rows.write_text(_other_bars())
    bars.unlink()
    rows.rename(bars.with_suffix(".csv"))
    with started(tmp_path / "notes", "--resume", matrix=here) as process:
        _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "the market data has changed since this matrix was begun: leave out --resume" in err


def test_two_processes_do_not_work_on_the_same_matrix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from filelock import FileLock

    told(started(tmp_path / "notes", KILL_AT="2", KILL_WHEN="after"), -signal.SIGKILL)
    (folder,) = settings.studies_dir().iterdir()
    with FileLock(settings.locks_dir() / f"study-{folder.name}.lock"):
        out = told(started(tmp_path / "notes", "--resume"), 6)
    assert out == ""


def _other_bars() -> str:
    hours = [f"2018-01-{day:02d}T{hour:02d}:00:00Z" for day in range(1, 29) for hour in range(24)]
    prices = [100 + place % 17 for place in range(len(hours))]
    rows = [f"{time},{price},{price + 1},{price - 1},{price},1" for time, price in zip(hours, prices, strict=True)]
    return "\n".join(["timestamp,open,high,low,close,volume", *rows]) + "\n"
