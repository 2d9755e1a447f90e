"""Contracts on a venue: what they pay and where they are liquidated is what the backtest says of the same past."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.feeds.trading import MINUTE, Trader, collected, started, strategy, terms_for, walk
from tests.feeds.venue import RecordedVenue
from trader_cli.backtest.run import backtest
from trader_cli.data.candles import Candles
from trader_cli.data.funding import Settlements, funding_due
from trader_cli.data.times import HOUR
from trader_cli.domain.cycle import Cycle, Trouble
from trader_cli.domain.market import Market
from trader_cli.domain.timeframe import TradingHours
from trader_cli.feeds.contracts import Contracts
from trader_cli.feeds.replay import ReplayClock
from trader_cli.feeds.sharing import SharedMarket
from trader_cli.feeds.venue import VenueFeed

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars
    from trader_cli.domain.cycle import Moment
    from trader_cli.rules.terms import Terms

SECOND = MINUTE // 60
SERIES = walk(900, "BTC_USD_PERP", seed=5)
FIRST = int(SERIES.open_time[0])
HOURS = np.arange(FIRST // HOUR * HOUR - 30 * HOUR, FIRST + 900 * MINUTE, HOUR)
RATES = Candles(HOURS, np.random.default_rng(3).normal(0, 2e-3, (1, len(HOURS))))


def marks_of(bars: Bars, seed: int = 9) -> Bars:
    """Mark prices that go their own way beside the bars', and now and then far away for a moment."""
    random = np.random.default_rng(seed)
    off = 1 + random.normal(0, 1e-3, len(bars))
    opened, close = bars.open * off, bars.close * off
    far = np.where(random.random(len(bars)) < 0.02, 0.04, 0.002)
    return replace(
        bars,
        open=opened,
        high=np.maximum(opened, close) * (1 + far),
        low=np.minimum(opened, close) * (1 - far),
        close=close,
        volume=np.zeros(len(bars)),
    )


MARKS = marks_of(SERIES)


def levered() -> Terms:
    """A margined account that is liquidated now and then, before its stop."""
    plain = terms_for([SERIES.symbol], stop_loss=0.02, take_profit=0.02, trailing_stop=0.0, max_daily_loss=1.0)
    return replace(plain, leverage=30, is_margined=True)


def due(marks: tuple[Bars, ...]) -> np.ndarray:  # type: ignore[type-arg]
    return funding_due(SERIES, marks, Settlements(RATES.open_time, RATES.values[0], HOUR))


@pytest.mark.parametrize("has_marks", [True, False])
@pytest.mark.parametrize("is_shared", [True, False])
def test_a_contract_on_a_venue_pays_and_is_liquidated_as_in_the_backtest(has_marks: bool, is_shared: bool) -> None:
    marks = (MARKS,) if has_marks else ()
    history = 120
    begins = FIRST + history * MINUTE
    market = Market(SERIES, MARKS if has_marks else None, due(marks))
    params: dict[str, Any] = {"threshold_buy": 0.3, "threshold_sell": -0.3, "volatility_filter": 10.0}
    fast = backtest([market], strategy(**params), levered(), start=begins)

    async def run() -> Trader:
        clock = ReplayClock()
        venue = RecordedVenue([SERIES], clock)
        venue.settled[SERIES.symbol] = RATES, 0
        if has_marks:
            venue.marked[SERIES.symbol] = MARKS
        shown = SharedMarket(venue, clock, TradingHours.CONTINUOUS) if is_shared else venue
        options = {"contracts": Contracts(shown, None)}
        trader = Trader(shown, clock, [SERIES], strategy(**params), levered(), options=options)
        await started(clock, begins + MINUTE)
        await trader.run(len(fast.equity))
        return trader

    slow = asyncio.run(run())
    assert sum(trade.funding != 0 for trade in fast.trades) > 3
    assert any(trade.exit_reason == "liquidation" for trade in fast.trades) == has_marks
    assert slow.warnings == []
    assert tuple(slow.journal.trades) == fast.trades
    np.testing.assert_array_equal(slow.journal.equity, fast.equity)


def told(lag: int, declared: float | None = None, settled: Candles | None = RATES) -> list[Moment]:
    """What a feed tells of the minutes around a full hour, where funding is known only so much (ns) later."""

    async def run() -> list[Moment]:
        clock = ReplayClock()
        venue = RecordedVenue([SERIES], clock)
        if settled is not None:
            venue.settled[SERIES.symbol] = settled, lag
        hour = (FIRST + 120 * MINUTE) // HOUR * HOUR
        await started(clock, hour - 2 * MINUTE)
        options: dict[str, Any] = {"contracts": Contracts(venue, declared)}
        feed = VenueFeed(venue, [SERIES.symbol], SERIES.timeframe, SERIES.hours, clock, **options)
        await feed.history(SERIES.symbol, 10)
        return await collected(feed, clock, hour + 6 * MINUTE)

    return asyncio.run(run())


def paid(moments: list[Moment]) -> dict[int, tuple[float, bool]]:
    """Funding and lateness of each bar, by the minutes after the full hour at which it opens."""
    hour = (FIRST + 120 * MINUTE) // HOUR * HOUR
    return {
        (each.open_time - hour) // MINUTE: (each.bars[SERIES.symbol].funding_due, each.is_late)
        for each in moments
        if isinstance(each, Cycle)
    }


def test_funding_is_owed_by_the_bar_that_opens_as_it_is_settled_and_by_no_other() -> None:
    found = paid(told(lag=0))
    assert found[0][0] == pytest.approx(due(())[SERIES.open_time.searchsorted((FIRST + 120 * MINUTE) // HOUR * HOUR)])
    assert [minute for minute, (funding, _) in found.items() if funding] == [0]
    assert not any(is_late for _, is_late in found.values())


def test_f040_a_settlement_that_is_not_known_yet_is_waited_for_and_never_taken_for_zero() -> None:
    """Until the venue has told it, no bar that may owe it is told; then they come late, and nothing is decided."""
    moments = told(lag=150 * SECOND)
    found = paid(moments)
    assert found[0][1]
    assert found[0][0] == pytest.approx(paid(told(lag=0))[0][0])
    troubles = [each.message for each in moments if isinstance(each, Trouble)]
    assert len(troubles) == 2
    assert all("funding settled since" in each for each in troubles)
    assert sorted(found) == list(range(min(found), max(found) + 1))


def test_a_declared_rate_stands_in_where_the_venue_tells_none() -> None:
    noon = (FIRST + 120 * MINUTE) // HOUR
    found = paid(told(lag=0, declared=0.001, settled=None))
    assert (found[0][0] != 0) == (noon % 8 == 0)


def test_without_any_rate_nothing_is_told_once_one_may_be_due() -> None:
    moments = told(lag=0, settled=None)
    assert max(paid(moments)) < 0
    assert any(isinstance(each, Trouble) and "costs.funding_rate" in each.message for each in moments)


def test_who_asks_a_moment_later_for_more_rates_is_not_given_the_fewer_of_before() -> None:
    async def run() -> tuple[int, int]:
        clock = ReplayClock()
        venue = RecordedVenue([SERIES], clock)
        venue.settled[SERIES.symbol] = RATES, 0
        await started(clock, int(HOURS[-1]))
        shared = SharedMarket(venue, clock, TradingHours.CONTINUOUS)
        few, more = [await shared.rates(SERIES.symbol, int(HOURS[0]), int(HOURS[end])) for end in (5, 9)]
        assert few is not None
        assert more is not None
        return len(few), len(more)

    assert asyncio.run(run()) == (6, 10)
