"""What a feed tells at a close, between two, and after it was away."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.feeds.trading import (
    BEGINS,
    MINUTE,
    Trader,
    collected,
    idle,
    started,
    strategy,
    terms_for,
    told_by,
    walk,
    walk_at,
)
from tests.feeds.venue import RecordedVenue, between, failing, frozen, late, missing, spoiled
from trader_cli.domain.clock import from_nanoseconds, parse, to_nanoseconds
from trader_cli.domain.cycle import Cycle, Glimpse, Notice, Settled, Trouble
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.errors import DataError, TraderError, Unavailable
from trader_cli.feeds.replay import ReplayClock
from trader_cli.feeds.venue import VenueFeed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.domain.bars import Bars
    from trader_cli.domain.cycle import Moment

BTC, ETH = walk(200, "BTC/USD"), walk(200, "ETH/USD", seed=2)
NOW = BEGINS + 60 * MINUTE
"""A close, of the bar that opened a minute before."""


def cycles(told: Sequence[Moment]) -> list[tuple[int, str, bool]]:
    """Minutes from NOW at which each cycle's bars opened, the first letters of its symbols, whether it is late."""
    return [
        ((moment.open_time - NOW) // MINUTE, "".join(symbol[0] for symbol in moment.bars), moment.is_late)
        for moment in told
        if isinstance(moment, Cycle)
    ]


def said(told: Sequence[Moment], kind: type[Trouble] | type[Notice]) -> list[str]:
    return [moment.message for moment in told if isinstance(moment, kind)]


def until(minutes: int) -> int:
    return NOW + minutes * MINUTE


def mischievous(**mischief: Any) -> Any:
    """Prepares a venue: what is wrong with BTC or ETH."""

    def prepare(venue: RecordedVenue) -> None:
        for name, each in mischief.items():
            venue.mischief[f"{name}/USD"] = [each]

    return prepare


def test_the_latest_closed_bar_comes_at_once_and_each_further_one_at_its_close() -> None:
    told, _ = told_by([BTC, ETH], NOW + 30 * 10**9, until(3))
    assert cycles(told) == [(-1, "BE", False), (0, "BE", False), (1, "BE", False), (2, "BE", False)]
    settled = [to_nanoseconds(moment.time) - NOW for moment in told if isinstance(moment, Settled)]
    assert settled[1:] == [place * MINUTE + 10**9 for place in (1, 2, 3)]
    assert settled[0] == 31 * 10**9


def test_f051_a_cycle_holds_what_the_bar_closed_at() -> None:
    told, _ = told_by([BTC], NOW, until(5))
    for moment in told:
        if isinstance(moment, Cycle):
            row = int(BTC.open_time.searchsorted(moment.open_time))
            bar = moment.bars["BTC/USD"].bar
            assert (bar.open_time, bar.close, bar.volume) == (moment.open_time, BTC.close[row], BTC.volume[row])
            assert moment.closed_at == from_nanoseconds(moment.open_time + MINUTE)


def run_once(after: int | None, seconds: int, venue_of: Any = None) -> tuple[list[Moment], float, RecordedVenue]:
    """One pass of a feed so many seconds after NOW: what it tells, how long it waits, whom it asks."""

    async def run() -> tuple[list[Moment], float, RecordedVenue]:
        clock = ReplayClock()
        venue = RecordedVenue([BTC, ETH], clock)
        if venue_of is not None:
            venue_of(venue)
        await started(clock, NOW + seconds * 10**9)
        begun = clock.now()
        feed = VenueFeed(venue, ["BTC/USD", "ETH/USD"], Timeframe.M1, TradingHours.CONTINUOUS, clock, after=after)
        told: list[Moment] = []
        stream = feed.moments(idle)
        async for moment in stream:
            told.append(moment)
            if isinstance(moment, Settled):
                break
        await stream.aclose()  # type: ignore[attr-defined]
        return told, (clock.now() - begun).total_seconds(), venue

    return asyncio.run(run())


def test_f069_a_second_run_within_a_bar_finds_nothing_new_and_does_not_wait() -> None:
    first, waited, _ = run_once(None, 5)
    assert cycles(first) == [(-1, "BE", False)]
    assert waited == 0
    second, waited, venue = run_once(NOW - MINUTE, 9)
    assert [type(moment) for moment in second] == [Settled]
    assert waited == 0
    assert len(venue.asked) == 2


def test_f069_a_second_run_does_not_wait_for_a_symbol_without_a_trade_either() -> None:
    second, waited, _ = run_once(NOW - MINUTE, 9, mischievous(ETH=missing({NOW - MINUTE})))
    assert [type(moment) for moment in second] == [Settled]
    assert waited == 0


def test_a_bar_that_comes_a_little_late_is_waited_for() -> None:
    told, _ = told_by([BTC, ETH], NOW + 10**9, until(2), mischievous(ETH=late({NOW}, 9 * 10**9)))
    assert cycles(told) == [(-1, "BE", False), (0, "BE", False), (1, "BE", False)]
    assert not said(told, Trouble)


def test_a_bar_that_comes_too_late_is_told_of_and_left_out() -> None:
    told, _ = told_by([BTC, ETH], NOW, until(4), mischievous(ETH=late({NOW}, 40 * 10**9)))
    assert cycles(told) == [(-1, "BE", False), (0, "B", False), (1, "BE", False), (2, "BE", False), (3, "BE", False)]
    assert said(told, Trouble) == ["the bar of 2024-03-04T11:00:00Z came after its time: left out"]


def test_f048_one_bar_without_a_trade_is_no_trouble() -> None:
    told, _ = told_by([BTC, ETH], NOW, until(3), mischievous(ETH=missing({NOW})))
    assert cycles(told) == [(-1, "BE", False), (0, "B", False), (1, "BE", False), (2, "BE", False)]
    assert not said(told, Trouble)
    assert not said(told, Notice)


def test_f047_a_frozen_symbol_is_told_of_at_each_close_with_its_age_and_never_as_new() -> None:
    told, _ = told_by([BTC, ETH], NOW, until(5), mischievous(ETH=frozen(NOW, until(99))))
    assert cycles(told)[1:] == [(place, "B", False) for place in range(5)]
    assert cycles(told)[0] == (-1, "BE", False)
    assert said(told, Trouble) == [
        f"no bar since 2024-03-04T10:59:00Z, {age} bars ago" for age in (2, 3, 4, 5)
    ]  # one bar ago it may have had no trade


def test_f047_a_symbol_in_trouble_delays_the_others_no_further() -> None:
    told, _ = told_by([BTC, ETH], NOW, until(6), mischievous(ETH=frozen(NOW, until(99))))
    settled = [to_nanoseconds(moment.time) - NOW for moment in told if isinstance(moment, Settled)]
    delays = [at % MINUTE // 10**9 for at in settled]
    assert delays[:3] == [1, 21, 21]
    assert set(delays[3:]) == {1}


def test_f047_stale_data_at_the_start_gives_no_cycle() -> None:
    told, _ = told_by([BTC, ETH], NOW, until(1), mischievous(ETH=frozen(NOW - 30 * MINUTE, until(99))))
    assert cycles(told)[0] == (-1, "B", False)
    assert said(told, Trouble)[0] == "no bar since 2024-03-04T10:29:00Z, 30 bars ago"


def test_f053_a_bar_that_changes_after_its_close_is_told_of_once_and_not_acted_on() -> None:
    changed = between(NOW + MINUTE + 30 * 10**9, until(99), spoiled(NOW, close=BTC.close[60] * 1.0001))
    told, _ = told_by([BTC], NOW, until(6), mischievous(BTC=changed))
    assert [place for place, _, _ in cycles(told)] == [-1, 0, 1, 2, 3, 4, 5]
    (notice,) = said(told, Notice)
    assert notice.startswith("BTC/USD: the bar of 2024-03-04T11:00:00Z was revised after its close (close ")
    closes = [moment.bars["BTC/USD"].bar.close for moment in told if isinstance(moment, Cycle)]
    assert closes == BTC.close[59:66].tolist()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (Unavailable("the venue says 503"), "the venue says 503"),
        (DataError("no such symbol"), "no such symbol"),
        (KeyError("ohlcv"), "the venue's answer broke the reader: KeyError: 'ohlcv'"),
    ],
)
def test_f058_f095_what_breaks_one_symbol_is_its_own(error: Exception, message: str) -> None:
    broken = between(NOW + MINUTE, until(4), failing(error))
    told, _ = told_by([BTC, ETH], NOW, until(5), mischievous(ETH=broken))
    assert said(told, Trouble)[:3] == [message] * 3
    assert cycles(told) == [
        *((place, "BE" if place < 0 else "B", False) for place in (-1, 0, 1, 2)),
        (3, "BE", False),
        (4, "BE", False),
    ]


