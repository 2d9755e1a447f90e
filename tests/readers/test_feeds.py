"""The contract of feeds, which a venue's reader and a replay of history keep alike."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.readers.cases import CASES, HISTORY, Case
from tests.readers.reading import VenueTime, bars_of, hours_of, reading
from tests.venues.core.clock import MINUTE
from trader_cli.domain.clock import to_nanoseconds
from trader_cli.domain.cycle import Cycle, Trouble, bar_at
from trader_cli.domain.market import Market
from trader_cli.domain.timeframe import Timeframe
from trader_cli.feeds.replay import ReplayClock, ReplayFeed
from trader_cli.feeds.venue import VenueFeed

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars
    from trader_cli.ports import Clock, Feed

CYCLES = 5
WANTED = 40


async def idle() -> None:
    """Nobody looks up."""


async def keeps_the_contract(feed: Feed, clock: Clock, truth: Bars) -> None:
    """`truth` ends with the bars of the first cycles."""
    history = await feed.history(truth.symbol, WANTED)
    assert len(history) == WANTED
    moments = []
    stream = feed.moments(idle)
    async for moment in stream:
        assert not isinstance(moment, Trouble)
        if isinstance(moment, Cycle):
            assert to_nanoseconds(clock.now()) >= to_nanoseconds(moment.closed_at)
            moments.append(moment)
        if len(moments) == CYCLES:
            break
    await stream.aclose()  # type: ignore[attr-defined]
    times = [moment.open_time for moment in moments]
    begins = int(truth.open_time.searchsorted(times[0]))
    for column in ("open_time", "open", "high", "low", "close", "volume", "session"):
        expected = getattr(truth, column)[begins - WANTED : begins]
        np.testing.assert_array_equal(getattr(history, column), expected, err_msg=column)
    assert times == truth.open_time[begins : begins + CYCLES].tolist()
    assert [moment.bars[truth.symbol].bar for moment in moments] == [
        bar_at(truth, row) for row in range(begins, begins + CYCLES)
    ]
    assert [to_nanoseconds(moment.closed_at) for moment in moments] == [time + MINUTE for time in times]
    assert not any(moment.is_late for moment in moments)


def test_a_venues_reader_keeps_the_contract_of_feeds(case: Case) -> None:
    async def run() -> None:
        with reading(case) as at:
            clock = VenueTime(at)
            try:
                await at.broker.open()
                feed = VenueFeed(at.broker, [case.symbol], Timeframe.M1, hours_of(case), clock)
                await keeps_the_contract(feed, clock, bars_of(case, 0, HISTORY + CYCLES))
            finally:
                await at.broker.close()

    asyncio.run(run())


@pytest.mark.parametrize("case", [CASES[0], next(case for case in CASES if case.asset_class.is_stock_like)], ids=str)
def test_a_replay_keeps_the_contract_of_feeds(case: Case) -> None:
    truth, clock = bars_of(case, 0, HISTORY + CYCLES), ReplayClock()
    feed = ReplayFeed([Market(truth)], clock, start=int(truth.open_time[HISTORY]))
    asyncio.run(keeps_the_contract(feed, clock, truth))
