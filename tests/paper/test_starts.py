"""Faults 69 and 92: two starts on one account at the same time, and a start after one that was killed."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.backtest.markets import EXAMPLES
from tests.paper.conftest import FIRST
from tests.paper.processes import started, stream

if TYPE_CHECKING:
    import subprocess
    from contextlib import AbstractContextManager

    from tests.paper.conftest import Desk

STARTS = 100 if EXAMPLES > 400 else 10

TELLING = """
import sys
from trader_cli.cli.main import main
code = main(sys.argv[1:])
print("loaded", *{"numpy", "pandas", "sqlalchemy", "numba"} & set(sys.modules))
sys.exit(code)
"""
"""The program, which says in the end what that is slow to load it has loaded."""


def test_f069_f092_of_two_starts_at_once_one_trades_and_the_other_leaves_before_anything_slow(desk: Desk) -> None:
    desk.variant()
    for row in range(FIRST, FIRST + STARTS):
        desk.venue.close_of(row)
        desk.venue.asked.clear()
        desk.venue.hanging.add("BTC/USD")  # who trades cannot be done before the other one has tried
        with ExitStack() as stack:
            both = [stack.enter_context(once(desk)) for _ in range(2)]
            loser = first_to_end(both)
            assert loser.wait() == 6
            said, complaint = loser.communicate()
            assert said.split() == ["loaded"]
            assert complaint.count("\n") == 1
            assert "another process drives sandy" in complaint
            desk.venue.hanging.clear()
            (winner,) = (process for process in both if process is not loser)
            events = [json.loads(line) for line in stream(winner) if line.startswith("{")]
            assert winner.wait(timeout=60) == 0
        assert [event["event"] for event in events].count("cycle") == 1
        assert desk.venue.asked == ["BTC/USD"], "one of the two has asked, once"


def test_f082_a_start_after_kill_9_finds_nothing_in_its_way(desk: Desk) -> None:
    desk.variant()
    desk.venue.hanging.add("BTC/USD")
    with once(desk) as process:
        until_asked(desk)
        assert desk.once().code == 6
        process.kill()
        assert process.wait() == -9
    desk.venue.hanging.clear()
    outcome = desk.once()
    assert outcome.code == 0
    assert desk.events(outcome, "cycle")


def once(desk: Desk) -> AbstractContextManager[subprocess.Popen[str]]:
    """A pass in a process of its own."""
    return started(desk, "paper", "sandy", "--once", "--json", program=TELLING)


def first_to_end(processes: list[subprocess.Popen[str]]) -> subprocess.Popen[str]:
    """The process that ends first; the others go on."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for process in processes:
            if process.poll() is not None:
                return process
        time.sleep(0.01)
    raise AssertionError("both go on")


def until_asked(desk: Desk) -> None:
    """Until the venue has been asked for something."""
    deadline = time.monotonic() + 60
    while not desk.venue.asked:
        assert time.monotonic() < deadline, "nobody asks"
        time.sleep(0.01)