def test_an_error_that_passes_within_seconds_is_no_trouble() -> None:
    broken = between(NOW + MINUTE, NOW + MINUTE + 6 * 10**9, failing())
    told, _ = told_by([BTC, ETH], NOW, until(2), mischievous(ETH=broken))
    assert cycles(told) == [(-1, "BE", False), (0, "BE", False), (1, "BE", False)]
    assert not said(told, Trouble)


def test_f076_f077_a_venue_that_hangs_is_trouble_after_the_deadline() -> None:
    async def run() -> list[str]:
        clock = ReplayClock()
        venue = RecordedVenue([BTC, ETH], clock)
        venue.hanging.add("ETH/USD")
        await started(clock, NOW + 30 * 10**9)
        trader = Trader(
            venue, clock, [BTC, ETH], strategy(), terms_for(["BTC/USD", "ETH/USD"]), options={"deadline": 0.02}
        )
        await asyncio.wait_for(trader.run(5), 10)
        assert trader.session.books.cycle == 5
        assert trader.session.books.strikes.halted == ("ETH/USD",)
        return trader.warnings

    warnings = asyncio.run(run())
    assert warnings[0] == "ETH/USD: no answer within 0.02 s"
    assert any("3 times in a row: no entries" in warning for warning in warnings)


def test_somebody_looks_up_while_the_venue_is_slow_to_answer() -> None:
    looks = []

    async def meanwhile() -> None:
        looks.append(1)

    async def run() -> None:
        clock = ReplayClock()
        venue = RecordedVenue([BTC], clock)
        venue.hanging.add("BTC/USD")
        await started(clock, NOW + 30 * 10**9)
        feed = VenueFeed(venue, ["BTC/USD"], Timeframe.M1, TradingHours.CONTINUOUS, clock, deadline=1.2)
        moment = await anext(feed.moments(meanwhile))
        assert isinstance(moment, Trouble)

    asyncio.run(run())
    assert len(looks) == 2


