"""ccxt's own client at the simulated Kraken Futures."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.clients import Asking
from tests.venues.core.clock import HOUR, MINUTE, SECOND
from tests.venues.core.market import Status
from tests.venues.core.series import Series
from tests.venues.front import Limit
from tests.venues.kraken.world import KEYS
from tests.venues.krakenfutures.front import RULES, KrakenFutures
from tests.venues.krakenfutures.world import PF_ETH, PF_XBT, perpetuals
from tests.venues.mischief.acts import Refuse
from tests.venues.server import Venue, serving
from tests.venues.worlds import BEGINS, NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

BITCOIN, ETHER = "BTC/USD:USD", "ETH/USD:USD"


@pytest.fixture
def venue() -> Iterator[Venue]:
    with serving(KrakenFutures(perpetuals(RULES))) as venue:
        yield venue


ask = Asking("krakenfutures", KEYS)
refused = ask.refused


def test_markets_have_their_steps_and_name_no_minimum(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return client.markets

    markets = ask(venue, question)
    assert set(markets) == {BITCOIN, ETHER}
    bitcoin = markets[BITCOIN]
    assert (bitcoin["id"], bitcoin["settle"], bitcoin["contractSize"]) == ("PF_XBTUSD", "USD", 1)
    assert (bitcoin["precision"]["amount"], bitcoin["precision"]["price"]) == (0.0001, 1)
    assert bitcoin["limits"]["amount"]["min"] is None
    assert bitcoin["info"]["marginLevels"][0]["initialMargin"] == 0.02


def test_a_market_that_is_halted_is_not_active_and_one_that_is_gone_not_listed(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return {symbol: market["active"] for symbol, market in client.markets.items()}

    venue.exchange.set_status(PF_XBT, Status.HALTED)
    venue.exchange.set_status(PF_ETH, Status.DELISTED)
    assert ask(venue, question) == {BITCOIN: False}


def test_fees_come_from_their_schedule_in_percent(venue: Venue) -> None:
    fees = ask(venue, lambda client: client.fetch_trading_fees())
    assert (fees[BITCOIN]["maker"], fees[BITCOIN]["taker"]) == (0.0002, 0.0005)
    assert fees[BITCOIN]["info"]["tiers"] == [{"makerFee": 0.02, "takerFee": 0.05, "usdVolume": 0.0}]


def test_candles_are_between_both_bounds_and_the_last_is_in_progress(venue: Venue) -> None:
    venue.exchange.move_to(NOW + 30 * SECOND)  # half of minute 120 has passed: its first third was the low

    async def question(client: Any) -> Any:
        path = {"price_type": "trade", "symbol": "PF_ETHUSD", "interval": "1m"}
        bounds = {"from": (BEGINS + 5 * MINUTE) // SECOND, "to": (BEGINS + 6 * MINUTE) // SECOND}
        return await client.fetch_ohlcv(ETHER, "1m", limit=2), await client.chartsGetPriceTypeSymbolInterval(
            path | bounds
        )

    newest, between = ask(venue, question)
    assert newest == [
        [NOW // 10**6 - 60_000, 2119, 2122, 2117, 2120, 9],
        [NOW // 10**6, 2120, 2120, 2118, 2118, 3],
    ]
    assert [row["open"] for row in between["candles"]] == ["2005", "2006"]
    assert between["more_candles"] is False


def test_a_page_of_candles_is_the_first_two_thousand_and_says_that_there_are_more() -> None:
    exchange = perpetuals(RULES, BEGINS + 3000 * MINUTE)
    exchange.add_market(PF_ETH, Series([(BEGINS + n * MINUTE, 1, 1, 1, 1, 1) for n in range(3001)], MINUTE))
    path = {"price_type": "trade", "symbol": "PF_ETHUSD", "interval": "1m"}

    async def question(client: Any) -> Any:
        begin = {"from": BEGINS // SECOND}
        return [await client.chartsGetPriceTypeSymbolInterval(one) for one in (path, {**path, **begin})]

    with serving(KrakenFutures(exchange)) as venue:
        newest, first = ask(venue, question)
    assert [len(newest["candles"]), len(first["candles"])] == [2000, 2000]
    assert int(newest["candles"][-1]["time"]) == (BEGINS + 3000 * MINUTE) // 10**6
    assert int(first["candles"][0]["time"]) == BEGINS // 10**6
    assert (newest["more_candles"], first["more_candles"]) == (True, True)


def test_candles_are_aggregated_and_paged_by_their_start(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        since, rows = BEGINS // 10**6, []
        while page := await client.fetch_ohlcv(ETHER, "15m", since=since, limit=3):
            rows += page
            since = page[-1][0] + 900_000
        return rows

    rows = ask(venue, question)
    assert [row[0] for row in rows] == [BEGINS // 10**6 + n * 900_000 for n in range(9)]
    assert rows[1][1:] == [2015, 2032, 2013, 2030, 135]  # minutes 15 to 29: high 2029 + 3, low 2015 - 2


def test_mark_prices_have_no_volume_and_funding_is_told_in_money_and_as_a_fraction(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        marks = await client.fetch_ohlcv(BITCOIN, "1h", limit=3, params={"price": "mark"})
        return marks, await client.fetch_funding_rate_history(BITCOIN), await client.fetch_funding_rate(BITCOIN)

    marks, rates, current = ask(venue, question)
    assert marks[1] == [(BEGINS + HOUR) // 10**6, 50_060, 50_122, 50_058, 50_120, 0]
    assert [(rate["timestamp"], rate["fundingRate"]) for rate in rates] == [
        (BEGINS // 10**6, 0.0001),
        ((BEGINS + HOUR) // 10**6, -0.0002),
    ]
    assert rates[1]["info"]["fundingRate"] == pytest.approx(-0.0002 * 50_060)
    assert current["info"]["fundingRate"] == pytest.approx(-0.0002 * 50_120)
    assert (current["fundingRate"], current["nextFundingRate"]) == (-0.0002, 0.0003)


def test_the_ticker_is_dated_by_the_last_trade_and_the_book_shows_the_spread(venue: Venue) -> None:
    venue.exchange.move_to(NOW + 30 * SECOND)

    async def question(client: Any) -> Any:
        tickers = await client.fetch_tickers()
        return tickers[BITCOIN], await client.fetch_ticker(ETHER), await client.fetch_order_book(BITCOIN)

    ticker, ether, book = ask(venue, question)
    assert (ticker["last"], ticker["bid"], ticker["ask"], ticker["markPrice"]) == (50_000, 50_000, 50_001, 50_118)
    assert (ether["last"], ether["timestamp"]) == (2118, NOW // 10**6 + 20_000)
    assert (book["bids"], book["asks"]) == ([[50_000, 100]], [[50_001, 100]])


def test_the_date_of_an_answer_is_the_venues_time(venue: Venue) -> None:
    venue.exchange.clock.skew = 90 * SECOND

    async def question(client: Any) -> Any:
        return await client.publicGetTickers(), client.last_response_headers["Date"]

    tickers, date = ask(venue, question)
    assert (tickers["serverTime"], date) == ("2026-03-02T02:01:30.000Z", "Mon, 02 Mar 2026 02:01:30 GMT")


def test_a_market_order_is_answered_with_what_was_executed(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.set_leverage(10, BITCOIN)
        sent = await client.create_order(BITCOIN, "market", "buy", "0.1", params={"clientOrderId": "t1"})
        found = await client.fetch_order(sent["id"])
        return sent, found, await client.fetch_balance(), await client.fetch_my_trades(BITCOIN)

    sent, found, balance, (trade,) = ask(venue, question)
    assert (sent["status"], sent["filled"], sent["average"], sent["clientOrderId"]) == ("closed", 0.1, 50_001, "t1")
    assert (found["status"], found["filled"], found["clientOrderId"]) == ("closed", 0.1, "t1")
    assert balance["USD"]["total"] == pytest.approx(10_000 - 5_000.1 * 0.0005)
    assert balance["USD"]["free"] == pytest.approx(10_000 - 5_000.1 * 0.0005 - 500.01)  # the mark is above the entry
    assert (trade["takerOrMaker"], trade["price"], "fee_paid" in trade["info"]) == ("taker", 50_001, False)


def test_an_order_that_is_over_is_forgotten_after_five_seconds_and_stays_in_the_history(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(BITCOIN, "limit", "buy", "0.1", "40000", {"clientOrderId": "t2"})
        opened = await client.fetch_open_orders(BITCOIN)
        await client.cancel_order(sent["id"], BITCOIN)
        venue.exchange.advance(5 * SECOND)
        known = await client.fetch_order(sent["id"])
        venue.exchange.advance(SECOND)
        with pytest.raises(Exception, match="could not find"):
            await client.fetch_order(sent["id"])
        return opened, known, await client.fetch_canceled_orders(BITCOIN)

    (opened,), known, over = ask(venue, question)
    assert (opened["status"], opened["clientOrderId"], opened["remaining"]) == ("open", "t2", 0.1)
    assert known["status"] == "canceled"
    assert {order["clientOrderId"] for order in over} == {"t2"}
    assert {event for order in venue_events(venue) for event in order} == {"OrderPlaced", "OrderCancelled"}


def venue_events(venue: Venue) -> list[dict[str, Any]]:
    async def question(client: Any) -> Any:
        return [element["event"] for element in (await client.historyGetOrders())["elements"]]

    found: list[dict[str, Any]] = ask(venue, question)
    return found


def test_a_resting_order_that_fills_is_told_as_an_update(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.create_order(BITCOIN, "limit", "buy", "0.1", "49000")
        venue.exchange.advance(SECOND)
        venue.exchange.set_price(PF_XBT, "48000")
        return await client.fetch_closed_orders(BITCOIN), await client.fetch_my_trades()

    (closed,), (trade,) = ask(venue, question)
    assert (closed["status"], closed["filled"]) == ("closed", 0.1)
    assert (trade["takerOrMaker"], trade["price"]) == ("maker", 49_000)
    assert [next(iter(event)) for event in venue_events(venue)] == ["OrderUpdated", "OrderPlaced"]


def test_a_position_tells_neither_mark_nor_gain_and_is_closed_with_reduce_only(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        before = await client.fetch_positions()
        await client.set_leverage(10, BITCOIN)
        await client.set_leverage(10, BITCOIN)
        leverage = await client.fetch_leverage(BITCOIN)
        await client.create_order(BITCOIN, "market", "sell", "0.1")
        (opened,) = await client.fetch_positions([BITCOIN])
        venue.exchange.set_price(PF_XBT, "49000")
        await client.create_order(BITCOIN, "market", "buy", "5", params={"reduceOnly": True})
        return before, leverage, opened, await client.fetch_positions(), await client.fetch_balance()

    before, leverage, opened, after, balance = ask(venue, question)
    assert (before, after) == ([], [])
    assert (leverage["longLeverage"], opened["leverage"], opened["marginMode"]) == (10, 10, "isolated")
    assert (opened["side"], opened["contracts"], opened["entryPrice"]) == ("short", 0.1, 50_000)
    assert (opened["markPrice"], opened["unrealizedPnl"]) == (None, None)
    fees = (5_000 + 4_900.1) * 0.0005
    assert balance["USD"]["total"] == pytest.approx(10_000 + 0.1 * (50_000 - 49_001) - fees)


def test_a_stop_waits_among_the_open_orders_until_the_price_comes_by(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.create_order(BITCOIN, "market", "buy", "0.1")
        sent = await client.create_order(BITCOIN, "market", "sell", "0.1", params={"stopLossPrice": "49000"})
        (waiting,) = await client.fetch_open_orders(BITCOIN)
        found = await client.fetch_order(sent["id"])
        venue.exchange.set_price(PF_XBT, "48990")
        return sent, waiting, found, await client.fetch_order(sent["id"]), await client.historyGetTriggers()

    sent, waiting, found, hit, triggers = ask(venue, question)
    assert (sent["status"], sent["triggerPrice"]) == ("open", 49_000)
    assert (waiting["info"]["orderType"], waiting["triggerPrice"], waiting["reduceOnly"]) == ("stop", 49_000, True)
    assert (found["info"]["status"], found["triggerPrice"]) == ("TRIGGER_PLACED", 49_000)
    assert (hit["status"], hit["filled"]) == ("closed", 0.1)
    assert [next(iter(one["event"])) for one in triggers["elements"]] == ["OrderTriggerPlaced", "OrderTriggerActivated"]


def test_a_take_profit_is_met_from_the_other_side(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.create_order(BITCOIN, "market", "buy", "0.1")
        sent = await client.create_order(BITCOIN, "limit", "sell", "0.1", "51000", {"takeProfitPrice": "51000"})
        venue.exchange.set_price(PF_XBT, "51500")
        return await client.fetch_order(sent["id"])

    assert ask(venue, question)["status"] == "closed"
    assert venue.exchange.accounts["a-key"].position(PF_XBT.key).quantity == 0


REFUSALS: dict[str, tuple[tuple[Any, ...], str, str]] = {
    "funds": (("limit", "buy", "1", "50000"), "InsufficientFunds", "insufficientAvailableFunds"),
    "maximum quantity": (("limit", "buy", "101", "50000"), "InvalidOrder", "invalidSize"),
    "reduce-only without a position": (
        ("market", "sell", "0.1", None, {"reduceOnly": True}),
        "ExchangeError",
        "wouldNotReducePosition",
    ),
    "post-only that would take": (
        ("limit", "buy", "0.1", "60000", {"postOnly": True}),
        "OrderImmediatelyFillable",
        "postWouldExecute",
    ),
    "a client id too long": (
        ("limit", "buy", "0.1", "50000", {"clientOrderId": "x" * 101}),
        "BadRequest",
        "clientOrderIdTooLong",
    ),
    "a trigger by the mark price, which is not simulated": (
        ("market", "sell", "0.1", None, {"triggerPrice": 49_000, "triggerSignal": "mark"}),
        "BadRequest",
        "triggerSignal",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_an_order_that_breaks_a_rule_raises_as_at_the_venue(venue: Venue, case: str) -> None:
    order, name, text = REFUSALS[case]
    said = refused(venue, lambda client: client.create_order(BITCOIN, *order))
    assert (type(said).__name__, text in str(said)) == (name, True)
    assert venue.exchange.orders == {}


def test_an_order_that_must_fill_at_once_and_cannot_is_refused_and_known(venue: Venue) -> None:
    said = refused(
        venue, lambda client: client.create_order(BITCOIN, "limit", "buy", "0.1", "40000", {"timeInForce": "ioc"})
    )
    assert (type(said).__name__, "iocWouldNotExecute" in str(said)) == ("OrderNotFillable", True)
    assert [order.state for order in venue.exchange.orders.values()] == ["canceled"]


RAW: dict[str, tuple[dict[str, str], str]] = {
    "lot": ({"size": "0.00015", "limitPrice": "50000"}, "invalidSize"),
    "nothing": ({"size": "0", "limitPrice": "50000"}, "invalidSize"),
    "tick": ({"size": "0.01", "limitPrice": "50000.5"}, "invalidPrice"),
}


@pytest.mark.parametrize("case", RAW)
def test_a_raw_order_that_breaks_a_rule_is_refused_in_a_good_answer(venue: Venue, case: str) -> None:
    wanted, status = RAW[case]
    body = {"symbol": "pf_xbtusd", "side": "buy", "orderType": "lmt", **wanted}
    answer = ask(venue, lambda client: client.privatePostSendorder(body))
    assert (answer["result"], answer["sendStatus"]["status"]) == ("success", status)
    assert venue.exchange.orders == {}


@pytest.mark.parametrize(
    ("wanted", "name", "text"),
    [
        ({"symbol": "PF_NOUSD"}, "BadSymbol", "contractNotFound"),
        ({"side": "up"}, "BadRequest", "invalidArgument: side"),
    ],
)
def test_a_request_that_makes_no_sense_is_an_error(venue: Venue, wanted: dict[str, str], name: str, text: str) -> None:
    body = {"symbol": "PF_XBTUSD", "side": "buy", "orderType": "mkt", "size": "1", **wanted}
    said = refused(venue, lambda client: client.privatePostSendorder(body))
    assert (type(said).__name__, text in str(said)) == (name, True)


def test_a_client_id_stands_once_for_ever(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        first = await client.create_order(BITCOIN, "limit", "buy", "0.1", "40000", {"clientOrderId": "t9"})
        await client.cancel_order(first["id"], BITCOIN)
        await client.create_order(BITCOIN, "limit", "buy", "0.1", "40000", {"clientOrderId": "t9"})

    said = refused(venue, question)
    assert (type(said).__name__, "clientOrderIdAlreadyExist" in str(said)) == ("DuplicateOrderId", True)
    assert len(venue.exchange.orders) == 1
    assert len(venue.ledger.sends("t9")) == 2


@pytest.mark.parametrize("settings", [{"apiKey": "nobody"}, {"secret": "d3Jvbmc="}])
def test_a_bad_key_or_signature_is_refused(venue: Venue, settings: dict[str, str]) -> None:
    said = refused(venue, lambda client: client.fetch_balance(), **settings)
    assert (type(said).__name__, "authenticationError" in str(said)) == ("AuthenticationError", True)


def test_an_order_nobody_knows_is_not_found(venue: Venue) -> None:
    async def filled(client: Any) -> Any:
        sent = await client.create_order(BITCOIN, "market", "buy", "0.1")
        await client.cancel_order(sent["id"], BITCOIN)

    for question, text in (
        (lambda client: client.cancel_order("nothing", BITCOIN), "notFound"),
        (lambda client: client.fetch_order("nothing"), "could not find"),
        (filled, "filled"),
    ):
        said = refused(venue, question)
        assert (type(said).__name__, text in str(said)) == ("OrderNotFound", True)


def test_all_orders_of_a_market_are_cancelled(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        for symbol, price in ((BITCOIN, "40000"), (BITCOIN, "41000"), (ETHER, "1000")):
            await client.create_order(symbol, "limit", "buy", "0.01", price)
        await client.cancel_all_orders(BITCOIN)
        return await client.fetch_open_orders()

    (left,) = ask(venue, question)
    assert left["symbol"] == ETHER


def test_a_market_that_is_halted_takes_no_order(venue: Venue) -> None:
    venue.exchange.set_status(PF_XBT, Status.HALTED)
    said = refused(venue, lambda client: client.create_order(BITCOIN, "market", "buy", "0.01"))
    assert (type(said).__name__, "marketSuspended" in str(said)) == ("ExchangeNotAvailable", True)


def test_maintenance_and_the_limit_are_told_in_the_venues_words() -> None:
    with serving(KrakenFutures(perpetuals(RULES), Limit(2))) as venue:
        venue.mischief.next(Refuse(), "GET", "accounts")
        said = refused(venue, lambda client: client.fetch_balance())
        assert (type(said).__name__, "Unavailable" in str(said)) == ("ExchangeNotAvailable", True)
        said = refused(venue, lambda client: client.fetch_balance())  # the third request that counts
        assert (type(said).__name__, "apiLimitExceeded" in str(said)) == ("RateLimitExceeded", True)


def test_fills_come_by_hundreds_newest_first(venue: Venue) -> None:
    from tests.venues.core.orders import Side, Ticket, TimeInForce

    account = venue.exchange.accounts["a-key"]
    small = Ticket("PF_XBTUSD", Side.BUY, Decimal("0.0001"), time_in_force=TimeInForce.IOC)
    for _ in range(101):
        venue.exchange.advance(SECOND)
        venue.exchange.place(account, PF_XBT, small)

    async def question(client: Any) -> Any:
        first = (await client.privateGetFills())["fills"]
        return first, (await client.privateGetFills({"lastFillTime": first[-1]["fillTime"]}))["fills"]

    first, second = ask(venue, question)
    assert (len(first), first[0]["fillTime"], first[-1]["fillTime"]) == (
        100,
        "2026-03-02T02:01:41.000Z",
        "2026-03-02T02:00:02.000Z",
    )
    assert [fill["fillTime"] for fill in second] == ["2026-03-02T02:00:01.000Z"]


def test_reading_writes_nothing_and_the_ledger_holds_no_secret(venue: Venue) -> None:
    ask(venue, lambda client: client.fetch_balance())
    assert venue.ledger.writes() == []
    assert venue.ledger.private()
    assert "a-key" not in str([entry.headers for entry in venue.ledger.entries])
