"""ccxt's own client at the simulated futures exchange of Binance."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.binanceusdm.front import RULES, BinanceUsdm
from tests.venues.clients import Asking, ccxt_client, knows_binance_elsewhere
from tests.venues.core.clock import HOUR, MINUTE
from tests.venues.core.market import Status
from tests.venues.mischief.acts import Partial
from tests.venues.server import Venue, serving
from tests.venues.worlds import BEGINS, KEYS, NOW, PERP, crypto

if TYPE_CHECKING:
    from collections.abc import Iterator

SWAP = "BTC/USDT:USDT"
OPTIONS = {"fetchCurrencies": False}


@pytest.fixture
def venue() -> Iterator[Venue]:
    with serving(BinanceUsdm(crypto(RULES))) as venue:
        yield venue


ask = Asking("binanceusdm", {**KEYS, "options": OPTIONS}, knows_binance_elsewhere)
refused = ask.refused


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


def test_a_position_is_opened_marked_and_closed_with_reduce_only(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.set_leverage(10, SWAP)
        sent = await client.create_order(SWAP, "market", "sell", "0.1", params={"clientOrderId": "t1"})
        found = await client.fetch_order(None, SWAP, {"clientOrderId": "t1"})
        opened = await client.fetch_positions([SWAP])
        leverages = await client.fetch_leverage(SWAP)
        venue.exchange.set_price(PERP, "49000")
        await client.create_order(SWAP, "market", "buy", "5", params={"reduceOnly": True})
        closed = await client.fetch_positions([SWAP])
        return sent, found, opened, leverages, closed, await client.fetch_balance(), await client.fetch_my_trades(SWAP)

    sent, found, (opened,), leverages, closed, balance, trades = ask(venue, question)
    assert (sent["status"], sent["filled"], sent["average"]) == ("closed", 0.1, 50_000)
    assert (found["id"], found["clientOrderId"]) == (sent["id"], "t1")
    assert (opened["side"], opened["contracts"], opened["entryPrice"]) == ("short", 0.1, 50_000)
    assert opened["leverage"] is None  # these fields do not tell it
    assert (leverages["longLeverage"], opened["initialMargin"]) == (10, 500)
    assert opened["unrealizedPnl"] == pytest.approx(-12)  # the mark stands at 50,120
    assert closed == []
    fees = (5_000 + 4_900.01) * 0.0005
    assert balance["USDT"]["total"] == pytest.approx(10_000 + 0.1 * (50_000 - 49_000.1) - fees)
    assert [(trade["side"], trade["amount"], trade["fee"]["currency"]) for trade in trades] == [
        ("sell", 0.1, "USDT"),
        ("buy", 0.1, "USDT"),
    ]


def test_a_limit_order_holds_margin_rests_and_is_cancelled(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(SWAP, "limit", "buy", "0.1", "40000", {"postOnly": True})
        held = await client.fetch_balance()
        opened = await client.fetch_open_orders(SWAP)
        await client.cancel_order(sent["id"], SWAP)
        return held, opened, await client.fetch_canceled_and_closed_orders(SWAP), await client.cancel_all_orders(SWAP)

    held, (opened,), (over,), _ = ask(venue, question)
    assert held["USDT"]["free"] == 5_998  # 40,000 x 0.1 at a leverage of 1, and the fee of 0.05 % that it may cost
    assert (opened["status"], opened["postOnly"], over["status"]) == ("open", True, "canceled")


def test_a_stop_is_hidden_from_the_plain_paths_until_the_price_comes_by(venue: Venue) -> None:
    there = {"trigger": True}

    async def question(client: Any) -> Any:
        await client.create_order(SWAP, "market", "buy", "0.1")
        stop = {"stopLossPrice": "49000", "reduceOnly": True, "clientOrderId": "s1"}
        sent = await client.create_order(SWAP, "market", "sell", "0.1", params=stop)
        plain = await client.fetch_open_orders(SWAP)
        waiting = await client.fetch_open_orders(SWAP, params=there)
        venue.exchange.set_price(PERP, "48990")
        hit = await client.fetch_order(sent["id"], SWAP, there)
        became = await client.fetch_order(hit["info"]["actualOrderId"], SWAP)
        return sent, plain, waiting, hit, became, await client.fetch_open_orders(SWAP, params=there)

    sent, plain, (waiting,), hit, became, left = ask(venue, question)
    assert plain == left == []
    assert (sent["status"], sent["triggerPrice"], sent["reduceOnly"]) == ("open", 49_000, True)
    assert (waiting["id"], waiting["clientOrderId"], waiting["info"]["orderType"]) == (sent["id"], "s1", "STOP_MARKET")
    assert (hit["status"], hit["info"]["algoStatus"]) == ("closed", "FINISHED")
    assert became["id"] != sent["id"]
    assert (became["status"], became["average"], became["clientOrderId"]) == ("closed", 48_990, "s1")


@pytest.mark.parametrize("call", ["fetch_order", "cancel_order"])
def test_a_waiting_stop_is_unknown_to_the_plain_paths(venue: Venue, call: str) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(SWAP, "market", "buy", "0.1", params={"triggerPrice": 51_000})
        await getattr(client, call)(sent["id"], SWAP)

    assert type(refused(venue, question)).__name__ == "OrderNotFound"
    assert len(venue.exchange.open_orders(venue.exchange.accounts["a-key"])) == 1


def test_a_waiting_stop_survives_that_all_orders_are_cancelled(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(SWAP, "market", "buy", "0.1", params={"triggerPrice": 51_000})
        await client.cancel_all_orders(SWAP)
        waiting = await client.fetch_open_orders(SWAP, params={"trigger": True})
        await client.cancel_order(sent["id"], SWAP, {"trigger": True})
        return waiting, await client.fetch_order(sent["id"], SWAP, {"trigger": True})

    waiting, over = ask(venue, question)
    assert (len(waiting), over["status"]) == (1, "canceled")


def test_a_target_waits_for_a_better_price(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.create_order(SWAP, "market", "buy", "0.1")
        target = {"takeProfitPrice": "51000", "reduceOnly": True}
        sent = await client.create_order(SWAP, "limit", "sell", "0.1", "50900", target)
        venue.exchange.set_price(PERP, "51010")
        return sent, await client.fetch_order(sent["id"], SWAP, {"trigger": True})

    sent, hit = ask(venue, question)
    assert (sent["info"]["orderType"], hit["info"]["actualPrice"]) == ("TAKE_PROFIT", "51010.0")


def test_a_market_order_that_fills_in_part_expires_with_what_it_got(venue: Venue) -> None:
    venue.mischief.next(Partial(fraction=Decimal("0.5")), "POST", "/order")
    sent = ask(venue, lambda client: client.create_order(SWAP, "market", "buy", "0.1"))
    assert (sent["status"], sent["filled"], sent["amount"]) == ("expired", 0.05, 0.1)


REFUSALS: dict[str, tuple[tuple[Any, ...], str, str]] = {
    "margin": (("limit", "buy", "1", "50000"), "InsufficientFunds", "-2019"),
    "minimum value": (("limit", "buy", "0.001", "4000"), "InvalidOrder", "-4164"),
    "maximum quantity": (("limit", "buy", "101", "50000"), "BadRequest", "-4005"),
    "reduce-only without a position": (("market", "sell", "0.1", None, {"reduceOnly": True}), "InvalidOrder", "-2022"),
    "post-only that would take": (("limit", "buy", "0.1", "50001", {"postOnly": True}), "OrderNotFillable", "-5022"),
    "a stop that would trigger at once": (
        ("market", "sell", "0.1", None, {"stopLossPrice": 51_000}),
        "OrderImmediatelyFillable",
        "Order would immediately trigger.",
    ),
    "a hedged order on a one-way account": (
        ("market", "buy", "0.1", None, {"hedged": True}),
        "OperationRejected",
        "-4061",
    ),
    "a trailing stop, which is not simulated": (
        ("market", "sell", "0.1", None, {"trailingPercent": 1}),
        "BadRequest",
        "-1130",
    ),
    "a stop on the mark price, which is not simulated": (
        ("market", "sell", "0.1", None, {"stopLossPrice": 49_000, "workingType": "MARK_PRICE"}),
        "BadRequest",
        "-1130",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_an_order_that_breaks_a_rule_raises_as_at_the_venue(venue: Venue, case: str) -> None:
    order, name, text = REFUSALS[case]
    said = refused(venue, lambda client: client.create_order(SWAP, *order))
    assert type(said).__name__ == name
    assert text in str(said)
    assert venue.exchange.orders == {}


def test_on_another_host_ccxt_takes_a_lack_of_margin_for_any_error(venue: Venue) -> None:
    async def question() -> Any:
        async with ccxt_client(venue, "binanceusdm", **KEYS, options=OPTIONS) as client:
            await client.load_markets()
            await client.create_order(SWAP, "limit", "buy", "1", "50000")

    from ccxt.base.errors import BaseError

    with pytest.raises(BaseError, match="-2019") as caught:
        asyncio.run(question())
    assert type(caught.value).__name__ == "ExchangeError"


RAW: dict[str, tuple[dict[str, str], str, str]] = {
    "lot": ({"quantity": "0.0015", "price": "50000"}, "BadRequest", "-1111"),
    "tick": ({"quantity": "0.01", "price": "50000.05"}, "BadRequest", "-4014"),
    "no such symbol": ({"symbol": "NOUSDT", "quantity": "1", "price": "1"}, "BadSymbol", "-1121"),
    "a client id too long": (
        {"quantity": "1", "price": "1", "newClientOrderId": "x" * 37},
        "BadRequest",
        "-1100",
    ),
    "a stop on the plain path": (
        {"type": "STOP_MARKET", "quantity": "0.01", "stopPrice": "49000"},
        "InvalidOrder",
        "-4120",
    ),
}


@pytest.mark.parametrize("case", RAW)
def test_what_ccxt_would_mend_is_refused_when_it_is_sent(venue: Venue, case: str) -> None:
    wanted, name, text = RAW[case]
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", **wanted}
    said = refused(venue, lambda client: client.fapiPrivatePostOrder(order))
    assert type(said).__name__ == name
    assert text in str(said)


def test_a_client_id_stands_once_among_open_orders_alone(venue: Venue) -> None:
    async def buy(client: Any) -> Any:
        return await client.create_order(SWAP, "limit", "buy", "0.01", "40000", {"clientOrderId": "once"})

    async def again(client: Any) -> Any:
        first = await buy(client)
        await client.cancel_order(first["id"], SWAP)
        return first["id"], (await buy(client))["id"]

    first, second = ask(venue, again)
    assert first != second
    said = refused(venue, buy)
    assert type(said).__name__ == "InvalidOrder"
    assert '"code": -4116' in str(said)


@pytest.mark.parametrize(
    ("settings", "code"), [({"apiKey": "nobody"}, -2015), ({"secret": "wrong"}, -1022)], ids=["key", "signature"]
)
def test_a_bad_key_or_signature_is_refused(venue: Venue, settings: dict[str, str], code: int) -> None:
    said = refused(venue, lambda client: client.fetch_balance(), **settings)
    assert type(said).__name__ == "AuthenticationError"
    assert f'"code": {code}' in str(said)


@pytest.mark.parametrize(
    ("call", "value", "name"),
    [("set_margin_mode", "cross", "MarginModeAlreadySet"), ("set_position_mode", False, "OperationRejected")],
)
def test_a_mode_that_is_so_already_is_said_to_be(venue: Venue, call: str, value: Any, name: str) -> None:
    assert type(refused(venue, lambda client: getattr(client, call)(value, SWAP))).__name__ == name


def test_the_same_leverage_again_is_as_good(venue: Venue) -> None:
    assert ask(venue, lambda client: client.set_leverage(1, SWAP))["leverage"] == 1
    assert type(refused(venue, lambda client: client.set_leverage(101, SWAP))).__name__ == "BadRequest"


def test_the_margin_mode_stays_while_a_position_is_open(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.set_margin_mode("isolated", SWAP)
        await client.create_order(SWAP, "market", "buy", "0.1")
        (position,) = await client.fetch_positions([SWAP])
        assert position["marginMode"] == "isolated"
        await client.set_margin_mode("cross", SWAP)

    said = refused(venue, question)
    assert type(said).__name__ == "OperationRejected"
    assert '"code": -4048' in str(said)


def test_funding_is_paid_and_told(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.create_order(SWAP, "market", "buy", "0.1")
        venue.exchange.move_to(BEGINS + 8 * HOUR)
        return await client.fetch_funding_history(SWAP)

    (paid,) = ask(venue, question)
    assert (paid["amount"], paid["code"]) == (pytest.approx(0.1 * 50_240 * 0.0002), "USDT")  # below 0: shorts pay


def test_a_position_of_nothing_is_shown_by_the_older_fields_alone(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return await client.fapiPrivateV2GetPositionRisk(), await client.fapiPrivateV3GetPositionRisk()

    (older,), newer = ask(venue, question)
    assert (older["positionAmt"], older["leverage"], newer) == ("0.000", "1", [])
