"""ccxt's own client at the simulated OKX."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.clients import ccxt_client
from tests.venues.core.clock import HOUR, MINUTE, SECOND
from tests.venues.core.market import Status
from tests.venues.okx.front import RULES, Okx
from tests.venues.server import Venue, serving
from tests.venues.worlds import BEGINS, DASHED, KEYS, NOW, crypto, minutes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

SPOT, SWAP, ETHER = "BTC/USDT", "BTC/USDT:USDT", "ETH/USDT"
OKX_KEYS = {**KEYS, "password": "a-passphrase"}
QUIET = {"options": {"fetchMarkets": {"types": ["spot", "swap"]}}, "has": {"fetchCurrencies": False}}
PERPETUAL = DASHED[1]


@pytest.fixture
def venue() -> Iterator[Venue]:
    with serving(Okx(crypto(RULES, markets=DASHED))) as venue:
        yield venue


def ask(venue: Venue, question: Callable[[Any], Awaitable[Any]], **settings: Any) -> Any:
    """What ccxt makes of the answers."""

    async def run() -> Any:
        async with ccxt_client(venue, "okx", **{**OKX_KEYS, **QUIET, **settings}) as client:
            await client.load_markets()
            return await question(client)

    return asyncio.run(run())


def refused(venue: Venue, question: Callable[[Any], Awaitable[Any]], **settings: Any) -> Exception:
    from ccxt.base.errors import BaseError

    with pytest.raises(BaseError) as caught:
        ask(venue, question, **settings)
    said: Exception = caught.value
    return said


def test_markets_have_their_steps_and_minima_and_swaps_are_counted_in_contracts(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return client.markets

    markets = ask(venue, question)
    assert set(markets) == {SPOT, SWAP, ETHER}
    assert markets[SPOT]["precision"]["amount"] == 0.0001
    assert markets[SPOT]["precision"]["price"] == 0.1
    assert markets[SPOT]["limits"]["amount"]["min"] == 0.0002
    assert (markets[SWAP]["contractSize"], markets[SWAP]["limits"]["amount"]["min"]) == (0.01, 0.01)
    assert markets[SWAP]["limits"]["leverage"]["max"] == 100


def test_a_market_that_is_halted_is_not_active(venue: Venue) -> None:
    venue.exchange.set_status(PERPETUAL, Status.HALTED)

    async def question(client: Any) -> Any:
        return client.markets[SWAP]["active"]

    assert ask(venue, question) is False


def test_candles_come_newest_first_and_the_last_is_in_progress(venue: Venue) -> None:
    venue.exchange.move_to(NOW + 30 * SECOND)  # half of minute 120 has passed: its first third was the low
    asked = {"instId": "ETH-USDT", "bar": "1m", "limit": 2}

    async def question(client: Any) -> Any:
        return (
            await client.fetch_ohlcv(ETHER, "1m", limit=2),
            (await client.publicGetMarketCandles(asked))["data"],
            (await client.publicGetMarketHistoryCandles(asked))["data"],
        )

    sorted_rows, latest, history = ask(venue, question)
    assert sorted_rows == [
        [(BEGINS + 119 * MINUTE) // 10**6, 2119, 2122, 2117, 2120, 9],
        [NOW // 10**6, 2120, 2120, 2118, 2118, 3],
    ]
    assert [(int(row[0]), row[8]) for row in latest] == [(NOW // 10**6, "0"), ((NOW - MINUTE) // 10**6, "1")]
    assert [int(row[0]) for row in history] == [(NOW - n * MINUTE) // 10**6 for n in (1, 2)]


def test_candles_are_aggregated_and_paged_from_a_start(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        since, rows = BEGINS // 10**6, []
        while page := await client.fetch_ohlcv(ETHER, "15m", since=since, limit=3):
            rows += page
            since = page[-1][0] + 900_000
        return rows

    rows = ask(venue, question)
    assert [row[0] for row in rows] == [BEGINS // 10**6 + n * 900_000 for n in range(9)]
    assert rows[1][1:] == [2015, 2032, 2013, 2030, 135]  # minutes 15 to 29: high 2029 + 3, low 2015 - 2


def test_neither_mark_belongs_to_a_page_and_before_alone_does_not_go_on_from_it(venue: Venue) -> None:
    at = [(BEGINS + n * MINUTE) // 10**6 for n in range(121)]

    async def question(client: Any) -> Any:
        asked = {"instId": "ETH-USDT", "bar": "1m", "limit": 2}
        windows = ({"after": at[10]}, {"before": at[10]}, {"before": at[10], "after": at[13]})
        return [(await client.publicGetMarketCandles({**asked, **window}))["data"] for window in windows]

    older, newer, between = ([int(row[0]) for row in rows] for rows in ask(venue, question))
    assert older == [at[9], at[8]]
    assert newer == [at[120], at[119]]
    assert between == [at[12], at[11]]


def test_the_path_of_the_latest_candles_forgets_what_the_history_keeps() -> None:
    exchange = crypto(RULES, BEGINS, markets=DASHED)
    series = minutes(1600)
    exchange.series["ETH-USDT@spot"] = series
    exchange.clock.set(BEGINS + 1600 * MINUTE)
    early = {"instId": "ETH-USDT", "bar": "1m", "after": (BEGINS + 200 * MINUTE) // 10**6}

    async def question(client: Any) -> Any:
        latest = await client.publicGetMarketCandles(early)
        return latest["data"], await client.fetch_ohlcv(ETHER, "1m", since=BEGINS // 10**6, limit=2)

    with serving(Okx(exchange)) as venue:
        latest, oldest = ask(venue, question)
    assert [int(row[0]) for row in latest[-1:]] == [(BEGINS + 160 * MINUTE) // 10**6]
    assert [row[1] for row in oldest] == [2000, 2001]


def test_days_begin_in_hong_kong_unless_they_are_asked_for_otherwise(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        raw = await client.publicGetMarketCandles({"instId": "ETH-USDT", "bar": "1D"})
        return raw["data"][0], (await client.fetch_ohlcv(ETHER, "1d"))[0]

    raw, unified = ask(venue, question)
    assert int(raw[0]) == (BEGINS - 8 * HOUR) // 10**6
    assert unified[0] == BEGINS // 10**6


def test_mark_prices_and_funding_are_shown_as_they_were_given(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        marks = await client.fetch_ohlcv(SWAP, "1h", params={"price": "mark"})
        return marks, await client.fetch_funding_rate_history(SWAP), await client.fetch_funding_rate(SWAP)

    marks, rates, coming = ask(venue, question)
    assert marks[1][:5] == [(BEGINS + HOUR) // 10**6, 50_060, 50_122, 50_058, 50_120]
    assert [(rate["timestamp"], rate["fundingRate"]) for rate in rates] == [(BEGINS // 10**6, 0.0001)]
    assert (coming["fundingRate"], coming["fundingTimestamp"]) == (-0.0002, (BEGINS + 8 * HOUR) // 10**6)


def test_the_ticker_and_the_book_show_the_spread(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return (
            await client.fetch_ticker(SPOT),
            await client.fetch_tickers([SWAP]),
            await client.fetch_order_book(SWAP),
            await client.fetch_time(),
        )

    ticker, several, book, time = ask(venue, question)
    assert (ticker["last"], ticker["bid"], ticker["ask"]) == (50_000, 50_000, 50_000.1)
    assert ticker["timestamp"] == time == NOW // 10**6
    assert several[SWAP]["last"] == 50_000
    assert (book["bids"][0][:2], book["asks"][0][:2]) == ([50_000, 10_000], [50_000.1, 10_000])
