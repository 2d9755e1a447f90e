"""Fault 82: killed at any transaction and started again, a replay leaves the journal of an undisturbed one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.backtest.markets import EXAMPLES
from tests.journal.contents import contents

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent.parent
SPAN = ["--from", "2018-11-14", "--to", "2018-11-23"]
REPLAY = ["paper", "demo_btc_rsi", "--replay", "samples", *SPAN, "--speed", "1e9", "--json"]
"""Paced, if only just: then each cycle is a transaction of its own."""
KILLER = """
import os, signal, sys
from trader_cli.journal import store

left = int(os.environ["KILL_AT"])
written = store.SqlJournal._write

def counted(self, work):
    global left
    left -= 1
    if left == 0 and os.environ["KILL_WHEN"] == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    written(self, work)
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

store.SqlJournal._write = counted
from trader_cli.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
"""The program, which kills itself around its n-th transaction."""


def run(home: Path, arguments: list[str], **killing: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TRADER_HOME": str(home), **killing}
    program = [sys.executable, "-c", KILLER] if killing else [str(Path(sys.executable).with_name("trader"))]
    return subprocess.run(
        [*program, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Mapping[str, object]]:
    """The last line and the journal of a replay that nobody killed."""
    home = tmp_path_factory.mktemp("undisturbed")
    done = run(home, REPLAY)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1], contents(home / "journal.db")


def test_the_stretch_has_what_can_be_lost(undisturbed: tuple[str, Mapping[str, object]]) -> None:
    end, kept = undisturbed
    assert len(json.loads(end)["trades"]) >= 4
    assert kept["positions"] or kept["intents"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(1, 230) if EXAMPLES > 400 else [1, 79, 80, 200])
def test_f082_killed_around_a_transaction_it_goes_on_as_if_nothing_had_been(
    at: int, when: str, undisturbed: tuple[str, Mapping[str, object]], tmp_path: Path
) -> None:
    killed = run(tmp_path, REPLAY, KILL_AT=str(at), KILL_WHEN=when)
    assert killed.returncode == -9
    told = sum('"event": "cycle"' in line for line in killed.stdout.splitlines())
    assert told <= _kept(tmp_path), "what was told was kept before"
    again = run(tmp_path, REPLAY)
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines()[-1] == undisturbed[0]
    assert contents(tmp_path / "journal.db") == undisturbed[1]


def _kept(home: Path) -> int:
    return len(contents(home / "journal.db")["cycles"])