def test_symbols_are_asked_at_the_same_time() -> None:
    class Meeting(RecordedVenue):
        """Answers nobody before all have asked."""

        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self.all_there = asyncio.Barrier(2)

        async def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
            await self.all_there.wait()
            return await super().bars(symbol, timeframe, limit)

    async def run() -> Moment:
        clock = ReplayClock()
        await started(clock, NOW)
        venue = Meeting([BTC, ETH], clock)
        feed = VenueFeed(venue, ["BTC/USD", "ETH/USD"], Timeframe.M1, TradingHours.CONTINUOUS, clock, deadline=1)
        return await anext(feed.moments(idle))

    assert isinstance(asyncio.run(run()), Cycle)


def test_f071_bars_that_were_missed_come_late_with_one_word_about_them() -> None:
    told, _ = told_by([BTC, ETH], NOW, until(1), after=NOW - 31 * MINUTE)
    assert cycles(told)[:30] == [(place, "BE", place < -1) for place in range(-30, 0)]
    assert said(told, Notice) == [
        "29 bars came late, 2024-03-04T10:30:00Z to 2024-03-04T10:58:00Z: booked now, nothing is decided on them"
    ]


def test_what_the_venue_can_not_give_any_more_is_said_to_be_unknown() -> None:
    told, _ = told_by([BTC, ETH], NOW, until(1), after=NOW - 31 * MINUTE, most=11)
    assert [place for place, _, _ in cycles(told)][:10] == list(range(-10, 0))
    assert said(told, Notice)[1:] == [
        f"{symbol}: unknown from 2024-03-04T10:29:00Z to 2024-03-04T10:50:00Z: the venue gave 10 bars, no older ones"
        for symbol in ("BTC/USD", "ETH/USD")
    ]


