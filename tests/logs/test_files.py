"""A log file is bounded, private, and whole lines, whatever happens to it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from trader_cli.logs.files import RotatedFile

if TYPE_CHECKING:
    from pathlib import Path


def kept(folder: Path) -> dict[str, list[str]]:
    """The lines of each file."""
    return {path.name: path.read_text().splitlines() for path in sorted(folder.iterdir())}


def test_f094_a_full_file_is_put_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    file = RotatedFile(tmp_path / "a.log", largest=20, aside=2)
    for number in range(9):
        file.write(f"line {number:03}")  # 9 bytes: two a file
    file.close()
    assert kept(tmp_path) == {
        "a.log": ["line 008"],
        "a.log.1": ["line 006", "line 007"],
        "a.log.2": ["line 004", "line 005"],
    }


def test_f094_no_file_is_larger_than_it_may_be(tmp_path: Path) -> None:
    file = RotatedFile(tmp_path / "a.log", largest=1000, aside=3)
    for number in range(2000):
        file.write("x" * (number % 90))
    file.close()
    assert len(list(tmp_path.iterdir())) == 4
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())


def test_only_the_user_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "a.log"
    path.parent.mkdir()
    path.touch(mode=0o644)
    file = RotatedFile(path, largest=10)
    file.write("one line")
    file.write("another")
    file.close()
    assert {each.stat().st_mode & 0o777 for each in path.parent.iterdir()} == {0o600}


def test_a_line_that_was_torn_spoils_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text('{"half of a l')
    file = RotatedFile(tmp_path / "a.log")
    file.write("whole")
    file.close()
    assert kept(tmp_path)["a.log"] == ['{"half of a l', "whole"]


def test_a_disk_that_takes_half_a_line_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = RotatedFile(tmp_path / "a.log")
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    with pytest.raises(OSError, match="No space left"):
        file.write("first")
    monkeypatch.undo()
    file.write("second")
    file.close()
    assert kept(tmp_path)["a.log"] == ["fir", "second"]


@pytest.mark.parametrize("how", ["removed", "moved"])
def test_a_file_that_somebody_moves_away_is_begun_anew(tmp_path: Path, how: str) -> None:
    path = tmp_path / "a.log"
    file = RotatedFile(path)
    file.write("before")
    if how == "removed":
        path.unlink()
    else:
        path.rename(tmp_path / "away.log")
    file.write("after")
    file.close()
    assert kept(tmp_path)["a.log"] == ["after"]
