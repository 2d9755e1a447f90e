"""Faults 70, 83 to 85 and 96: a trader that runs on and is asked to stop, put to sleep, or halted."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.journal.homes import asked
from tests.paper.conftest import FIRST
from tests.paper.processes import PROGRAM, events_of, heard, started, stream
from trader_cli import settings

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from tests.paper.conftest import Desk

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
PATIENCE = 8
"""Seconds that whoever stops a container waits before he kills it."""

MISSED = 600
DEAF = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)" + PROGRAM
"""The program as `nohup` starts it."""

STRUCK = (
    """
import os, signal
from trader_cli.feeds import venue
made = venue.VenueFeed.__init__
def struck(self, *arguments, **options):
    made(self, *arguments, **options)
    os.kill(os.getpid(), int(os.environ["STRUCK_BY"]))
venue.VenueFeed.__init__ = struck
"""
    + PROGRAM
)
"""The program, which gets a signal when its session has begun in the journal and does not run yet."""

BEATING = "from trader_cli.journal import store; store.SECONDS_A_BEAT = 0.5" + PROGRAM
"""The program, which gives signs of life more often than it does in earnest."""

SLEEPER = """
import asyncio
from datetime import timedelta
from trader_cli.feeds.wall import WallClock
clock = WallClock()
async def meanwhile():
    print("waiting", flush=True)
