"""Two weeks over a change of the clocks and over a half day: each bar at its session's close, none lost, none twice."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from exchange_calendars import get_calendar
from freezegun import freeze_time

from tests.feeds.trading import Trader, collected, started, strategy, terms_for, walk_at
from tests.feeds.venue import RecordedVenue
from trader_cli.backtest.run import backtest
from trader_cli.data.reading import load_bars
from trader_cli.domain.clock import from_nanoseconds, parse, to_nanoseconds
from trader_cli.domain.cycle import Cycle, Settled
from trader_cli.domain.market import Market
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.feeds import wall
from trader_cli.feeds.replay import ReplayClock
from trader_cli.feeds.venue import SETTLING, VenueFeed
from trader_cli.feeds.wall import WallClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trader_cli.domain.bars import Bars
    from trader_cli.domain.cycle import Moment

FORTNIGHTS = {
    "summer time ends": ("2025-10-27", "2025-11-07"),
    "summer time begins": ("2026-03-02", "2026-03-13"),
    "a holiday and a half day": ("2025-11-24", "2025-12-05"),
}
LARGER = os.environ.get("TRADER_TEST_DATA")
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture(params=["UTC", "Asia/Kolkata", "America/New_York"], autouse=True)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The machine stands somewhere."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def bars_by_the_calendar(first: str, last: str, timeframe: Timeframe, hours: TradingHours) -> list[tuple[int, int]]:
    """When each bar opens and closes (ns), as the exchange's calendar has it."""
    sessions = get_calendar("XNYS").schedule.loc[first:last]
    found = []
    for day, session in sessions.iterrows():
        if hours is TradingHours.EXTENDED:
            opens, closes = (pd.Timestamp(day.year, day.month, day.day, hour, tz=NEW_YORK) for hour in (4, 20))
        else:
            opens, closes = session["open"], session["close"]
        if timeframe is Timeframe.D1:
            found.append((day.value, closes.value))
        else:
            starts = pd.date_range(opens, closes, freq=pd.Timedelta(timeframe.duration), inclusive="left")
            found += [(start.value, min(start.value + timeframe.nanoseconds, closes.value)) for start in starts]
    return found


def around_the_clock(first: str, last: str, timeframe: Timeframe) -> list[tuple[int, int]]:
    starts = pd.date_range(first, last, freq=pd.Timedelta(timeframe.duration), tz="UTC")
    return [(start.value, start.value + timeframe.nanoseconds) for start in starts]


def told_by(bars: Bars, closes: list[int]) -> list[Moment]:
    """What a feed tells of all these bars, the first of them history."""

    async def run() -> list[Moment]:
        clock = ReplayClock()
        await started(clock, closes[1])
        venue = RecordedVenue([bars], clock)
        feed = VenueFeed(venue, [bars.symbol], bars.timeframe, bars.hours, clock, poll_seconds=3600)
        await feed.history(bars.symbol, 5)
        return await collected(feed, clock, closes[-1])

    return asyncio.run(run())


@pytest.mark.parametrize("fortnight", FORTNIGHTS)
@pytest.mark.parametrize(
    ("timeframe", "hours"),
    [
        (Timeframe.M15, TradingHours.REGULAR),
        (Timeframe.H1, TradingHours.REGULAR),
        (Timeframe.D1, TradingHours.REGULAR),
        (Timeframe.H1, TradingHours.EXTENDED),
        (Timeframe.H1, TradingHours.CONTINUOUS),
    ],
)
def test_f065_f066_f067_each_bar_is_told_once_when_its_session_says_so(
    fortnight: str, timeframe: Timeframe, hours: TradingHours
) -> None:
    first, last = FORTNIGHTS[fortnight]
    if hours is TradingHours.CONTINUOUS:
        expected = around_the_clock(first, last, timeframe)
    else:
        expected = bars_by_the_calendar(first, last, timeframe, hours)
    assert len(expected) >= 9
    bars = walk_at([opens for opens, _ in expected], "AAPL", timeframe=timeframe, hours=hours)
    told = told_by(bars, [closes for _, closes in expected])
    cycles = [moment for moment in told if isinstance(moment, Cycle)]
    assert [(cycle.open_time, to_nanoseconds(cycle.closed_at)) for cycle in cycles] == expected[1:]
    assert not any(cycle.is_late for cycle in cycles)
    settled = [moment.time for moment in told if isinstance(moment, Settled)]
    assert settled == [cycle.closed_at + SETTLING for cycle in cycles]


