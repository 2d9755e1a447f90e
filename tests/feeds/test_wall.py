"""The wall's clock on machines that sleep, stand still, and are set forward or back."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from textwrap import dedent
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time

from tests.feeds.trading import collected, walk
from tests.feeds.venue import RecordedVenue
from trader_cli.domain.clock import from_nanoseconds, parse, to_nanoseconds
from trader_cli.domain.cycle import Cycle, Notice
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.feeds import wall
from trader_cli.feeds.venue import VenueFeed
from trader_cli.feeds.wall import WallClock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from trader_cli.domain.cycle import Moment
    from trader_cli.ports import Meanwhile

BEGINS = parse("2024-03-04T10:00:30Z")

type Happening = tuple[float, float]
"""By how many seconds the wall's clock and the steady one go on beyond what was asked for."""

type Work = Callable[[WallClock, RightTime], Awaitable[object]]


class RightTime:
    """What time it really is; its minutes are our minutes but for what the wall's clock is wrong by."""

    def __init__(self, wrong: list[float]) -> None:
        self._wrong = wrong

    def now(self) -> datetime:
        return datetime.now(UTC) - timedelta(seconds=self._wrong[0])

    async def reach(self, time: datetime, meanwhile: Meanwhile | None = None) -> None:
        raise AssertionError("a venue waits for nobody")


def run(
    monkeypatch: pytest.MonkeyPatch, happenings: dict[int, Happening], work: Work, *, steps: bool = False
) -> tuple[object, list[float]]:
    """Some work on a wall clock where at the n-th sleep something happens; how long each sleep was asked for.

    With `steps` the clock is set, and wrong thereafter; else time passes.
    """
    steady, wrong, asked = [0.0], [0.0], list[float]()
    monkeypatch.setattr(wall, "monotonic", lambda: steady[0])
    with freeze_time(BEGINS, real_asyncio=True) as frozen:

        async def fake(seconds: float) -> None:
            asked.append(seconds)
            by_wall, by_steady = happenings.get(len(asked), (0.0, 0.0))
            frozen.tick(timedelta(seconds=seconds + by_wall))
            steady[0] += seconds + by_steady
            wrong[0] += by_wall - by_steady if steps else 0.0

        monkeypatch.setattr(asyncio, "sleep", fake)
        return asyncio.run(work(WallClock(), RightTime(wrong))), asked  # type: ignore[arg-type]


async def wait_a_minute(clock: WallClock, _: RightTime) -> tuple[float, list[str]]:
    """Where the clock stands after a wait of a minute, and what it noticed."""
    begun = clock.now()
    await clock.reach(begun + timedelta(minutes=1))
    return (clock.now() - begun).total_seconds(), clock.oddities()


@pytest.mark.parametrize(
    ("happening", "stands", "said"),
    [
        (None, 60, []),
        ((0.9, 0.9), 60, []),  # a busy machine
        ((180, 0), 180.5, ["the machine slept for 3 min, or its clock was set forward by as much"]),
        ((75, 75), 75.5, ["this process stood still for 75 s"]),
        ((-5, 0), -4.5, ["the machine's clock was set back by 5 s"]),
        ((-3600, 0), -3599.5, ["the machine's clock was set back by 1 h 0 min"]),
        ((5, 0), 60, ["the machine slept for 5 s, or its clock was set forward by as much"]),
        ((0.4, 0), 60, []),  # a leap second, smeared or not, is none of our business
        ((-1, 0), 60, []),
    ],
)
def test_f068_f070_sleeps_and_steps_of_the_clock_are_noticed(
    monkeypatch: pytest.MonkeyPatch, happening: Happening | None, stands: float, said: list[str]
) -> None:
    found, asked = run(monkeypatch, {} if happening is None else {1: happening}, wait_a_minute)
    assert found == (pytest.approx(stands), said)
    assert all(0 < each <= wall.SLICE for each in asked)


