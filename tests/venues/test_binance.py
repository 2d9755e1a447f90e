"""ccxt's own client at the simulated spot exchange of Binance."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.binance.front import RULES, Binance
from tests.venues.clients import ccxt_client
from tests.venues.core.clock import MINUTE, SECOND
from tests.venues.core.market import Status
from tests.venues.server import Venue, serving
from tests.venues.worlds import BEGINS, BTC, KEYS, NOW, crypto

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

SPOT, ETHER = "BTC/USDT", "ETH/USDT"
OPTIONS = {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False}


@pytest.fixture
def venue() -> Iterator[Venue]:
    with serving(Binance(crypto(RULES))) as venue:
        yield venue


def ask(venue: Venue, question: Callable[[Any], Awaitable[Any]], **settings: Any) -> Any:
    """What ccxt makes of the answers."""

    async def run() -> Any:
        async with ccxt_client(venue, "binance", **{**KEYS, "options": OPTIONS, **settings}) as client:
            await client.load_markets()
            return await question(client)

    return asyncio.run(run())


def refused(venue: Venue, question: Callable[[Any], Awaitable[Any]], **settings: Any) -> Exception:
    from ccxt.base.errors import BaseError

    with pytest.raises(BaseError) as caught:
        ask(venue, question, **settings)
    said: Exception = caught.value
    return said


def test_markets_have_their_steps_and_minima(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return client.markets

    markets = ask(venue, question)
    assert set(markets) == {SPOT, ETHER}
    assert markets[SPOT]["precision"]["amount"] == 0.0001
    assert markets[SPOT]["precision"]["price"] == 0.1
    assert markets[SPOT]["limits"]["amount"]["min"] == 0.0002
    assert markets[SPOT]["limits"]["cost"]["min"] == 5


def test_a_market_that_is_halted_is_not_active(venue: Venue) -> None:
    venue.exchange.set_status(BTC, Status.HALTED)

    async def question(client: Any) -> Any:
        return client.markets[SPOT]["active"]

    assert ask(venue, question) is False


def test_candles_are_oldest_first_and_the_last_is_in_progress(venue: Venue) -> None:
    venue.exchange.move_to(NOW + 30 * SECOND)  # half of minute 120 has passed: its first third was the low

    async def question(client: Any) -> Any:
        return await client.fetch_ohlcv(ETHER, "1m", limit=2)

    assert ask(venue, question) == [
        [(BEGINS + 119 * MINUTE) // 10**6, 2119, 2122, 2117, 2120, 9],
        [NOW // 10**6, 2120, 2120, 2118, 2118, 3],
    ]


def test_candles_are_paged_from_a_start_that_belongs_to_the_page(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        since, rows = BEGINS // 10**6, []
        while page := await client.fetch_ohlcv(ETHER, "15m", since=since, limit=3):
            rows += page
            since = page[-1][0] + 900_000
        return rows

    rows = ask(venue, question)
    assert [row[0] for row in rows] == [BEGINS // 10**6 + n * 900_000 for n in range(9)]
    assert rows[1][1:] == [2015, 2032, 2013, 2030, 135]  # minutes 15 to 29: high 2029 + 3, low 2015 - 2


def test_an_end_belongs_to_the_page_and_without_a_start_the_newest_before_it_are_given(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        end = (BEGINS + 10 * MINUTE) // 10**6
        raw = await client.publicGetKlines({"symbol": "ETHUSDT", "interval": "1m", "endTime": end, "limit": 2})
        most = await client.publicGetKlines({"symbol": "ETHUSDT", "interval": "1m", "limit": 5000})
        return raw, most

    raw, most = ask(venue, question)
    assert [(int(row[0]), row[6]) for row in raw] == [
        ((BEGINS + n * MINUTE) // 10**6, (BEGINS + (n + 1) * MINUTE) // 10**6 - 1) for n in (9, 10)
    ]
    assert len(most) == 121  # a limit beyond 1000 is taken for 1000


def test_the_ticker_and_the_book_show_the_spread(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return (
            await client.fetch_ticker(SPOT),
            await client.fetch_tickers([SPOT, ETHER]),
            await client.fetch_order_book(SPOT),
        )

    ticker, several, book = ask(venue, question)
    assert (ticker["last"], ticker["bid"], ticker["ask"]) == (50_000, 50_000, 50_000.1)
    assert ticker["timestamp"] == NOW // 10**6
    assert (several[ETHER]["last"], several[ETHER]["baseVolume"]) == (2120, 120 * 9)
    assert (book["bids"], book["asks"]) == ([[50_000, 100]], [[50_000.1, 100]])
