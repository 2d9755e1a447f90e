"""A replay's clock: the market's own time, as much faster as was asked for."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import monotonic

from trader_cli.domain.clock import parse
from trader_cli.feeds.replay import ReplayClock

OPENS = parse("2024-01-01")
HOUR = timedelta(hours=1)
AS_FAST_AS_IT_CAN = 0.1
"""Seconds: far more than it takes."""


def waited(speed: float | None) -> float:
    """How long the second of two hours takes, in seconds."""

    async def reach() -> float:
        clock = ReplayClock(speed)
        await clock.reach(OPENS)
        begun = monotonic()
        await clock.reach(OPENS + HOUR)
        assert clock.now() == OPENS + HOUR
        return monotonic() - begun

    return asyncio.run(reach())


def test_a_clock_with_a_speed_takes_the_markets_time_divided_by_it_and_one_without_takes_none() -> None:
    assert 0.2 <= waited(18_000) < 1.2
    assert waited(None) < AS_FAST_AS_IT_CAN


def test_a_clock_begins_at_once_and_never_goes_back() -> None:
    async def reach() -> None:
        clock = ReplayClock(1.0)
        await asyncio.wait_for(clock.reach(OPENS), 1)
        await asyncio.wait_for(clock.reach(OPENS - HOUR), 1)
        assert clock.now() == OPENS

    asyncio.run(reach())
