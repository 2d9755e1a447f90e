"""A fleet and the bare commits it is held against do the same work. Nothing here measures time."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bench import journals
from bench.bare_commits import BARE

if TYPE_CHECKING:
    from pathlib import Path

VARIANTS, CYCLES = 10, 6


def _told(root: Path, program: str, *arguments: object) -> list[dict[str, list[float]]]:
    """What a program of the bench answers to whoever wants most of the cycles, and then the rest."""
    command = [sys.executable, "-m", f"bench.{program}", *map(str, arguments)]
    said = subprocess.run(command, cwd=root, input=f"{CYCLES - 1}\n1\n", capture_output=True, text=True, check=True)
    return [json.loads(line) for line in said.stdout.splitlines()]


@pytest.fixture(scope="module")
def home(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a fleet and its bare commits have left their journals; what they answered was as the bench takes it."""
    folder = tmp_path_factory.mktemp("fleet")
    times = {"cpu_seconds", "wall_seconds"}
    fleet = _told(root, "fleet", VARIANTS, folder / "together")
    assert [len(answer["cpu_seconds"]) for answer in fleet] == [CYCLES - 1, 1]
    assert all(times <= set(answer) for answer in fleet)
    bare = _told(root, "bare_commits", VARIANTS, folder / "bare", CYCLES)
    assert [set(answer) for answer in bare] == [times, times]
    return folder


def test_each_variant_decides_on_each_bar_and_the_bare_commits_leave_the_same_rows(home: Path) -> None:
    together, bare = home / "together" / "journal.db", home / "bare" / BARE
    assert all(claim.holds for claim in journals.claims(together, bare, VARIANTS, CYCLES + 1))
    assert not journals.claims(together, bare, VARIANTS, CYCLES)[0].holds
    with closing(sqlite3.connect(bare)) as journal, journal:
        journal.execute("UPDATE fills SET price = '1' WHERE id = 1")
    decided, same = journals.claims(together, bare, VARIANTS, CYCLES + 1)
    assert (decided.holds, same.holds) == (True, False)
