"""ccxt's own client at the simulated Deribit."""

from __future__ import annotations

import hmac
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.clients import Asking
from tests.venues.core.clock import DAY, HOUR, MINUTE, SECOND
from tests.venues.core.market import Status
from tests.venues.core.orders import Side, Ticket, TimeInForce
from tests.venues.core.series import Series
from tests.venues.deribit.front import RULES, Deribit
from tests.venues.deribit.world import ETH, INVERSE, LINEAR, perpetuals
from tests.venues.deribit.world import SPOT as OWNED
from tests.venues.front import Limit
from tests.venues.mischief.acts import Drop, Refuse
from tests.venues.server import Venue, serving
from tests.venues.worlds import BEGINS, KEYS, NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

DOLLARS, BITCOIN, SPOT, ETHER = "BTC/USD:BTC", "BTC/USDC:USDC", "BTC/USDC", "ETH/USDC:USDC"


@pytest.fixture
def venue() -> Iterator[Venue]:
    with serving(Deribit(perpetuals(RULES))) as venue:
        yield venue


ask = Asking("deribit", KEYS)
refused = ask.refused


def test_markets_have_their_steps_and_what_they_settle_in(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return client.markets

    markets = ask(venue, question)
    assert set(markets) == {DOLLARS, BITCOIN, SPOT, ETHER}
    dollars, bitcoin = markets[DOLLARS], markets[BITCOIN]
    assert (dollars["id"], dollars["settle"], dollars["inverse"]) == ("BTC-PERPETUAL", "BTC", True)
    assert (dollars["precision"]["amount"], dollars["contractSize"]) == (10, 10)
    assert (bitcoin["precision"]["amount"], bitcoin["precision"]["price"]) == (0.0001, 0.5)
    assert (bitcoin["taker"], bitcoin["info"]["max_leverage"], markets[SPOT]["taker"]) == (0.0005, 50, 0)


def test_a_market_that_is_halted_is_not_active_and_one_that_is_gone_not_listed(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return {symbol: market["active"] for symbol, market in client.markets.items()}

    venue.exchange.set_status(INVERSE, Status.HALTED)
    venue.exchange.set_status(LINEAR, Status.DELISTED)
    assert ask(venue, question) == {DOLLARS: False, SPOT: True, ETHER: True}


def test_the_time_and_the_state_are_told(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return await client.fetch_time(), (await client.fetch_status())["status"]

    assert ask(venue, question) == (NOW // 10**6, "ok")


def test_candles_are_between_both_bounds_and_the_last_is_in_progress(venue: Venue) -> None:
    venue.exchange.move_to(NOW + 30 * SECOND)  # half of minute 120 has passed: its first third was the low

    async def question(client: Any) -> Any:
        bounds = {"start_timestamp": (BEGINS + 5 * MINUTE) // 10**6, "end_timestamp": (BEGINS + 6 * MINUTE) // 10**6}
        wanted = {"instrument_name": "ETH_USDC-PERPETUAL", "resolution": "1"}
        none = {"start_timestamp": 1, "end_timestamp": 2}
        return (
            await client.fetch_ohlcv(ETHER, "1m", limit=2),
            (await client.publicGetGetTradingviewChartData(wanted | bounds))["result"],
            (await client.publicGetGetTradingviewChartData(wanted | none))["result"],
        )

    newest, between, none = ask(venue, question)
    assert newest == [[NOW // 10**6, 2120, 2120, 2118, 2118, 3]]  # ccxt asks from 30 s after the one before
    assert (between["open"], between["status"]) == ([2005.0, 2006.0], "ok")
    assert (none["ticks"], none["status"]) == ([], "no_data")


def test_a_minute_without_a_trade_is_a_flat_candle_and_five_thousand_are_the_most() -> None:
    exchange = perpetuals(RULES, BEGINS + 6000 * MINUTE)
    rows = [(BEGINS + n * MINUTE, n + 1, n + 1, n + 1, n + 1, 1) for n in range(6001) if n != 5998]
    exchange.add_market(ETH, Series(rows, MINUTE))
    with serving(Deribit(exchange)) as venue:
        rows = ask(venue, lambda client: client.fetch_ohlcv(ETHER, "1m", since=BEGINS // 10**6))
    assert len(rows) == 5000
    assert [row[4:] for row in rows[-4:-1]] == [[5998, 1], [5998, 0], [6000, 1]]


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


def test_funding_is_told_by_the_hour_and_for_eight_hours_at_once(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return await client.fetch_funding_rate_history(BITCOIN), await client.fetch_funding_rate(BITCOIN)

    rates, current = ask(venue, question)
    assert [(rate["timestamp"], rate["info"]["interest_1h"]) for rate in rates] == [
        (BEGINS // 10**6, 0.0001),
        ((BEGINS + HOUR) // 10**6, -0.0002),
    ]
    assert [rate["fundingRate"] for rate in rates] == [0.0001, -0.0001]  # ccxt takes that of eight hours
    assert (rates[1]["info"]["index_price"], rates[1]["info"]["prev_index_price"]) == (50_060, 50_000)
    assert current["fundingRate"] == -0.0001


def test_the_ticker_and_the_book_show_the_spread(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return await client.fetch_ticker(BITCOIN), await client.fetch_ticker(ETHER), await client.fetch_order_book(SPOT)

    ticker, ether, book = ask(venue, question)
    assert (ticker["last"], ticker["bid"], ticker["ask"], ticker["markPrice"]) == (50_000, 50_000, 50_000.5, 50_120)
    assert (ticker["timestamp"], ether["high"], ether["low"]) == (NOW // 10**6, 2122, 1998)
    assert (book["bids"], book["asks"]) == ([[50_000, 1_000_000]], [[50_000, 1_000_000]])


def test_the_tickers_of_a_coin_lack_the_perpetual_that_settles_in_dollars(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return await client.fetch_tickers([BITCOIN]), await client.fetch_tickers([DOLLARS])

    linear, inverse = ask(venue, question)
    assert (list(linear), list(inverse)) == ([], [DOLLARS])


def test_a_market_order_is_answered_with_its_fills_and_its_label_finds_it(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(BITCOIN, "market", "buy", "0.1", params={"label": "t1"})
        found = await client.fetch_order(sent["id"], BITCOIN)
        wanted = {"currency": "USDC", "label": "t1"}
        labelled = (await client.privateGetGetOrderStateByLabel(wanted))["result"]
        return sent, found, labelled, await client.fetch_balance(), await client.fetch_my_trades(BITCOIN)

    sent, found, labelled, balance, (trade,) = ask(venue, question)
    assert (sent["status"], sent["filled"], sent["average"], len(sent["trades"])) == ("closed", 0.1, 50_000.5, 1)
    assert (found["clientOrderId"], found["info"]["label"]) == (None, "t1")
    assert [one["order_id"] for one in labelled] == [sent["id"]]
    fee = 5_000.05 * 0.0005
    assert balance["USDC"]["total"] == pytest.approx(10_000 - fee + 0.1 * (50_120 - 50_000.5))
    assert balance["USDC"]["free"] == pytest.approx(10_000 - fee - 5_000.05 / 50)
    assert (trade["fee"]["currency"], trade["fee"]["cost"]) == ("USDC", pytest.approx(fee))


def test_an_inverse_perpetual_is_bought_in_dollars_and_gains_coins(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.create_order(DOLLARS, "market", "buy", 1000)
        venue.exchange.set_price(INVERSE, "62500")
        (opened,) = await client.fetch_positions()
        await client.create_order(DOLLARS, "market", "sell", 1000)
        return opened, await client.fetch_positions(), await client.fetch_balance()

    opened, (closed,), balance = ask(venue, question)
    assert (opened["side"], opened["contracts"], opened["entryPrice"], opened["leverage"]) == (
        "long",
        1000,
        50_000.5,
        50,
    )
    assert (closed["contracts"], closed["info"]["direction"]) == (0, "zero")
    gain = 1000 / 50_000.5 - 1000 / 62_500
    assert balance["BTC"]["total"] == pytest.approx(1 + gain - (1000 / 50_000.5 + 1000 / 62_500) * 0.0005)


def test_spot_is_bought_without_a_fee(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.create_order(SPOT, "market", "buy", "0.1")
        return await client.fetch_balance()

    balance = ask(venue, question)
    assert (balance["BTC"]["total"], balance["USDC"]["total"]) == (1.1, 5_000)


def test_a_limit_order_rests_is_cancelled_and_comes_as_unfilled_only_when_asked_for(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(BITCOIN, "limit", "buy", "0.1", "40000", {"label": "t2"})
        opened = await client.fetch_open_orders(BITCOIN)
        others = await client.fetch_open_orders(DOLLARS)
        cancelled = await client.cancel_order(sent["id"], BITCOIN)
        history = await client.fetch_closed_orders(BITCOIN)
        unfilled = await client.fetch_closed_orders(BITCOIN, params={"include_unfilled": True})
        return opened, others, cancelled, history, unfilled

    (opened,), others, cancelled, history, (unfilled,) = ask(venue, question)
    assert (opened["status"], opened["price"], others) == ("open", 40_000, [])
    assert (cancelled["status"], cancelled["info"]["cancel_reason"]) == ("canceled", "user_request")
    assert (history, unfilled["status"]) == ([], "canceled")


def test_a_stop_waits_among_the_open_orders_until_the_price_comes_by(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.create_order(BITCOIN, "market", "buy", "0.1")
        stop = {"stopLossPrice": "49000", "reduceOnly": True}
        sent = await client.create_order(BITCOIN, "market", "sell", "0.1", params=stop)
        (waiting,) = await client.fetch_open_orders(BITCOIN)
        venue.exchange.set_price(LINEAR, "48990")
        return waiting, await client.fetch_order(sent["id"], BITCOIN)

    waiting, hit = ask(venue, question)
    info = waiting["info"]
    assert (info["order_state"], info["order_type"], info["trigger_price"]) == ("untriggered", "stop_market", 49_000)
    assert (waiting["triggerPrice"], waiting["price"]) == (None, None)  # ccxt reads another field
    assert (hit["status"], hit["average"], hit["info"]["triggered"]) == ("closed", 48_990, True)


def test_a_take_profit_with_a_limit_becomes_a_limit_order(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        take = {"takeProfitPrice": "51000"}
        sent = await client.create_order(BITCOIN, "limit", "sell", "0.1", "52000", take)
        venue.exchange.set_price(LINEAR, "51500")
        return await client.fetch_order(sent["id"], BITCOIN)

    found = ask(venue, question)
    assert (found["status"], found["info"]["order_type"], found["price"]) == ("open", "take_limit", 52_000)


def test_an_order_that_must_not_take_is_moved_before_the_touch_unless_it_asks_to_be_refused(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        wanted = {"instrument_name": "BTC_USDC-PERPETUAL", "amount": "0.1", "price": "60000", "post_only": "true"}
        return (await client.privateGetBuy(wanted))["result"]["order"]

    order = ask(venue, question)
    assert (order["order_state"], order["price"]) == ("open", 50_000)  # the ask is 50,000.5, by steps of 0.5


def test_an_answer_that_is_lost_makes_two_orders_since_an_order_is_a_get(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return await client.create_order(BITCOIN, "limit", "buy", "0.01", "40000", {"label": "t3"})

    venue.mischief.next(Drop(), "GET", "private/buy")
    assert ask(venue, question)["status"] == "open"
    assert len(venue.exchange.orders) == 2
    assert [entry.status for entry in venue.ledger.sends("t3")] == [None, 200]


def test_an_order_may_be_a_call_by_post_which_no_client_sends_twice(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        path, stamp = "/api/v2/private/buy", str(client.milliseconds())
        wanted = {"instrument_name": "BTC_USDC-PERPETUAL", "amount": 0.01, "price": 40000, "label": "t4"}
        body = json.dumps({"jsonrpc": "2.0", "id": 7, "method": "private/buy", "params": wanted})
        text = f"{stamp}\n{stamp}\nPOST\n{path}\n{body}\n"
        signature = hmac.new(KEYS["secret"].encode(), text.encode(), "sha256").hexdigest()
        headers = {"Authorization": f"deri-hmac-sha256 id=a-key,ts={stamp},sig={signature},nonce={stamp}"}
        return await client.fetch(venue.url + path, "POST", headers, body)

    answer = ask(venue, question)
    assert (answer["id"], answer["result"]["order"]["label"]) == (7, "t4")
    venue.mischief.next(Drop(), "POST", "private/buy")
    assert type(refused(venue, question)).__name__ == "ExchangeNotAvailable"
    assert len(venue.ledger.sends("t4")) == 2


REFUSALS: dict[str, tuple[str, tuple[Any, ...], str, str]] = {
    "funds": (BITCOIN, ("limit", "buy", "11", "50000"), "InsufficientFunds", "10009"),
    "funds, spot": (SPOT, ("limit", "buy", "1", "50000"), "InsufficientFunds", "10009"),
    "maximum quantity": (BITCOIN, ("limit", "buy", "101", "50000"), "InvalidOrder", "10021"),
    "reduce-only without a position": (
        BITCOIN,
        ("market", "sell", "0.1", None, {"reduceOnly": True}),
        "ExchangeError",
        "11030",
    ),
    "post-only that would take": (
        BITCOIN,
        ("limit", "buy", "0.1", "60000", {"postOnly": True}),
        "InvalidOrder",
        "11054",
    ),
    "a stop that would trigger at once": (
        BITCOIN,
        ("market", "sell", "0.1", None, {"stopLossPrice": 51_000}),
        "InvalidOrder",
        "11036",
    ),
    "a trigger by the mark price, which is not simulated": (
        BITCOIN,
        ("market", "sell", "0.1", None, {"stopLossPrice": 49_000, "trigger": "mark_price"}),
        "BadRequest",
        "-32602",
    ),
    "a label too long": (BITCOIN, ("limit", "buy", "0.1", "50000", {"label": "x" * 65}), "BadRequest", "-32602"),
    "an order that comes too late": (
        BITCOIN,
        ("limit", "buy", "0.1", "50000", {"valid_until": NOW // 10**6}),
        "ExchangeError",
        "13888",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_an_order_that_breaks_a_rule_raises_as_at_the_venue(venue: Venue, case: str) -> None:
    symbol, order, name, code = REFUSALS[case]
    said = refused(venue, lambda client: client.create_order(symbol, *order))
    assert (type(said).__name__, f'"code": {code}' in str(said)) == (name, True)
    assert venue.exchange.orders == {}


RAW: dict[str, tuple[dict[str, str], str, str]] = {
    "lot": ({"amount": "0.00015", "price": "50000"}, "BadRequest", "-32602"),
    "lot of dollars": (
        {"instrument_name": "BTC-PERPETUAL", "amount": "15", "price": "50000"},
        "BadRequest",
        "-32602",
    ),
    "minimum quantity": (
        {"instrument_name": "BTC-PERPETUAL", "amount": "0", "price": "50000"},
        "BadRequest",
        "-32602",
    ),
    "tick": ({"amount": "0.01", "price": "50000.25"}, "InvalidOrder", "10043"),
    "no such instrument": ({"instrument_name": "NO", "amount": "1", "price": "1"}, "ExchangeError", "13020"),
}


@pytest.mark.parametrize("case", RAW)
def test_what_ccxt_would_round_away_is_refused_when_it_is_sent(venue: Venue, case: str) -> None:
    wanted, name, code = RAW[case]
    said = refused(venue, lambda client: client.privateGetBuy({"instrument_name": "BTC_USDC-PERPETUAL", **wanted}))
    assert (type(said).__name__, f'"code": {code}' in str(said)) == (name, True)


def test_a_label_may_stand_for_any_number_of_orders(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        for _ in range(2):
            await client.create_order(BITCOIN, "limit", "buy", "0.01", "40000", {"label": "t5"})
        await client.create_order(BITCOIN, "limit", "buy", "0.01", "40000", {"label": "t6"})
        cancelled = await client.privateGetCancelByLabel({"label": "t5"})
        return cancelled["result"], await client.fetch_open_orders(BITCOIN)

    cancelled, (left,) = ask(venue, question)
    assert (cancelled, left["info"]["label"]) == (2, "t6")


@pytest.mark.parametrize("settings", [{"apiKey": "nobody"}, {"secret": "wrong"}])
def test_a_bad_key_or_signature_is_refused(venue: Venue, settings: dict[str, str]) -> None:
    said = refused(venue, lambda client: client.fetch_balance(), **settings)
    assert (type(said).__name__, '"code": 13004' in str(said)) == ("AuthenticationError", True)


@pytest.mark.parametrize("seconds", [-61, 61])
def test_a_request_from_another_time_is_refused_as_unauthorized(venue: Venue, seconds: int) -> None:
    venue.exchange.clock.skew = seconds * SECOND
    said = refused(venue, lambda client: client.fetch_balance())
    assert (type(said).__name__, '"code": 13009' in str(said)) == ("AuthenticationError", True)


def test_an_order_nobody_knows_is_not_found_and_one_that_is_over_not_open(venue: Venue) -> None:
    async def filled(client: Any) -> Any:
        sent = await client.create_order(BITCOIN, "market", "buy", "0.1")
        await client.cancel_order(sent["id"], BITCOIN)

    for question, name, code in (
        (lambda client: client.cancel_order("nothing", BITCOIN), "OrderNotFound", 10004),
        (lambda client: client.fetch_order("nothing", BITCOIN), "OrderNotFound", 10004),
        (filled, "InvalidOrder", 11044),
    ):
        said = refused(venue, question)
        assert (type(said).__name__, f'"code": {code}' in str(said)) == (name, True)


def test_a_key_that_only_reads_may_not_trade_and_a_closed_book_takes_nothing(venue: Venue) -> None:
    buy = {"instrument_name": "BTC_USDC", "amount": "0.01", "type": "market"}
    venue.exchange.set_status(OWNED, Status.HALTED)
    said = refused(venue, lambda client: client.privateGetBuy(buy))
    assert (type(said).__name__, '"code": 10012' in str(said)) == ("InvalidOrder", True)
    venue.exchange.accounts["a-key"].may_trade = False
    said = refused(venue, lambda client: client.privateGetBuy(buy))
    assert type(said).__name__ == "PermissionDenied"


def test_maintenance_and_the_limit_are_told_in_the_venues_words() -> None:
    with serving(Deribit(perpetuals(RULES), Limit(3))) as venue:
        venue.mischief.next(Refuse(), "GET", "get_account_summaries")
        said = refused(venue, lambda client: client.fetch_balance())
        assert (type(said).__name__, '"code": 11051' in str(said)) == ("OnMaintenance", True)
        said = refused(venue, lambda client: client.fetch_balance())  # the fourth request that counts
        assert (type(said).__name__, '"code": 10028' in str(said)) == ("DDoSProtection", True)


def test_fills_come_by_tens_newest_first_and_old_ones_only_when_asked_for(venue: Venue) -> None:
    account = venue.exchange.accounts["a-key"]
    small = Ticket("BTC_USDC-PERPETUAL", Side.BUY, Decimal("0.0001"), time_in_force=TimeInForce.IOC)
    for wait in (0, *[3 * DAY // 11] * 11):
        venue.exchange.advance(wait)
        venue.exchange.place(account, LINEAR, small)

    async def question(client: Any) -> Any:
        wanted = {"instrument_name": "BTC_USDC-PERPETUAL"}
        return [
            (await client.privateGetGetUserTradesByInstrument(wanted | more))["result"]
            for more in ({}, {"include_old": "true"}, {"include_old": "true", "count": 100, "sorting": "asc"})
        ]

    recent, first, all_of_them = ask(venue, question)
    assert (len(recent["trades"]), recent["has_more"]) == (8, False)  # those of the last two days of three
    assert (len(first["trades"]), first["has_more"]) == (10, True)
    assert [int(fill["trade_seq"]) for fill in all_of_them["trades"]] == list(range(1, 13))


def test_reading_writes_nothing_and_the_ledger_holds_no_secret(venue: Venue) -> None:
    ask(venue, lambda client: client.fetch_balance())
    assert venue.ledger.writes() == []
    assert venue.ledger.private()
    assert "a-key" not in str([entry.headers for entry in venue.ledger.entries])