@pytest.mark.parametrize("fortnight", FORTNIGHTS)
@pytest.mark.parametrize("kind", ["made", "real"] if LARGER else ["made"])
def test_f065_f067_a_fortnight_on_a_venue_is_that_of_the_backtest(fortnight: str, kind: str, real_data: Path) -> None:
    first, last = FORTNIGHTS[fortnight]
    times = [opens for opens, _ in bars_by_the_calendar(first, last, Timeframe.M15, TradingHours.REGULAR)]
    symbols = ("AAPL", "MSFT", "TSLA")
    if kind == "real" and not fortnight.endswith("begins"):  # whose second week the data lacks
        series = [real(real_data, symbol, times) for symbol in symbols]
    else:
        series = [
            walk_at(times, symbol, timeframe=Timeframe.M15, hours=TradingHours.REGULAR, seed=seed)
            for seed, symbol in enumerate(symbols)
        ]
    terms, eager = terms_for(symbols), strategy(threshold_buy=0.3, threshold_sell=-0.3)
    begins = times[40]
    fast = backtest([Market(bars) for bars in series], eager, terms, start=begins)

    async def run() -> Trader:
        clock = ReplayClock()
        trader = Trader(RecordedVenue(series, clock), clock, series, eager, terms)
        await started(clock, begins + Timeframe.M15.nanoseconds)
        await trader.run(len(fast.equity))
        return trader

    slow = asyncio.run(run())
    assert len(fast.trades) > 5
    assert tuple(slow.journal.trades) == fast.trades
    np.testing.assert_array_equal(slow.journal.equity, fast.equity)


def real(folder: Path, symbol: str, times: list[int]) -> Bars:
    path = folder / "repo" / "us-stocks" / f"{symbol}-5m.parquet"
    bars = load_bars(path, symbol, Timeframe.M15, TradingHours.REGULAR).bars
    return bars.slice(int(bars.open_time.searchsorted(times[0])), int(bars.open_time.searchsorted(times[-1], "right")))


@pytest.mark.parametrize(
    ("begins", "closes"),
    [
        # Friday's last hour, then Monday's first: New York has gone from UTC-4 to UTC-5, and back
        ("2025-10-31T19:55:00Z", ["2025-10-31T20:00:00Z", "2025-11-03T15:30:00Z", "2025-11-03T16:30:00Z"]),
        ("2026-03-06T20:55:00Z", ["2026-03-06T21:00:00Z", "2026-03-09T14:30:00Z", "2026-03-09T15:30:00Z"]),
        # Thanksgiving, and the Friday after it, which ends at 13:00
        ("2025-11-26T20:55:00Z", ["2025-11-26T21:00:00Z", "2025-11-28T15:30:00Z", "2025-11-28T16:30:00Z"]),
        ("2025-11-28T17:35:00Z", ["2025-11-28T18:00:00Z", "2025-12-01T15:30:00Z"]),
    ],
)
def test_f065_f066_f067_on_a_wall_clock_too(begins: str, closes: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The wall's clock and one that is never set go on together with each sleep, ten minutes at most."""
    monkeypatch.setattr(wall, "SLICE", 600.0)
    steady = [0.0]
    monkeypatch.setattr(wall, "monotonic", lambda: steady[0])
    expected = bars_by_the_calendar("2025-10-01", "2026-03-31", Timeframe.H1, TradingHours.REGULAR)
    bars = walk_at([opens for opens, _ in expected], "AAPL", timeframe=Timeframe.H1, hours=TradingHours.REGULAR)

    async def run() -> list[Moment]:
        clock = WallClock()
        feed = VenueFeed(RecordedVenue([bars], clock), ["AAPL"], Timeframe.H1, TradingHours.REGULAR, clock)
        await feed.history("AAPL", 5)
        return await collected(feed, clock, to_nanoseconds(parse(closes[-1])))

    with freeze_time(begins, real_asyncio=True) as frozen:

        async def sleep(seconds: float) -> None:
            frozen.tick(seconds)
            steady[0] += seconds

        monkeypatch.setattr(asyncio, "sleep", sleep)
        told = asyncio.run(run())
    times = [moment.closed_at for moment in told if isinstance(moment, Cycle)]
    assert times[1:] == [parse(each) for each in closes]
    assert times[0] < parse(begins)
    assert {type(moment) for moment in told} == {Cycle, Settled}


def test_the_calendar_is_the_exchanges() -> None:
    """So that the oracle itself is seen to know the half day and both changes of the clocks."""
    edges = dict(bars_by_the_calendar("2025-11-24", "2025-12-05", Timeframe.D1, TradingHours.REGULAR))
    closes = [from_nanoseconds(closed) for closed in edges.values()]
    assert datetime(2025, 11, 28, 18, tzinfo=UTC) in closes
    assert len(closes) == 9
    for first, hour in (("2025-10-31", 20), ("2025-11-03", 21), ("2026-03-06", 21), ("2026-03-09", 20)):
        ((_, closed),) = bars_by_the_calendar(first, first, Timeframe.D1, TradingHours.REGULAR)
        assert from_nanoseconds(closed).hour == hour
