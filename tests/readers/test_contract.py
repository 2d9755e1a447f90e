"""The contract of readers: what a venue shows comes through as it is, and what makes no sense does not come through."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from time import monotonic, time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.readers.cases import BEGINS, CASES, HISTORY, Case
from tests.readers.reading import AtVenue, VenueTime, bars_of, is_contract, marks_of, reading
from tests.venues.core.clock import MINUTE, SECOND
from tests.venues.core.refusals import Reason
from tests.venues.mischief import spoilers
from tests.venues.mischief.acts import EMPTY, HTML, NULL, Candles, Cut, Delay, Drip, Drop, Refuse, Status
from trader_cli.brokers import reading as retrying
from trader_cli.data.catalog import Kind
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.errors import DataError, TraderError, Unavailable
from trader_cli.feeds.answers import closed_part
from trader_cli.registry import BROKERS, broker_class
from trader_cli.settings import home

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.venues.front import Spoiler
    from tests.venues.mischief.acts import Act
    from trader_cli.brokers.base import Broker
    from trader_cli.domain.bars import Bars

CANDLES = r"kline|candle|OHLC|chart|bars|klines"
"""Where bars are asked for, on any venue."""


def ask[T](at: AtVenue, question: Callable[[Broker], Awaitable[T]]) -> T:
    """The answer of a reader that is closed afterwards."""

    async def run() -> T:
        try:
            await at.broker.open()
            return await question(at.broker)
        finally:
            await at.broker.close()

    return asyncio.run(run())


def closed(case: Case, limit: int, act: Act | None = None, *, timeframe: Timeframe = Timeframe.M1) -> Bars:
    """What had closed of the latest bars when the venue was asked, and did so."""
    with reading(case) as at:
        if act is not None:
            at.venue.mischief.always(act, path=CANDLES)
        return closed_part(ask(at, lambda broker: broker.bars(case.symbol, timeframe, limit)), case.now)


def assert_latest(found: Bars, expected: Bars) -> None:
    for column in ("open_time", "open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(getattr(found, column), getattr(expected, column), err_msg=column)


def test_every_part_of_every_broker_has_its_case() -> None:
    """A reader that is registered cannot be forgotten here."""
    parts = {(name, asset_class) for name in BROKERS for asset_class in broker_class(name).asset_classes}
    assert {(case.broker, case.asset_class) for case in CASES} == parts


def test_the_latest_bars_are_the_venues_to_the_last_digit(case: Case) -> None:
    found = closed(case, 61)
    assert len(found) in {60, 61}
    assert_latest(found, bars_of(case, HISTORY - len(found), HISTORY))


def test_what_takes_several_answers_has_no_seam(case: Case) -> None:
    shown = broker_class(case.broker).capabilities(case.asset_class)
    assert shown is not None
    count = min(HISTORY, shown.history_bars or HISTORY, 2 * shown.page_bars + 10)
    found = closed(case, count)
    assert len(found) >= count - 1
    assert_latest(found, bars_of(case, HISTORY - len(found), HISTORY))


@pytest.mark.parametrize("timeframe", [Timeframe.M3, Timeframe.M15, Timeframe.H2, Timeframe.H8])
def test_a_timeframe_is_the_venues_own_or_made_of_a_finer_one(case: Case, timeframe: Timeframe) -> None:
    """To the last digit, but for volumes, which are sums."""
    length = timeframe.nanoseconds
    found = closed(case, 5, timeframe=timeframe)
    minutes = bars_of(case, 0, HISTORY)
    begins = begun(minutes, length)
    assert len(found) >= 3
    assert found.open_time[-1] == begins[begins + length <= case.now][-1]
    for row in range(len(found)):
        inside = begins == found.open_time[row]
        assert found.open[row] == minutes.open[inside][0]
        assert found.high[row] == minutes.high[inside].max()
        assert found.low[row] == minutes.low[inside].min()
        assert found.close[row] == minutes.close[inside][-1]
        assert found.volume[row] == pytest.approx(minutes.volume[inside].sum())


def begun(minutes: Bars, length: int) -> np.ndarray:  # type: ignore[type-arg]
    """When the longer bar of each minute begins: counted from its session, or from 1970."""
    if minutes.hours is TradingHours.CONTINUOUS:
        return minutes.open_time // length * length
    opens = np.array([minutes.open_time[minutes.session == session][0] for session in minutes.session])
    found: np.ndarray = opens + (minutes.open_time - opens) // length * length  # type: ignore[type-arg]
    return found


def test_f051_the_bar_in_progress_is_last_and_known_to_be(case: Case) -> None:
    with reading(case, case.now + 40 * SECOND) as at:
        bars = ask(at, lambda broker: broker.bars(case.symbol, Timeframe.M1, 10))
    assert bars.open_time[-1] == (case.now if case.shows_progress else case.now - MINUTE)
    assert closed_part(bars, case.now + 40 * SECOND).open_time[-1] == case.now - MINUTE


def test_one_bar_is_the_price_of_now_whatever_the_timeframe(case: Case) -> None:
    with reading(case, case.now + 40 * SECOND) as at:
        price = float(at.exchange.last(case.market) if case.shows_progress else case.rows[HISTORY - 1][4])
        for timeframe in (Timeframe.M1, Timeframe.H8):
            bars = ask(at, partial(_one_bar, case, timeframe))
            assert bars.close.tolist() == [price]


async def _one_bar(case: Case, timeframe: Timeframe, broker: Broker) -> Bars:
    return await broker.bars(case.symbol, timeframe, 1)


def test_instruments_are_the_venues(case: Case) -> None:
    with reading(case) as at:
        listing = ask(at, lambda broker: broker.listing())
    if listing is None:
        pytest.fail(f"{case} lists nothing") if case.broker != "alpaca" else None
        return
    found, market = listing.find(case.symbol).called(case.symbol), case.market
    assert (found.tick, found.lot, found.contract_size) == (market.tick, market.lot, market.contract_size)
    assert found.minimum_quantity == max(market.min_quantity, market.lot)
    assert (found.quote, found.settle) == (market.quote, market.settle or market.quote)


def test_f088_a_listing_that_cannot_be_kept_is_used_all_the_same(case: Case) -> None:
    home().mkdir(parents=True, exist_ok=True)
    (home() / "markets").write_text("in the way", encoding="utf-8")
    assert len(closed(case, 11)) in {10, 11}


def test_a_quote_says_when_it_is_good_for(case: Case) -> None:
    with reading(case) as at:
        quote = ask(at, lambda broker: broker.quote(case.symbol))
        last = float(at.exchange.last(case.market))
    assert quote.bid == pytest.approx(last)
    assert quote.ask == pytest.approx(last + 0.01)
    assert abs(quote.as_of.timestamp() - case.now / 1e9) < 30


def test_f064_the_venues_clock_is_gone_by(case: Case) -> None:
    with reading(case) as at:
        at.exchange.clock.skew = 90 * SECOND
        ask(at, lambda broker: broker.bars(case.symbol, Timeframe.M1, 2))
        ahead = at.broker.ahead - (case.now / 1e9 - time())
    assert ahead == pytest.approx(90, abs=3)


GARBAGE = {"a page": HTML, "nothing": EMPTY, "null": NULL, "cut": Cut()}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=list(GARBAGE))
def test_f006_a_success_that_says_nothing_is_asked_again_and_never_taken_for_no_bars(case: Case, garbage: Any) -> None:
    with reading(case) as at:
        at.venue.mischief.next(garbage, path=CANDLES)
        found = closed_part(ask(at, lambda broker: broker.bars(case.symbol, Timeframe.M1, 11)), case.now)
        assert len(found) in {10, 11}
        assert at.venue.mischief.left() == 0


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=list(GARBAGE))
def test_f006_garbage_that_stays_is_an_outage(case: Case, garbage: Any, impatient: None) -> None:
    with reading(case) as at:
        at.venue.mischief.always(garbage, path=CANDLES)
        with pytest.raises(Unavailable, match=case.broker):
            ask(at, lambda broker: broker.bars(case.symbol, Timeframe.M1, 11))
        assert len([entry for entry in at.venue.ledger.entries if entry.mischief]) == retrying.ATTEMPTS


OUTAGES = {
    "dropped": Drop(),
    "500": Status(code=500),
    "502 in words": Status(code=502, body="<html>Bad gateway</html>"),
    "503": Status(code=503),
    "maintenance": Refuse(reason=Reason.MAINTENANCE),
}


@pytest.mark.parametrize("outage", OUTAGES.values(), ids=list(OUTAGES))
def test_an_outage_of_a_moment_is_not_noticed(case: Case, outage: Any) -> None:
    with reading(case) as at:
        at.venue.mischief.next(outage, path=CANDLES)
        assert len(ask(at, lambda broker: broker.bars(case.symbol, Timeframe.M1, 11))) >= 10


@pytest.mark.parametrize("slow", [Delay(seconds=30), Drip(every=0.3)], ids=["late", "in drips"])
def test_a_read_ends_in_time_however_its_bytes_drip_in(case: Case, slow: Any, impatient: None) -> None:
    with reading(case) as at:
        at.venue.mischief.always(slow, path=CANDLES)
        begun = monotonic()
        with pytest.raises(Unavailable):
            ask(at, lambda broker: broker.bars(case.symbol, Timeframe.M1, 11))
        assert monotonic() - begun < 6


@pytest.mark.parametrize("status", [429, 418, 403])
def test_f097_a_venue_that_says_when_to_come_back_is_not_asked_before(case: Case, status: int, impatient: None) -> None:
    with reading(case) as at:
        at.venue.mischief.next(Status(code=status, retry_after=120), path=CANDLES)
        with pytest.raises(TraderError):
            ask(at, lambda broker: broker.bars(case.symbol, Timeframe.M1, 11))
        asked = len(at.venue.ledger.entries)
        with pytest.raises(Unavailable, match=r"not to be asked for another 1[12]\d s"):
            ask(at, lambda broker: broker.bars(case.symbol, Timeframe.M1, 11))
        assert len(at.venue.ledger.entries) == asked


def broken(**change: Any) -> Spoiler:
    """A candle in the middle has something else instead."""
    return lambda bars: [replace(bar, **change) if n == len(bars) // 2 else bar for n, bar in enumerate(bars)]


SPOILT = {
    "null": broken(close=None),
    "NaN": broken(close=Decimal("NaN")),
    "zero": broken(low=Decimal(0)),
    "negative": broken(low=Decimal(-1)),
    "infinite": broken(high=Decimal("Infinity")),
    "twice": spoilers.duplicate(),
    "missing": spoilers.missing(),
    "stale": spoilers.stale(5),
    "other order": spoilers.turned(),
}


@pytest.mark.parametrize("spoiler", SPOILT.values(), ids=list(SPOILT))
def test_f049_f050_f054_f055_candles_that_cannot_be_are_no_bars(case: Case, spoiler: Spoiler) -> None:
    """Refused, or left out: never a number that the venue did not mean, and never out of order."""
    honest = bars_of(case, 0, HISTORY)
    try:
        found = closed(case, 30, Candles(spoiler=spoiler))
    except (DataError, Unavailable):
        return
    at = np.searchsorted(honest.open_time, found.open_time)
    for column in ("open_time", "open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(getattr(honest, column)[at], getattr(found, column))
    assert np.all(np.diff(found.open_time) > 0)
    assert len(found)


def test_f050_the_other_order_is_put_right(case: Case) -> None:
    found = closed(case, 31, Candles(spoiler=spoilers.turned()))
    assert len(found) in {30, 31}
    assert_latest(found, bars_of(case, HISTORY - len(found), HISTORY))


def test_s7_reading_touches_no_account_and_sends_no_key(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "API_SECRET"):
        monkeypatch.setenv(f"{case.broker.upper()}_{name}", "a-canary-secret")

    async def all_of_it(broker: Broker) -> None:
        await broker.listing()
        await broker.bars(case.symbol, Timeframe.M1, 50)
        await broker.quote(case.symbol)
        await broker.marks(case.symbol, Timeframe.M1, 5)
        await broker.rates(case.symbol, BEGINS, case.now)

    with reading(case) as at:
        ask(at, all_of_it)
        assert at.venue.ledger.entries
        assert not at.venue.ledger.writes()
        if not case.asset_class.is_stock_like:
            assert not at.venue.ledger.private()
            assert "a-key" not in str(at.venue.ledger.entries)


def test_f113_nothing_that_is_logged_holds_a_key(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    """Not even where everything is logged."""
    caplog.set_level(logging.DEBUG)
    with reading(case) as at:
        ask(at, lambda broker: broker.bars(case.symbol, Timeframe.M1, 5))
    assert "a-secret" not in caplog.text
    assert "a-key" not in caplog.text


def test_what_contracts_have_beside_their_bars(case: Case) -> None:
    shown = broker_class(case.broker).capabilities(case.asset_class)
    assert shown is not None
    with reading(case) as at:
        marks = ask(at, lambda broker: broker.marks(case.symbol, Timeframe.M1, 10))
        rates = ask(at, lambda broker: broker.rates(case.symbol, BEGINS, case.now))
        if shown.has_marks:
            assert marks is not None
            assert_latest(
                closed_part(marks, case.now).slice(0, 9),
                marks_of(case, HISTORY - 9, HISTORY),
            )
        else:
            assert marks is None
        if is_contract(case):
            assert rates is not None
            expected = [
                (time, float(rate)) for time, rate in at.exchange.funding[case.market.key] if BEGINS <= time <= case.now
            ]
            assert list(zip(rates.open_time.tolist(), rates.values[0].tolist(), strict=True)) == expected
        else:
            assert rates is None


def test_a_page_of_history_is_what_opened_from_then_on(case: Case) -> None:
    shown = broker_class(case.broker).capabilities(case.asset_class)
    assert shown is not None
    start = int(case.rows[HISTORY - 50][0])
    with reading(case) as at:
        page = ask(at, lambda broker: broker.page(case.symbol, Timeframe.M1, start, Kind.TRADES))
    assert page.open_time[0] == start
    np.testing.assert_array_equal(page.values[3][:50], bars_of(case, HISTORY - 50, HISTORY).close)


def test_a_venue_without_a_network_is_one_line_that_says_what_to_do(case: Case, impatient: None) -> None:
    with reading(case) as at:
        pass
    with pytest.raises(Unavailable, match=r"cannot be reached .*is there a network\? .*--replay samples"):
        ask(at, lambda broker: broker.bars(case.symbol, Timeframe.M1, 11))


def test_the_clock_of_a_test_moves_the_reader_along(case: Case) -> None:
    async def run(at: AtVenue) -> int:
        clock = VenueTime(at)
        try:
            await at.broker.open()
            await clock.reach(clock.now() + timedelta(minutes=3))
            return int((await at.broker.bars(case.symbol, Timeframe.M1, 2)).open_time[-1])
        finally:
            await at.broker.close()

    with reading(case) as at:
        assert asyncio.run(run(at)) == case.now + (3 if case.shows_progress else 2) * MINUTE