asyncio.run(clock.reach(clock.now() + timedelta(seconds=4), meanwhile))
print(clock.oddities())
"""
"""A wait on the clock that sessions wait on."""


def until(is_so: Callable[[], bool]) -> None:
    """Waits, long enough for the slowest of machines."""
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def waiting(desk: Desk, process: subprocess.Popen[str]) -> None:
    """Until it waits for the next close."""
    heard(process, "cycle")


def hanging(desk: Desk, process: subprocess.Popen[str]) -> None:
    """Until it waits for a venue that does not answer."""
    heard(process, "cycle")
    desk.venue.asked.clear()
    desk.venue.hanging.add("BTC/USD")
    desk.venue.close_of(FIRST + MISSED + 1)
    until(lambda: bool(desk.venue.asked))


def beginning(desk: Desk, process: subprocess.Popen[str]) -> None:
    """Until it waits for its history."""
    desk.venue.hanging.add("BTC/USD")
    until(lambda: bool(desk.venue.asked))


def catching_up(desk: Desk, process: subprocess.Popen[str]) -> None:
    """Until it has made up for the first of many bars."""
    heard(process, "cycle")


MOMENTS = (waiting, hanging, catching_up, beginning)


def is_ended() -> bool:
    """Whether the last session of the journal is over, as it says."""
    (ended, ending), *_ = asked(settings.journal_path(), "SELECT ended_at, ending FROM sessions ORDER BY id DESC")
    return ended is not None and ending == "stopped"


@pytest.mark.parametrize(
    ("moment", "number"),
    [*((moment, signal.SIGTERM) for moment in MOMENTS), (waiting, signal.SIGINT), (hanging, signal.SIGHUP)],
    ids=lambda each: each.__name__ if callable(each) else each.name,
)
def test_f083_f085_a_signal_ends_it_at_any_moment_and_the_journal_says_so(
    moment: Callable[[Desk, subprocess.Popen[str]], None], number: signal.Signals, desk: Desk
) -> None:
    desk.variant()
    if moment is catching_up:
        assert desk.once().code == 0
    desk.venue.close_of(FIRST + MISSED)
    desk.venue.asked.clear()
    with started(desk, "paper", "sandy", "--json") as process:
        moment(desk, process)
        process.send_signal(number)
        told = events_of(process)
        assert process.wait(timeout=PATIENCE) == CODES[number]
        assert process.communicate()[1] == ""
    assert told[-1]["event"] == "end"
    assert told[-1]["cycles"] < MISSED, "it has not waited for the end of the work"
    assert is_ended()


@pytest.mark.parametrize("moment", [waiting, hanging])
def test_f084_whoever_asks_again_and_again_does_no_harm(
    moment: Callable[[Desk, subprocess.Popen[str]], None], desk: Desk
) -> None:
    desk.variant()
    with started(desk, "paper", "sandy", "--json") as process:
        moment(desk, process)
        for number in (signal.SIGINT, *[signal.SIGINT, signal.SIGTERM] * 10):
            process.send_signal(number)
            time.sleep(0.01)
        assert events_of(process)[-1]["event"] == "end"
        assert process.wait(timeout=PATIENCE) == 130
        assert process.communicate()[1] == ""
    assert is_ended()


@pytest.mark.parametrize("number", CODES, ids=lambda number: number.name)
def test_f083_a_signal_before_the_first_bar_leaves_no_session_open(number: signal.Signals, desk: Desk) -> None:
    desk.variant()
    with started(desk, "paper", "sandy", "--json", program=STRUCK, STRUCK_BY=str(int(number))) as process:
        assert process.wait(timeout=60) == CODES[number]
        assert process.communicate() == ("", "")
    assert is_ended()
    assert not desk.venue.asked


def test_f085_what_its_starter_has_it_ignore_does_not_stop_it(desk: Desk) -> None:
    desk.variant()
    with started(desk, "paper", "sandy", "--json", program=DEAF) as process:
        heard(process, "cycle")
        process.send_signal(signal.SIGHUP)
        desk.venue.close_of(FIRST + 1)
        heard(process, "cycle")
        process.send_signal(signal.SIGTERM)
        events_of(process)
        assert process.wait(timeout=PATIENCE) == 143


@pytest.mark.parametrize("names", [["sandy"], ["sandy", "sally"]], ids=["alone", "together"])
def test_f085_a_reader_that_leaves_ends_it_quietly(names: list[str], desk: Desk) -> None:
    with started(desk, "paper", *(desk.variant(name) for name in names), "--json") as process:
        for _ in names:
            heard(process, "cycle")
        stream(process).close()
        desk.venue.close_of(FIRST + 1)
        assert process.wait(timeout=60) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert is_ended()


def test_f096_f070_one_that_was_stopped_is_told_of_and_goes_on_when_it_wakes(desk: Desk) -> None:
    def code() -> int:
        return desk.trader("status", "sandy", "--max-age", 3).code

    desk.variant()
    with started(desk, "paper", "sandy", "--json", program=BEATING) as process:
        heard(process, "cycle")
        time.sleep(3.5)
        until(lambda: code() == 0)
        process.send_signal(signal.SIGSTOP)
        time.sleep(4.5)
        assert code() == 5
        desk.venue.close_of(FIRST + 3)
        process.send_signal(signal.SIGCONT)
        said = [heard(process, "warning", "cycle") for _ in range(4)]
        until(lambda: code() == 0)
    assert [event["event"] for event in said] == ["warning", "cycle", "cycle", "cycle"]
    assert "2 bars came late" in said[0]["message"]


def test_f070_a_wait_on_the_wall_that_was_stopped_is_noticed(desk: Desk) -> None:
    with started(desk, program=SLEEPER) as process:
        assert stream(process).readline() == "waiting\n"
        time.sleep(0.2)  # into the next slice of its wait
        process.send_signal(signal.SIGSTOP)
        time.sleep(7)
        process.send_signal(signal.SIGCONT)
        assert "this process stood still for " in stream(process).read()
        assert process.wait() == 0


def test_a_halt_is_heard_within_a_second_while_it_waits(desk: Desk) -> None:
    desk.variant()
    spans = []
    with started(desk, "paper", "sandy", "--json") as process:
        heard(process, "cycle")
        for _ in range(3):
            begun = time.monotonic()
            assert desk.trader("halt", "sandy").code == 0
            heard(process, "halt")
            spans.append(time.monotonic() - begun)
            assert desk.trader("resume", "sandy").code == 0
            heard(process, "warning", "halt")
    assert min(spans) < 1, "the best of three: the machine may be busy with something else"
