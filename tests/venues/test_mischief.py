"""Each misbehaviour, and the trap that a client alone falls into."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest

from tests.venues.bybit.front import RULES, Bybit
from tests.venues.clients import ccxt_client
from tests.venues.core.clock import MINUTE, SECOND
from tests.venues.core.refusals import Reason
from tests.venues.front import Asked, Route
from tests.venues.mischief import spoilers
from tests.venues.mischief.acts import (
    EMPTY,
    HTML,
    NULL,
    Act,
    Candles,
    Cut,
    Delay,
    Drip,
    Drop,
    LateReject,
    NoTimes,
    Partial,
    Refuse,
    Skew,
    Status,
)
from tests.venues.server import Venue, serving
from tests.venues.worlds import BEGINS, KEYS, crypto

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

SPOT, ETHER = "BTC/USDT", "ETH/USDT"
CREATE = ("POST", "/order/create")


@pytest.fixture
def venue() -> Iterator[Venue]:
    with serving(Bybit(crypto(RULES))) as venue:
        yield venue


def ask(venue: Venue, question: Callable[[Any], Awaitable[Any]], timeout: float = 10) -> Any:
    """What ccxt makes of the answers; `timeout` in seconds is what it is told."""
    settings = {"options": {"fetchMarkets": {"types": ["spot"]}}, "timeout": timeout * 1000}

    async def run() -> Any:
        async with ccxt_client(venue, "bybit", **KEYS, **settings) as client:
            client.has["fetchCurrencies"] = False
            await client.load_markets()
            await client.is_unified_enabled()
            return await question(client)

    return asyncio.run(run())


def error(venue: Venue, question: Callable[[Any], Awaitable[Any]], timeout: float = 10) -> str:
    """The name of what ccxt raises."""
    from ccxt.base.errors import BaseError

    with pytest.raises(BaseError) as caught:
        ask(venue, question, timeout)
    return type(caught.value).__name__


async def buy(client: Any) -> Any:
    return await client.create_order(SPOT, "limit", "buy", "0.01", "40000", {"clientOrderId": "once"})


async def candles(client: Any) -> Any:
    return await client.fetch_ohlcv(ETHER, "1m", limit=4)


@pytest.mark.parametrize("act", [HTML, EMPTY, NULL, Cut()])
def test_an_answer_that_is_no_json_passes_for_an_order_without_an_id(venue: Venue, act: Act) -> None:
    venue.mischief.next(act, *CREATE)
    assert ask(venue, buy)["id"] is None
    assert len(venue.exchange.orders) == 1
    assert venue.ledger.sends("once")[0].status == 200


@pytest.mark.parametrize("accepted", [True, False])
def test_a_dropped_connection_does_not_tell_whether_the_order_stands(venue: Venue, accepted: bool) -> None:
    venue.mischief.next(Drop(accepted=accepted), *CREATE)
    assert error(venue, buy) == "ExchangeNotAvailable"
    assert len(venue.exchange.orders) == accepted
    assert [entry.status for entry in venue.ledger.sends("once")] == [None]


def test_a_body_that_breaks_off_looks_like_a_refusal(venue: Venue) -> None:
    venue.mischief.next(Cut(cleanly=False), *CREATE)
    assert error(venue, buy) == "ExchangeError"
    assert len(venue.exchange.orders) == 1


def test_a_late_answer_is_a_timeout_though_the_order_stands(venue: Venue) -> None:
    venue.mischief.next(Delay(seconds=5), *CREATE)
    assert error(venue, buy, timeout=0.3) == "RequestTimeout"
    assert len(venue.exchange.orders) == 1


def test_an_order_may_land_after_nobody_waits_for_it(venue: Venue) -> None:
    venue.mischief.next(Delay(seconds=0.6, lands_late=True), *CREATE)

    async def question(client: Any) -> Any:
        from ccxt.base.errors import RequestTimeout

        with pytest.raises(RequestTimeout):
            await buy(client)
        before = await client.fetch_open_orders(SPOT)
        await asyncio.sleep(0.6)
        return before, await client.fetch_open_orders(SPOT)

    before, after = ask(venue, question, timeout=0.3)
    assert (len(before), len(after)) == (0, 1)


def test_a_drip_meets_the_whole_timeout_of_ccxt_with_the_order_standing(venue: Venue) -> None:
    venue.mischief.next(Drip(every=0.05), *CREATE)  # no byte is later than the timeout, and all 150 of them are
    assert error(venue, buy, timeout=0.3) == "RequestTimeout"
    assert len(venue.exchange.orders) == 1


def test_a_drip_outlasts_a_timeout_of_each_read(venue: Venue) -> None:
    venue.mischief.next(Drip(every=0.01), "GET", "/market/time")
    began = monotonic()
    with urlopen(f"{venue.url}/v5/market/time", timeout=0.3) as answer:  # noqa: S310 - loopback
        assert answer.read()
    assert monotonic() - began > 1


@pytest.mark.parametrize(
    ("act", "name"),
    [
        (Status(code=429, retry_after=2), "RateLimitExceeded"),
        (Status(code=418, retry_after=120), "DDoSProtection"),
        (Status(code=503), "ExchangeNotAvailable"),
        (Status(code=502, body='{"code": -1000}'), "ExchangeError"),
        (Refuse(reason=Reason.MAINTENANCE), "ExchangeError"),
        (Refuse(reason=Reason.MAINTENANCE, code=503, retry_after=60), "ExchangeError"),
        (Refuse(reason=Reason.RATE_LIMIT), "RateLimitExceeded"),
    ],
)
def test_a_status_or_the_venues_own_no(venue: Venue, act: Act, name: str) -> None:
    venue.mischief.next(act, *CREATE)
    waits: list[str | None] = []

    async def question(client: Any) -> Any:
        try:
            await buy(client)
        finally:
            waits.append(client.last_response_headers.get("Retry-After"))

    assert error(venue, question) == name
    assert venue.exchange.orders == {}
    wanted = getattr(act, "retry_after", None)
    assert waits == [None if wanted is None else str(wanted)]


def test_a_server_may_fail_after_it_took_the_order(venue: Venue) -> None:
    venue.mischief.next(Status(code=500, accepted=True), *CREATE)
    assert error(venue, buy) == "ExchangeNotAvailable"
    assert len(venue.exchange.orders) == 1


def test_a_clock_may_be_off_for_one_request(venue: Venue) -> None:
    venue.mischief.next(Skew(nanoseconds=60 * SECOND), *CREATE)
    assert error(venue, buy) == "InvalidNonce"
    assert ask(venue, buy)["id"] is not None


def test_an_order_may_fill_in_part(venue: Venue) -> None:
    venue.mischief.next(Partial(fraction=Decimal("0.25")), *CREATE)

    async def question(client: Any) -> Any:
        sent = await client.create_order(SPOT, "limit", "buy", "0.01", "50010")
        return await client.fetch_order(sent["id"], SPOT, {"acknowledged": True})

    found = ask(venue, question)
    assert (found["status"], found["filled"], found["remaining"]) == ("open", 0.0025, 0.0075)


def test_an_accepted_order_may_be_rejected_later(venue: Venue) -> None:
    venue.mischief.next(LateReject(after=SECOND), *CREATE)

    async def question(client: Any) -> Any:
        sent = await buy(client)
        first = await client.fetch_order(sent["id"], SPOT, {"acknowledged": True})
        venue.exchange.advance(SECOND)
        return first, await client.fetch_order(sent["id"], SPOT, {"acknowledged": True})

    first, later = ask(venue, question)
    assert (first["status"], later["status"]) == ("open", "rejected")


def test_times_may_be_missing(venue: Venue) -> None:
    venue.mischief.next(NoTimes(), "GET", "/order/realtime")

    async def question(client: Any) -> Any:
        await buy(client)
        return await client.fetch_open_orders(SPOT)

    assert ask(venue, question)[0]["timestamp"] is None


T = [(BEGINS + n * MINUTE) // 10**6 for n in range(121)]
"""Open times in ms. At the time of these tests the minute 120 has just begun."""


@pytest.mark.parametrize(
    ("act", "times", "closes"),
    [
        (Candles(spoiler=spoilers.stale(2)), T[117:119], [2118, 2119]),
        (Candles(spoiler=spoilers.missing()), [T[117], T[119], T[120]], [2118, 2120, 2120]),
        (Candles(spoiler=spoilers.duplicate()), [T[118], T[118], T[119], T[120]], [2119, 2119, 2120, 2120]),
        (Candles(spoiler=spoilers.null()), T[117:121], [2118, 2119, 2120, None]),
        (Candles(spoiler=spoilers.not_a_number()), T[117:121], [2118, 2119, 2120, "nan"]),
    ],
)
def test_spoilt_candles_pass_through_a_client(venue: Venue, act: Act, times: list[int], closes: list[Any]) -> None:
    venue.mischief.next(act, "GET", "/market/kline")
    rows = ask(venue, candles)
    assert [row[0] for row in rows] == times
    assert ["nan" if row[4] != row[4] else row[4] for row in rows] == closes


def test_candles_may_come_in_the_other_order(venue: Venue) -> None:
    venue.mischief.next(Candles(spoiler=spoilers.turned()), "GET", "/market/kline")
    query = {"category": "spot", "symbol": "ETHUSDT", "interval": "1", "limit": 4}
    answer = ask(venue, lambda client: client.publicGetV5MarketKline(query))
    assert [int(row[0]) for row in answer["result"]["list"]] == T[117:121]  # this venue begins with the newest


def test_mischief_is_used_up_and_meets_only_what_it_is_meant_for(venue: Venue) -> None:
    venue.mischief.next(Drop(), *CREATE, body="another")
    venue.mischief.next(Status(code=503), *CREATE, times=2)
    assert [error(venue, buy) for _ in range(2)] == ["ExchangeNotAvailable"] * 2
    assert ask(venue, buy)["id"] is not None
    assert venue.mischief.left() == 1
    assert [entry.mischief for entry in venue.ledger.sends("once")] == [["Status"], ["Status"], []]


def test_a_front_end_that_breaks_fails_the_test_that_used_it() -> None:
    def broken(asked: Asked) -> Any:
        raise KeyError(asked.path)

    def use() -> None:
        with serving(Bybit(crypto(RULES))) as venue:
            venue.front.routes = {**venue.front.routes, ("GET", "/v5/market/time"): Route(broken, is_private=False)}
            assert error(venue, lambda client: client.fetch_time()) == "ExchangeNotAvailable"

    with pytest.raises(KeyError, match="/v5/market/time"):
        use()
