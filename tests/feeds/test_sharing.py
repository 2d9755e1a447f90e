"""What several sessions ask of one venue is asked once, and nobody is given what is old."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.feeds.trading import BEGINS, MINUTE, Trader, started, strategy, terms_for, walk
from tests.feeds.venue import RecordedVenue, between, failing, missing, spoiled
from trader_cli.domain.clock import from_nanoseconds
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.errors import DataError, Unavailable
from trader_cli.feeds import sharing
from trader_cli.feeds.conductor import Conductor
from trader_cli.feeds.replay import ReplayClock
from trader_cli.feeds.sharing import SharedMarket

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from trader_cli.domain.bars import Bars

SERIES = [walk(200, "BTC/USD"), walk(200, "ETH/USD", seed=2)]
NOW = BEGINS + 60 * MINUTE


class Slow(RecordedVenue):
    """A venue that takes a moment to answer."""

    async def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        found = await super().bars(symbol, timeframe, limit)
        await asyncio.sleep(0.01)
        return found


def shared(check: Callable[[SharedMarket, Slow, ReplayClock], Awaitable[None]], **options: float) -> None:
    """Runs a check on a shared venue, a second after a close."""

    async def run() -> None:
        clock = ReplayClock()
        await started(clock, NOW)
        venue = Slow(SERIES, clock)
        await check(SharedMarket(venue, clock, TradingHours.CONTINUOUS, **options), venue, clock)

    asyncio.run(run())


async def later(clock: ReplayClock, seconds: float) -> None:
    await clock.reach(clock.now() + timedelta(seconds=seconds))


def test_what_many_ask_at_once_is_asked_once() -> None:
    async def check(market: SharedMarket, venue: Slow, clock: ReplayClock) -> None:
        answers = await asyncio.gather(*(market.bars("BTC/USD", Timeframe.M1, limit) for limit in (5, 3, 5, 2)))
        assert venue.asked == [("BTC/USD", 5)]
        assert [len(bars) for bars in answers] == [5, 3, 5, 2]
        assert {int(bars.open_time[-1]) for bars in answers} == {NOW}

    shared(check)


def test_an_answer_is_good_until_the_next_close_without_its_bar_in_progress() -> None:
    async def check(market: SharedMarket, venue: Slow, clock: ReplayClock) -> None:
        await market.bars("BTC/USD", Timeframe.M1, 5)
        await later(clock, 30)
        bars = await market.bars("BTC/USD", Timeframe.M1, 4)
        assert (len(venue.asked), int(bars.open_time[-1]), len(bars)) == (1, NOW - MINUTE, 4)
        await later(clock, 30)
        bars = await market.bars("BTC/USD", Timeframe.M1, 4)
        assert (len(venue.asked), int(bars.open_time[-1])) == (2, NOW + MINUTE)

    shared(check)


@pytest.mark.parametrize("wait", [0.6, 2, 30])
def test_a_bar_that_was_open_when_it_was_fetched_is_never_taken_for_closed(wait: float) -> None:
    async def check(market: SharedMarket, venue: Slow, clock: ReplayClock) -> None:
        await later(clock, 58.5)
        await market.bars("BTC/USD", Timeframe.M1, 5)
        await later(clock, wait)  # it has closed meanwhile
        bars = await market.bars("BTC/USD", Timeframe.M1, 5)
        assert len(venue.asked) == 2
        whole = SERIES[0].until(NOW).slice(60, 61)
        assert bars.close[-2] == whole.close[0]

    shared(check)


def test_a_request_from_before_a_close_is_not_joined_after_it() -> None:
    async def check(market: SharedMarket, venue: Slow, clock: ReplayClock) -> None:
        await later(clock, 58.5)
        first = asyncio.ensure_future(market.bars("BTC/USD", Timeframe.M1, 5))
        await asyncio.sleep(0)
        await later(clock, 1)
        second = await market.bars("BTC/USD", Timeframe.M1, 5)
        assert int((await first).open_time[-1]) == NOW
        assert (len(venue.asked), int(second.open_time[-1])) == (2, NOW + MINUTE)

    shared(check)


def test_a_longer_question_is_asked_anew() -> None:
    async def check(market: SharedMarket, venue: Slow, clock: ReplayClock) -> None:
        short, long = await asyncio.gather(*(market.bars("BTC/USD", Timeframe.M1, limit) for limit in (3, 20)))
        assert (len(short), len(long)) == (3, 20)
        assert len(await market.bars("BTC/USD", Timeframe.M1, 30)) == 30
        assert [limit for _, limit in venue.asked] == [3, 20, 30]

    shared(check)


def test_a_glimpse_is_seconds_old_at_most() -> None:
    async def check(market: SharedMarket, venue: Slow, clock: ReplayClock) -> None:
        seen = []
        for wait in (0, 1, 2, 10):
            await later(clock, wait)
            seen.append(float((await market.bars("BTC/USD", Timeframe.M1, 1)).close[-1]))
        assert len(venue.asked) == 3
        assert seen[0] == seen[1]
        assert len(set(seen)) == 3

    shared(check)


def test_an_answer_without_the_bar_that_is_due_is_asked_for_again() -> None:
    async def check(market: SharedMarket, venue: Slow, clock: ReplayClock) -> None:
        venue.mischief["BTC/USD"] = [between(0, NOW + 2 * 10**9, missing({NOW - MINUTE, NOW}))]
        assert int((await market.bars("BTC/USD", Timeframe.M1, 5)).open_time[-1]) == NOW - 2 * MINUTE
        await later(clock, 2)
        assert int((await market.bars("BTC/USD", Timeframe.M1, 5)).open_time[-1]) == NOW

    shared(check)


def test_an_error_is_told_to_those_who_waited_and_forgotten() -> None:
    async def check(market: SharedMarket, venue: Slow, clock: ReplayClock) -> None:
        venue.mischief["BTC/USD"] = [failing()]
        asked = [market.bars(symbol, Timeframe.M1, 5) for symbol in ("BTC/USD", "ETH/USD", "BTC/USD")]
        first, other, second = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(first, Unavailable)
        assert isinstance(second, Unavailable)
        assert not isinstance(other, BaseException)
        del venue.mischief["BTC/USD"]
        assert len(await market.bars("BTC/USD", Timeframe.M1, 5)) == 5

    shared(check)


def test_a_wrong_answer_is_not_kept() -> None:
    async def check(market: SharedMarket, venue: Slow, clock: ReplayClock) -> None:
        venue.mischief["BTC/USD"] = [spoiled(NOW - MINUTE, close=float("nan"))]
        with pytest.raises(DataError, match=r"BTC/USD.*close is nan"):
            await market.bars("BTC/USD", Timeframe.M1, 5)
        del venue.mischief["BTC/USD"]
        assert len(await market.bars("BTC/USD", Timeframe.M1, 5)) == 5

    shared(check)


def test_f077_a_hanging_venue_ends_for_all_who_wait_and_who_gives_up_leaves_nothing_behind() -> None:
    async def check(market: SharedMarket, venue: Slow, clock: ReplayClock) -> None:
        venue.hanging.add("BTC/USD")
        asked = [market.bars("BTC/USD", Timeframe.M1, 5) for _ in range(2)]
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert [str(error) for error in found] == ["no answer within 0.05 s"] * 2
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(market.bars("BTC/USD", Timeframe.M1, 5), 0.01)
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1
        venue.hanging.clear()
        assert len(await market.bars("BTC/USD", Timeframe.M1, 5)) == 5

    shared(check, deadline=0.05)


def test_one_that_gives_up_does_not_take_the_answer_from_the_others() -> None:
    async def check(market: SharedMarket, venue: Slow, clock: ReplayClock) -> None:
        first, second = (asyncio.ensure_future(market.bars("BTC/USD", Timeframe.M1, 5)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert len(await second) == 5
        assert len(venue.asked) == 1

    shared(check)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "KEPT", 4)

    async def check(market: SharedMarket, venue: Slow, clock: ReplayClock) -> None:
        many = [walk(30, f"COIN{place}", begins=NOW - 20 * MINUTE) for place in range(10)]
        market = SharedMarket(RecordedVenue(many, clock), clock, TradingHours.CONTINUOUS)
        for bars in many:
            await market.bars(bars.symbol, Timeframe.M1, 5)
        assert len(market._answers) == 4
        assert not market._requests

    shared(check)


def test_closing_closes_the_venue_and_ends_what_is_on_its_way() -> None:
    async def check(market: SharedMarket, venue: Slow, clock: ReplayClock) -> None:
        venue.hanging.add("BTC/USD")
        asked = asyncio.ensure_future(market.bars("BTC/USD", Timeframe.M1, 5))
        await asyncio.sleep(0.01)
        await market.close()
        assert venue.is_closed
        with pytest.raises(asyncio.CancelledError):
            await asked

    shared(check)


def test_sessions_that_share_a_venue_trade_as_if_each_had_its_own_and_ask_once_a_close() -> None:
    symbols = [bars.symbol for bars in SERIES]
    cycles = 60

    async def run(count: int) -> tuple[list[Trader], RecordedVenue]:
        conductor = Conductor()
        clocks = [conductor.clock() for _ in range(count)]
        venue = RecordedVenue(SERIES, clocks[0])
        market = SharedMarket(venue, clocks[0], TradingHours.CONTINUOUS)
        names = ("momentum", "rsi", "macd")
        traders = [
            Trader(market, clock, SERIES, strategy(name), terms_for(symbols))
            for clock, name in zip(clocks, names, strict=False)
        ]

        async def part(trader: Trader, clock: object) -> None:
            with clock:  # type: ignore[attr-defined]
                await trader.clock.reach(from_nanoseconds(NOW + 10**9))
                await trader.run(cycles)

        await asyncio.gather(*(part(trader, clock) for trader, clock in zip(traders, clocks, strict=True)))
        return traders, venue

    alone, own = asyncio.run(run(1))
    together, common = asyncio.run(run(3))
    assert tuple(together[0].journal.equity) == tuple(alone[0].journal.equity)
    assert together[0].journal.trades == alone[0].journal.trades
    assert any(trader.journal.trades for trader in together)
    assert len(own.asked) <= len(common.asked) <= len(own.asked) + 3 * len(symbols)
