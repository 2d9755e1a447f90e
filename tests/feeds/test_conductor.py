"""Several replays in one process go on in the order of their markets' time, whoever they are."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trader_cli.domain.clock import EPOCH
from trader_cli.feeds.conductor import Conductor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trader_cli.feeds.conductor import ConductedClock

SECOND = timedelta(seconds=1)
TIMES = st.lists(st.lists(st.integers(0, 12), max_size=8).map(sorted), min_size=1, max_size=6)


async def part(clock: ConductedClock, times: Sequence[int], seen: list[tuple[datetime, int]], rank: int) -> None:
    with clock:
        for time in times:
            await clock.reach(EPOCH + time * SECOND)
            assert clock.now() == EPOCH + time * SECOND
            seen.append((clock.now(), rank))


async def conducted(scripts: Sequence[Sequence[int]]) -> list[tuple[datetime, int]]:
    conductor, seen = Conductor(), list[tuple["datetime", int]]()
    clocks = [conductor.clock() for _ in scripts]
    parts = [part(clock, times, seen, rank) for rank, (clock, times) in enumerate(zip(clocks, scripts, strict=True))]
    await asyncio.wait_for(asyncio.gather(*reversed(parts)), 20)
    return seen


@given(TIMES)
@settings(max_examples=200)
def test_participants_go_on_in_the_order_of_time_and_then_of_joining(scripts: list[list[int]]) -> None:
    expected = sorted((EPOCH + time * SECOND, rank) for rank, times in enumerate(scripts) for time in times)
    assert asyncio.run(conducted(scripts)) == expected


@given(TIMES, st.data())
@settings(max_examples=150)
def test_a_participant_that_fails_or_is_stopped_holds_nobody_up(scripts: list[list[int]], data: st.DataObject) -> None:
    """One breaks down after a few steps, one is cancelled from outside: the others see what they would have seen."""
    broken = data.draw(st.integers(0, len(scripts) - 1))
    steps = data.draw(st.integers(0, len(scripts[broken])))
    turns = data.draw(st.integers(0, 40))

    async def run() -> tuple[list[tuple[datetime, int]], bool]:
        conductor, seen = Conductor(), list[tuple["datetime", int]]()
        clocks = [conductor.clock() for _ in scripts]
        endless = conductor.clock()

        async def failing() -> None:
            await part(clocks[broken], scripts[broken][:steps], seen, broken)
            raise RuntimeError

        async def stopped() -> None:
            await part(endless, range(10**6), [], -1)

        parts = [
            failing() if rank == broken else part(clocks[rank], times, seen, rank) for rank, times in enumerate(scripts)
        ]
        victim = asyncio.ensure_future(stopped())
        victim.add_done_callback(
            lambda _: endless.leave()
        )  # one that is stopped before it begins leaves nothing itself
        others = asyncio.gather(*parts, return_exceptions=True)
        for _ in range(turns):
            await asyncio.sleep(0)
        victim.cancel()
        await asyncio.wait_for(others, 20)
        await asyncio.gather(victim, return_exceptions=True)
        return seen, victim.cancelled()

    seen, was_cancelled = asyncio.run(run())
    assert was_cancelled
    scripts[broken] = scripts[broken][:steps]
    assert sorted(seen) == sorted((EPOCH + time * SECOND, rank) for rank, times in enumerate(scripts) for time in times)
    assert [time for time, _ in seen] == sorted(time for time, _ in seen)


def test_who_waits_for_something_else_is_not_overtaken() -> None:
    """A participant that reads from a disk or a network is busy, not waiting."""

    async def run() -> list[str]:
        conductor, seen = Conductor(), list[str]()
        slow, fast = conductor.clock(), conductor.clock()

        async def reads() -> None:
            with slow:
                await slow.reach(EPOCH + SECOND)
                await asyncio.sleep(0.05)
                seen.append("slow")

        async def hurries() -> None:
            with fast:
                await fast.reach(EPOCH + 2 * SECOND)
                seen.append("fast")

        await asyncio.gather(hurries(), reads())
        return seen

    assert asyncio.run(run()) == ["slow", "fast"]


def test_with_a_speed_the_markets_time_divided_by_it_passes_and_everybody_looks_up_meanwhile() -> None:
    async def run() -> tuple[float, int]:
        conductor, looks = Conductor(3600), list[int]()
        clocks = [conductor.clock() for _ in range(2)]

        async def meanwhile() -> None:
            looks.append(1)

        async def waits(clock: ConductedClock, hours: int) -> None:
            with clock:
                for hour in range(hours + 1):
                    await clock.reach(EPOCH + timedelta(days=1, hours=hour), meanwhile)

        begun = monotonic()
        await asyncio.gather(*(waits(clock, 1) for clock in clocks))
        return monotonic() - begun, len(looks)

    took, looks = asyncio.run(run())
    assert 0.95 <= took < 3
    assert looks >= 2


def test_a_clock_never_goes_back_and_may_be_left_twice() -> None:
    async def run() -> None:
        clock = Conductor().clock()
        await clock.reach(EPOCH + SECOND)
        await clock.reach(EPOCH)
        assert clock.now() == EPOCH + SECOND
        clock.leave()
        clock.leave()

    asyncio.run(run())


@pytest.mark.parametrize("count", [1, 8])
def test_a_wait_costs_little(count: int) -> None:
    """Aim: 30 microseconds; tests run on busy machines, so ten times as much is allowed."""
    steps = 4000
    begun = monotonic()
    asyncio.run(conducted([range(steps // count)] * count))
    assert (monotonic() - begun) / steps < 300e-6
