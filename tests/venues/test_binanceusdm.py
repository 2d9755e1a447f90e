"""ccxt's own client at the simulated futures exchange of Binance."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.binanceusdm.front import RULES, BinanceUsdm
from tests.venues.clients import ccxt_client
from tests.venues.core.clock import HOUR, MINUTE
from tests.venues.core.market import Status
from tests.venues.server import Venue, serving
from tests.venues.worlds import BEGINS, KEYS, NOW, PERP, crypto

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

SWAP = "BTC/USDT:USDT"
OPTIONS = {"fetchCurrencies": False}


@pytest.fixture
def venue() -> Iterator[Venue]:
    with serving(BinanceUsdm(crypto(RULES))) as venue:
        yield venue


def ask(venue: Venue, question: Callable[[Any], Awaitable[Any]], **settings: Any) -> Any:
    """What ccxt makes of the answers."""

    async def run() -> Any:
        async with ccxt_client(venue, "binanceusdm", **{**KEYS, "options": OPTIONS, **settings}) as client:
            await client.load_markets()
            return await question(client)

    return asyncio.run(run())


def refused(venue: Venue, question: Callable[[Any], Awaitable[Any]], **settings: Any) -> Exception:
    from ccxt.base.errors import BaseError

    with pytest.raises(BaseError) as caught:
        ask(venue, question, **settings)
    said: Exception = caught.value
    return said


def test_the_market_has_its_steps_and_minima(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return client.markets

    markets = ask(venue, question)
    assert set(markets) == {SWAP}
    assert markets[SWAP]["precision"]["amount"] == 0.001
    assert markets[SWAP]["precision"]["price"] == 0.1
    assert markets[SWAP]["limits"]["amount"]["min"] == 0.001
    assert markets[SWAP]["limits"]["cost"]["min"] == 5
    assert markets[SWAP]["contractSize"] == 1


def test_a_market_that_is_closed_is_not_active(venue: Venue) -> None:
    venue.exchange.set_status(PERP, Status.DELISTED)

    async def question(client: Any) -> Any:
        return client.markets[SWAP]["active"]

    assert ask(venue, question) is False


def test_mark_prices_come_as_candles_and_a_limit_too_large_is_refused(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        since = (BEGINS + 60 * MINUTE) // 10**6
        hours = await client.fetch_ohlcv(SWAP, "1h", params={"price": "mark"})
        minutes = await client.fetch_ohlcv(SWAP, "1m", since, 2, {"price": "mark"})
        return hours, minutes, await client.fetch_ohlcv(SWAP, "1m")

    hours, minutes, traded = ask(venue, question)
    assert [row[:5] for row in hours[:2]] == [
        [BEGINS // 10**6, 50_000, 50_062, 49_998, 50_060],
        [(BEGINS + HOUR) // 10**6, 50_060, 50_122, 50_058, 50_120],
    ]
    assert [row[1] for row in minutes] == [50_060, 50_061]
    assert traded == []  # this contract has no trades, only a price
    wanted = {"symbol": "BTCUSDT", "interval": "1m", "limit": 1501}
    said = refused(venue, lambda client: client.fapiPublicGetKlines(wanted))
    assert '"code": -1130' in str(said)


def test_funding_that_is_to_come_is_not_history(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        before = await client.fetch_funding_rate_history(SWAP)
        venue.exchange.move_to(BEGINS + 8 * HOUR)
        after = await client.fetch_funding_rate_history(SWAP, since=BEGINS // 10**6 + 1)
        return before, after, await client.fetch_funding_rate(SWAP)

    before, after, latest = ask(venue, question)
    assert [(rate["timestamp"], rate["fundingRate"]) for rate in before] == [(BEGINS // 10**6, 0.0001)]
    assert [(rate["timestamp"], rate["fundingRate"]) for rate in after] == [((BEGINS + 8 * HOUR) // 10**6, -0.0002)]
    assert latest["fundingTimestamp"] == (BEGINS + 16 * HOUR) // 10**6


def test_the_ticker_has_no_touch_and_another_question_has_it(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return (
            await client.fetch_ticker(SWAP),
            await client.fetch_bids_asks([SWAP]),
            await client.fetch_order_book(SWAP),
        )

    ticker, touch, book = ask(venue, question)
    assert (ticker["last"], ticker["bid"], ticker["ask"]) == (50_000, None, None)
    assert ticker["timestamp"] == NOW // 10**6
    assert (touch[SWAP]["bid"], touch[SWAP]["ask"]) == (50_000, 50_000.1)
    assert (book["bids"], book["timestamp"]) == ([[50_000, 100]], NOW // 10**6)