def test_f068_what_was_noticed_is_told_once_and_the_steady_clock_is_the_real_one() -> None:
    async def check() -> None:
        clock = WallClock()
        begun = monotonic()
        await clock.reach(clock.now() + timedelta(seconds=0.7))
        assert 0.6 < monotonic() - begun < 3
        clock._oddities.append("something")
        assert clock.oddities() == ["something"]
        assert clock.oddities() == []

    asyncio.run(check())


BARS = walk(400, begins=to_nanoseconds(parse("2024-03-04T08:00:00Z")))


def told(
    monkeypatch: pytest.MonkeyPatch, happenings: dict[int, Happening], until: str, *, steps: bool = False
) -> list[Moment]:
    """What a feed tells on such a machine; its venue keeps the right time."""

    async def work(clock: WallClock, right: RightTime) -> list[Moment]:
        venue = RecordedVenue([BARS], right)
        feed = VenueFeed(venue, ["BTC/USD"], Timeframe.M1, TradingHours.CONTINUOUS, clock)
        await feed.history("BTC/USD", 5)
        return await collected(feed, clock, to_nanoseconds(parse(until)))

    found, asked = run(monkeypatch, happenings, work, steps=steps)
    assert all(each >= 0 for each in asked)
    assert isinstance(found, list)
    return found


def cycles(found: list[Moment]) -> list[tuple[str, bool]]:
    return [
        (from_nanoseconds(moment.open_time).strftime("%H:%M"), moment.is_late)
        for moment in found
        if isinstance(moment, Cycle)
    ]


def notices(found: list[Moment]) -> list[str]:
    return [moment.message for moment in found if isinstance(moment, Notice)]


@pytest.mark.parametrize("steady", [0, 185])
def test_f070_bars_slept_through_come_late_and_people_are_told(monkeypatch: pytest.MonkeyPatch, steady: float) -> None:
    """Suspended (the steady clock stands still) or stopped (it goes on): the same to who trades."""
    found = told(monkeypatch, {20: (185, steady)}, "2024-03-04T10:05:00Z")
    assert cycles(found) == [("09:59", False), ("10:00", True), ("10:01", True), ("10:02", False),
                             ("10:03", False), ("10:04", False)]  # fmt: skip
    first, second = notices(found)
    assert "3 min" in first
    assert second.startswith("2 bars came late, 2024-03-04T10:00:00Z to 2024-03-04T10:01:00Z")


@pytest.mark.parametrize("back", [5, 70, 3600])
def test_f068_a_clock_that_is_set_back_and_right_again_tells_no_bar_twice(
    monkeypatch: pytest.MonkeyPatch, back: int
) -> None:
    found = told(monkeypatch, {100: (-back, 0), 400: (back, 0)}, "2024-03-04T10:08:00Z", steps=True)
    times = [time for time, _ in cycles(found)]
    assert times == sorted(set(times))
    assert times == [f"{9 + (59 + place) // 60:02}:{(59 + place) % 60:02}" for place in range(len(times))]
    assert times[-1] >= "10:06"
    assert any("set back" in notice for notice in notices(found))


PROGRAM = """
    import asyncio
    from datetime import timedelta
    from trader_cli.feeds import wall
    wall.SLEPT = 1.0

    async def main():
        clock = wall.WallClock()
        print("ready", flush=True)
        for _ in range(20):
            await clock.reach(clock.now() + timedelta(seconds=0.6))
            for oddity in clock.oddities():
                print(oddity, flush=True)
                return

    asyncio.run(main())
"""


def test_f070_a_process_that_was_stopped_and_goes_on_notices(tmp_path: Path) -> None:
    call = [sys.executable, "-c", dedent(PROGRAM)]
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        sleep(0.3)  # so that it waits
        os.kill(process.pid, signal.SIGSTOP)
        sleep(2.5)
        os.kill(process.pid, signal.SIGCONT)
        said = process.stdout.readline()
        process.kill()
    assert said.startswith("this process stood still for ")