@pytest.mark.parametrize("away", [0, 1, 40])
def test_history_ends_where_a_session_was_cut_off_however_long_that_is_ago(away: int) -> None:
    async def run() -> Bars:
        clock = ReplayClock()
        await started(clock, NOW + away * MINUTE)
        venue = RecordedVenue([BTC], clock)
        after = NOW - MINUTE
        feed = VenueFeed(venue, ["BTC/USD"], Timeframe.M1, TradingHours.CONTINUOUS, clock, after=after)
        return await feed.history("BTC/USD", 20)

    assert asyncio.run(run()).open_time.tolist() == [NOW - place * MINUTE for place in range(20, 0, -1)]


def test_history_of_a_fresh_feed_ends_before_the_first_cycle_though_a_bar_closes_in_between() -> None:
    async def run() -> tuple[Bars, list[Moment]]:
        clock = ReplayClock()
        await started(clock, NOW + 58 * 10**9)
        feed = VenueFeed(RecordedVenue([BTC], clock), ["BTC/USD"], Timeframe.M1, TradingHours.CONTINUOUS, clock)
        history = await feed.history("BTC/USD", 5)
        await clock.reach(clock.now() + timedelta(seconds=3))
        stream = feed.moments(idle)
        return history, [await anext(stream) for _ in range(3)]

    history, told = asyncio.run(run())
    assert history.open_time[-1] == NOW - 2 * MINUTE
    assert cycles(told) == [(-1, "B", True), (0, "B", False)]
    assert len(said(told, Notice)) == 1


def test_history_that_can_not_be_had_is_an_error_of_its_symbol() -> None:
    async def run() -> None:
        clock = ReplayClock()
        await started(clock, NOW)
        venue = RecordedVenue([BTC], clock)
        venue.mischief["BTC/USD"] = [failing()]
        feed = VenueFeed(venue, ["BTC/USD"], Timeframe.M1, TradingHours.CONTINUOUS, clock)
        with pytest.raises(TraderError, match="503"):
            await feed.history("BTC/USD", 5)

    asyncio.run(run())


def test_a_history_of_another_symbol_is_refused() -> None:
    class Confused(RecordedVenue):
        async def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
            return await super().bars("ETH/USD", timeframe, limit)

    async def run() -> None:
        clock = ReplayClock()
        await started(clock, NOW)
        feed = VenueFeed(Confused([BTC, ETH], clock), ["BTC/USD"], Timeframe.M1, TradingHours.CONTINUOUS, clock)
        with pytest.raises(DataError, match="asked for BTC/USD 1m, was given ETH/USD 1m"):
            await feed.history("BTC/USD", 5)

    asyncio.run(run())


def test_between_two_closes_prices_are_looked_at_and_nothing_else_happens() -> None:
    told, _ = told_by([BTC, ETH], NOW, until(2), poll_seconds=10)
    assert cycles(told) == [(-1, "BE", False), (0, "BE", False), (1, "BE", False)]
    glimpses = [moment for moment in told if isinstance(moment, Glimpse)]
    assert [(to_nanoseconds(each.time) - NOW) // 10**9 for each in glimpses] == [
        11,
        21,
        31,
        41,
        51,
        71,
        81,
        91,
        101,
        111,
    ]
    at_21 = BTC.open[60] + 21 / 60 * (BTC.close[60] - BTC.open[60])
    assert glimpses[1].prices["BTC/USD"] == pytest.approx(at_21)
    assert set(glimpses[1].prices) == {"BTC/USD", "ETH/USD"}


def test_a_look_that_fails_is_neither_a_strike_nor_noise() -> None:
    broken = between(NOW + 5 * 10**9, NOW + 58 * 10**9, failing())
    told, _ = told_by([BTC, ETH], NOW, until(2), mischievous(ETH=broken), poll_seconds=10)
    assert not said(told, Trouble)
    assert [set(each.prices) for each in told if isinstance(each, Glimpse)][:5] == [{"BTC/USD"}] * 5
    none, _ = told_by([ETH], NOW, until(1), mischievous(ETH=broken), poll_seconds=10)
    assert not [each for each in none if isinstance(each, Glimpse)]


