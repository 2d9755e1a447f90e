"""A venue's short memory is made up for by what was fetched; where both are too short nothing is decided."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.feeds.trading import BEGINS, MINUTE, started, walk
from tests.feeds.venue import RecordedVenue, rows
from trader_cli.errors import WarmupUnavailable
from trader_cli.feeds.replay import ReplayClock
from trader_cli.feeds.stocked import Stock, completed
from trader_cli.feeds.venue import VenueFeed

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars

WHOLE = walk(300)
TOLD = WHOLE.slice(200, 300)


def assert_same(found: Bars, expected: Bars) -> None:
    for column in ("open_time", "open", "high", "low", "close", "volume", "session"):
        np.testing.assert_array_equal(getattr(found, column), getattr(expected, column))


@pytest.mark.parametrize("end", [200, 201, 250, 300])
def test_what_was_kept_leads_up_to_what_is_told(end: int) -> None:
    assert_same(completed(TOLD, WHOLE.slice(0, end), 250), WHOLE.slice(50, 300))


def test_no_more_is_taken_than_is_wanted_and_there() -> None:
    assert_same(completed(TOLD, WHOLE.slice(0, 200), 1000), WHOLE)
    assert_same(completed(TOLD, WHOLE, 100), TOLD)


def test_f048_across_a_gap_nothing_is_taken() -> None:
    assert_same(completed(TOLD, WHOLE.slice(0, 199), 250), TOLD)


def test_another_series_is_not_mixed_in() -> None:
    """Where both know a bar and say otherwise of it they are not of one market: adjusted, or of another venue."""
    assert_same(completed(TOLD, walk(300, seed=8), 250), TOLD)


def history(stock: Stock, *, memory: int, wanted: int = 120) -> Bars:
    """What a feed gives a session of a venue that remembers so many bars."""

    async def run() -> Bars:
        clock = ReplayClock()
        await started(clock, BEGINS + 250 * MINUTE)
        venue = RecordedVenue([WHOLE], clock, most=memory)
        feed = VenueFeed(venue, [WHOLE.symbol], WHOLE.timeframe, WHOLE.hours, clock, past=stock)
        return await feed.history(WHOLE.symbol, wanted)

    return asyncio.run(run())


def test_a_feed_completes_a_short_memory_from_the_data_folder() -> None:
    kept = WHOLE.slice(0, 230)
    found = history(Stock(100, {WHOLE.symbol: kept}.get), memory=50)
    assert_same(found, WHOLE.slice(249 - 120, 249))


def test_too_little_to_begin_with_is_refused_by_name() -> None:
    with pytest.raises(WarmupUnavailable, match=r"BTC/USD has 48 bars of 1m, 100 are needed .*`trader data fetch`"):
        history(Stock(100), memory=50)
    assert len(history(Stock(48), memory=50)) == 48


def test_what_is_kept_is_not_read_where_the_venue_remembers_enough() -> None:
    def read(symbol: str) -> Bars | None:
        raise AssertionError(symbol)

    assert len(history(Stock(100, read), memory=200)) == 120


def test_a_hole_in_the_middle_of_what_is_kept_is_no_reason_to_refuse_it() -> None:
    kept = rows(WHOLE, np.flatnonzero(np.arange(300) != 150))
    assert len(completed(TOLD, kept, 250)) == 250
