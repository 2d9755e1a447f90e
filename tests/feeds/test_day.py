"""A day on a venue is the day of the backtest, trade for trade and equity for equity."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.feeds.trading import MINUTE, Trader, started, strategy, terms_for
from tests.feeds.venue import RecordedVenue, rows
from trader_cli.backtest.run import backtest
from trader_cli.data.reading import load_bars
from trader_cli.domain.bars import Bars
from trader_cli.domain.clock import parse, to_nanoseconds
from trader_cli.domain.market import Market
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.feeds.replay import ReplayClock

if TYPE_CHECKING:
    from pathlib import Path

MINUTES = 1440
HISTORY = 300
FILES = (
    "binance/BTC_USDT-1m-202506.parquet",
    "binance/ETH_USDT-1m-202506.parquet",
    "binance-usdm/BTC_USDT_USDT-1m.parquet",
    "binance-usdm/SOL_USDT_USDT-1m.parquet",
    "binance-usdm/ADA_USDT_USDT-1m.parquet",
)


def real_day(folder: Path) -> list[Bars]:
    """Five markets on the day before and the day of a fall of 4 %, by the minute."""
    first = to_nanoseconds(parse("2025-06-12T18:00:00Z"))
    last = first + (MINUTES + HISTORY) * MINUTE
    found = []
    for file in FILES:
        bars = load_bars(folder / "repo" / file, file.split("/")[1], Timeframe.M1, TradingHours.CONTINUOUS).bars
        found.append(rows(bars, (bars.open_time >= first) & (bars.open_time < last)))
    return found


def made_day(root: Path) -> list[Bars]:
    """Five stretches of the trap series, as if they had happened at once; single bars are missing."""
    path = root / "tests" / "golden" / "traps-1m.parquet"
    trap = load_bars(path, "TRAPUSDT", Timeframe.M1, TradingHours.CONTINUOUS).bars
    count = MINUTES + HISTORY
    found = []
    for place in range(5):
        part = trap.slice(place * 3000, place * 3000 + count)
        there = np.arange(count) % (20 + place) != 7 if place else np.full(count, fill_value=True)
        bars = Bars(f"COIN{place}", trap.timeframe, trap.hours, trap.open_time[:count], part.open, part.high, part.low,
                    part.close, part.volume, trap.session[:count])  # fmt: skip
        found.append(rows(bars, there))
    return found


LARGER = os.environ.get("TRADER_TEST_DATA")


@pytest.fixture(params=["made", "real"] if LARGER else ["made"])
def day(request: pytest.FixtureRequest, root: Path, real_data: Path) -> list[Bars]:
    """Five markets by the minute; real ones, too, where the larger data is there."""
    return real_day(real_data) if request.param == "real" else made_day(root)


@pytest.mark.parametrize("name", ["momentum", "rsi"])
def test_a_day_on_a_venue_is_the_day_of_the_backtest(day: list[Bars], name: str) -> None:
    begins = int(day[0].open_time[0]) + HISTORY * MINUTE
    terms = terms_for([bars.symbol for bars in day])
    params = {"threshold_buy": 0.3, "threshold_sell": -0.3} if name == "momentum" else {}
    fast = backtest([Market(bars) for bars in day], strategy(name, **params), terms, start=begins)

    async def run() -> Trader:
        clock = ReplayClock()
        trader = Trader(RecordedVenue(day, clock), clock, day, strategy(name, **params), terms)
        await started(clock, begins + MINUTE)
        await trader.run(len(fast.equity))
        return trader

    slow = asyncio.run(run())
    assert len(fast.trades) > 20
    assert slow.warnings == []
    assert tuple(slow.journal.trades) == fast.trades
    np.testing.assert_array_equal(slow.journal.equity, fast.equity)
    assert slow.journal.refusals == fast.refusals
    assert tuple(slow.journal.halts) == fast.halts