def test_prices_that_are_none_are_not_shown() -> None:
    for price in (float("nan"), 0.0, float("inf")):
        spoilt = spoiled(NOW, close=price)
        told, _ = told_by([BTC, ETH], NOW, NOW + 50 * 10**9, mischievous(ETH=spoilt), poll_seconds=10)
        assert {symbol for each in told if isinstance(each, Glimpse) for symbol in each.prices} == {"BTC/USD"}


def test_f067_nobody_looks_at_prices_while_the_market_is_closed() -> None:
    friday = to_nanoseconds(parse("2024-03-08T20:00:00Z"))
    monday = to_nanoseconds(parse("2024-03-11T13:30:00Z"))
    hour = Timeframe.H1.nanoseconds
    times = [friday - 30 * 60 * 10**9 - place * hour for place in range(5, -1, -1)] + [monday]
    bars = walk_at(times, "AAPL", timeframe=Timeframe.H1, hours=TradingHours.REGULAR)
    told, _ = told_by([bars], friday + hour, monday + hour, poll_seconds=600)
    glimpses = [to_nanoseconds(each.time) for each in told if isinstance(each, Glimpse)]
    weekend = [time for time in glimpses if friday + hour <= time < monday]
    assert weekend == []
    assert len(glimpses) == 6


def test_f058_a_symbol_that_is_gone_halts_visibly_and_the_others_go_on() -> None:
    symbols = ["BTC/USD", "ETH/USD"]

    async def run() -> Trader:
        clock = ReplayClock()
        venue = RecordedVenue([BTC, ETH], clock)
        venue.mischief["ETH/USD"] = [between(NOW + 3 * MINUTE, until(99), failing(DataError("no such symbol")))]
        await started(clock, NOW)
        trader = Trader(venue, clock, [BTC, ETH], strategy(), terms_for(symbols))
        await trader.run(12)
        return trader

    trader = asyncio.run(run())
    assert trader.session.books.cycle == 12
    assert trader.session.books.strikes.halted == ("ETH/USD",)
    told = trader.warnings
    assert told[2] == "ETH/USD: no such symbol; 3 times in a row: no entries until it has worked as often"


class Slow(RecordedVenue):
    """A venue whose n-th answer is so many seconds on its way."""

    def __init__(self, series: Sequence[Bars], clock: ReplayClock, answer: int, seconds: float) -> None:
        super().__init__(series, clock)
        self._answer, self._delay = answer, timedelta(seconds=seconds)

    async def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        found = await super().bars(symbol, timeframe, limit)
        if len(self.asked) == self._answer:
            await self._clock.reach(self._clock.now() + self._delay)
        return found


def told_slowly(begins: int, answer: int, seconds: float) -> list[Moment]:
    async def run() -> list[Moment]:
        clock = ReplayClock()
        await started(clock, begins)
        feed = VenueFeed(Slow([BTC], clock, answer, seconds), ["BTC/USD"], Timeframe.M1, TradingHours.CONTINUOUS, clock)
        await feed.history("BTC/USD", 5)
        return await collected(feed, clock, until(4))

    return asyncio.run(run())


def test_a_close_that_comes_while_a_pass_lasts_is_not_passed_over() -> None:
    """A venue that takes 70 seconds to answer once: the bar that closed meanwhile is told at once, in time."""
    told = told_slowly(NOW, 3, 70)
    assert cycles(told) == [(-1, "B", False), (0, "B", True), (1, "B", False), (2, "B", False), (3, "B", False)]
    closed = [to_nanoseconds(each.time) - NOW for each in told if isinstance(each, Settled)]
    assert closed[:3] == [10**9, 131 * 10**9, 131 * 10**9]


def test_f051_a_bar_that_closes_while_the_answer_is_on_its_way_is_open_in_it() -> None:
    told = told_slowly(NOW + 54 * 10**9, 2, 10)
    told_bars = [moment.bars["BTC/USD"].bar for moment in told if isinstance(moment, Cycle)]
    assert [bar.close for bar in told_bars] == BTC.close[59:64].tolist()
    assert cycles(told)[:3] == [(-1, "B", True), (0, "B", False), (1, "B", False)]
    assert not any("revised" in notice for notice in said(told, Notice))
