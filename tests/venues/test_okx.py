"""ccxt's own client at the simulated OKX."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.clients import Asking
from tests.venues.core.clock import HOUR, MINUTE, SECOND
from tests.venues.core.market import Status
from tests.venues.core.refusals import Reason
from tests.venues.front import Limit
from tests.venues.mischief.acts import LateReject, Partial, Refuse
from tests.venues.okx.front import RULES, Okx
from tests.venues.server import Venue, serving
from tests.venues.worlds import BEGINS, DASHED, NOW, OKX_KEYS, crypto, minutes

if TYPE_CHECKING:
    from collections.abc import Iterator

SPOT, SWAP, ETHER = "BTC/USDT", "BTC/USDT:USDT", "ETH/USDT"
QUIET = {"options": {"fetchMarkets": {"types": ["spot", "swap"]}}, "has": {"fetchCurrencies": False}}
PERPETUAL = DASHED[1]


@pytest.fixture
def venue() -> Iterator[Venue]:
    with serving(Okx(crypto(RULES, markets=DASHED))) as venue:
        yield venue


ask = Asking("okx", {**OKX_KEYS, **QUIET})
refused = ask.refused


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


def test_a_market_purchase_is_acknowledged_then_found_filled_with_its_fee_in_the_coin(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(SPOT, "market", "buy", "0.01", params={"clientOrderId": "t1"})
        found = await client.fetch_order(None, SPOT, {"clientOrderId": "t1"})
        return sent, found, await client.fetch_balance(), await client.fetch_my_trades(SPOT)

    sent, found, balance, (trade,) = ask(venue, question)
    assert (sent["status"], sent["filled"], sent["average"], sent["clientOrderId"]) == (None, None, None, "t1")
    assert (found["id"], found["status"], found["filled"], found["average"]) == (sent["id"], "closed", 0.01, 50_000.1)
    assert balance["BTC"]["total"] == pytest.approx(1.01 - 0.01 * 0.0005)
    assert balance["USDT"]["free"] == 9_499.999  # 10,000 - 0.01 x 50,000.1
    assert (trade["fee"]["currency"], trade["fee"]["cost"]) == ("BTC", 0.000005)
    assert (trade["takerOrMaker"], trade["info"]["fee"]) == ("taker", "-0.000005")


def test_a_market_purchase_may_be_counted_in_money(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(SPOT, "market", "buy", 1, None, {"tgtCcy": "quote_ccy", "cost": 100})
        raw = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "market", "sz": "100"}
        own = await client.privatePostTradeOrder(raw)  # money is what the venue counts a purchase in by itself
        return [await client.fetch_order(id_, SPOT) for id_ in (sent["id"], own["data"][0]["ordId"])]

    filled = [(found["filled"], found["average"], found["cost"]) for found in ask(venue, question)]
    assert filled == [(0.0019, 50_000.1, 100)] * 2  # 95.00019 were spent: ccxt tells what was to be


def test_a_limit_order_holds_money_rests_and_is_cancelled(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.create_order(SPOT, "limit", "buy", "0.01", "40000", {"clientOrderId": "t2"})
        held = await client.fetch_balance()
        opened = await client.fetch_open_orders(SPOT)
        await client.cancel_order(None, SPOT, {"clientOrderId": "t2"})
        return held, opened, await client.fetch_canceled_orders(SPOT), await client.fetch_closed_orders(SPOT)

    held, (opened,), (over,), closed = ask(venue, question)
    assert (held["USDT"]["free"], held["USDT"]["used"]) == (9_600, 400)
    assert (opened["status"], opened["clientOrderId"], over["status"], closed) == ("open", "t2", "canceled", [])


def test_an_order_that_fills_in_part_stays_open_and_keeps_its_fill_when_it_is_cancelled(venue: Venue) -> None:
    venue.mischief.next(Partial(fraction=Decimal("0.5")), "POST", "/batch-orders")

    async def question(client: Any) -> Any:
        sent = await client.create_order(SWAP, "limit", "buy", "10", "50001")
        (opened,) = await client.fetch_open_orders(SWAP)
        await client.cancel_order(sent["id"], SWAP)
        return opened, await client.fetch_order(sent["id"], SWAP)

    opened, ended = ask(venue, question)
    assert (opened["status"], opened["filled"], opened["info"]["state"]) == ("open", 5, "partially_filled")
    assert (ended["status"], ended["filled"], ended["average"]) == ("canceled", 5, 50_000.1)


def test_an_order_that_ended_with_nothing_filled_is_forgotten_after_two_hours(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(SPOT, "limit", "buy", "0.01", "40000")
        await client.cancel_order(sent["id"], SPOT)
        venue.exchange.advance(2 * HOUR)
        assert (await client.fetch_order(sent["id"], SPOT))["status"] == "canceled"
        venue.exchange.advance(SECOND)
        await client.fetch_order(sent["id"], SPOT)

    assert type(refused(venue, question)).__name__ == "OrderNotFound"


def test_a_swap_is_opened_marked_and_closed_in_contracts(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.set_leverage(10, SWAP)
        await client.create_order(SWAP, "market", "sell", "10")
        opened = await client.fetch_positions([SWAP])
        venue.exchange.set_price(PERPETUAL, "49000")
        await client.create_order(SWAP, "market", "buy", "500", params={"reduceOnly": True})
        closed, everything = await client.fetch_positions([SWAP]), await client.fetch_positions()
        return opened, closed, everything, await client.fetch_balance(), await client.fetch_leverage(SWAP)

    (opened,), closed, everything, balance, leverage = ask(venue, question)
    assert (opened["side"], opened["contracts"], opened["contractSize"]) == ("short", 10, 0.01)
    assert (opened["entryPrice"], opened["leverage"], opened["initialMargin"]) == (50_000, 10, 500)
    assert opened["unrealizedPnl"] == pytest.approx(-12)  # 10 x 0.01 x 120: the mark stands at 50,120
    assert [position["contracts"] for position in closed] == [0]  # of one that is named also what is over
    assert everything == []
    fees = (5_000 + 4_900.01) * 0.0005
    assert balance["USDT"]["total"] == pytest.approx(10_000 + 0.1 * (50_000 - 49_000.1) - fees)
    assert leverage["longLeverage"] == 10


def test_a_trigger_is_hidden_from_the_plain_paths_until_the_price_comes_by(venue: Venue) -> None:
    there = {"trigger": True}

    async def question(client: Any) -> Any:
        await client.create_order(SWAP, "market", "buy", "10")
        params = {"triggerPrice": "49000", "reduceOnly": True, "clientOrderId": "s1"}
        sent = await client.create_order(SWAP, "market", "sell", "10", params=params)
        plain = await client.fetch_open_orders(SWAP)
        waiting = await client.fetch_open_orders(SWAP, params=there)
        venue.exchange.set_price(PERPETUAL, "48990")
        hit = await client.fetch_order(None, SWAP, {**there, "clientOrderId": "s1"})
        became = await client.fetch_order(hit["info"]["ordId"], SWAP)
        return sent, plain, waiting, hit, became

    sent, plain, (waiting,), hit, became = ask(venue, question)
    assert plain == []
    assert (waiting["id"], waiting["triggerPrice"], waiting["status"]) == (sent["id"], 49_000, "open")
    assert (hit["id"], hit["status"]) == (sent["id"], "closed")
    assert (became["info"]["ordId"], became["average"]) == (hit["info"]["ordId"], 48_990)
    assert became["id"] == sent["id"]  # ccxt names what came of it by where it came from


def test_a_stop_is_hidden_even_from_who_asks_for_triggers(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.create_order(SWAP, "market", "buy", "10")
        sent = await client.create_order(SWAP, "market", "sell", "10", params={"stopLossPrice": "49000"})
        triggers = await client.fetch_open_orders(SWAP, params={"trigger": True})
        stops = await client.fetch_open_orders(SWAP, params={"trigger": True, "ordType": "conditional"})
        await client.cancel_order(sent["id"], SWAP, {"trigger": True})
        return sent, triggers, stops, await client.fetch_order(sent["id"], SWAP, {"trigger": True})

    sent, triggers, (stop,), over = ask(venue, question)
    assert triggers == []
    assert (stop["id"], stop["stopLossPrice"], over["status"]) == (sent["id"], 49_000, "canceled")


def test_a_target_waits_for_a_better_price(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.create_order(SWAP, "market", "buy", "10")
        target = {"takeProfitPrice": "51000", "reduceOnly": True}
        sent = await client.create_order(SWAP, "limit", "sell", "10", "50900", target)
        venue.exchange.set_price(PERPETUAL, "51010")
        return await client.fetch_order(sent["id"], SWAP, {"trigger": True})

    hit = ask(venue, question)
    assert (hit["status"], hit["info"]["actualPx"], hit["takeProfitPrice"]) == ("closed", "51010", 51_000)


@pytest.mark.parametrize("call", ["fetch_order", "cancel_order"])
def test_a_waiting_trigger_is_unknown_to_the_plain_paths(venue: Venue, call: str) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(SWAP, "market", "buy", "10", params={"triggerPrice": 51_000})
        await getattr(client, call)(sent["id"], SWAP)

    assert type(refused(venue, question)).__name__ == "OrderNotFound"
    assert len(venue.exchange.open_orders(venue.exchange.accounts["a-key"])) == 1


REFUSALS: dict[str, tuple[str, tuple[Any, ...], str, int]] = {
    "funds, spot": (SPOT, ("limit", "buy", "1", "50000"), "InsufficientFunds", 51008),
    "funds, swap": (SWAP, ("limit", "buy", "100", "50000"), "InsufficientFunds", 51008),
    "minimum quantity": (SPOT, ("limit", "buy", "0.0001", "50000"), "InvalidOrder", 51020),
    "maximum quantity": (SWAP, ("limit", "buy", "10001", "50000"), "InvalidOrder", 51202),
    "reduce-only without a position": (
        SWAP,
        ("market", "sell", "1", None, {"reduceOnly": True}),
        "ExchangeError",
        51169,
    ),
    "a stop that would trigger at once": (
        SWAP,
        ("market", "sell", "1", None, {"stopLossPrice": 51_000}),
        "InvalidOrder",
        51280,
    ),
    "a target that would trigger at once": (
        SWAP,
        ("market", "buy", "1", None, {"takeProfitPrice": 51_000}),
        "InvalidOrder",
        51277,
    ),
    "a client id with a dash": (
        SPOT,
        ("limit", "buy", "0.1", "40000", {"clientOrderId": "a-b"}),
        "BadRequest",
        51000,
    ),
    "a hedged order on a one-way account": (SWAP, ("market", "buy", "1", None, {"hedged": True}), "BadRequest", 51000),
    "an attached stop, which is not simulated": (
        SWAP,
        ("limit", "buy", "1", "50000", {"stopLoss": {"triggerPrice": 49_000}}),
        "BadRequest",
        51000,
    ),
    "spot on credit, which is not simulated": (
        SPOT,
        ("limit", "buy", "0.1", "40000", {"marginMode": "cross"}),
        "BadRequest",
        51000,
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_an_order_that_breaks_a_rule_raises_as_at_the_venue(venue: Venue, case: str) -> None:
    symbol, order, name, code = REFUSALS[case]
    said = refused(venue, lambda client: client.create_order(symbol, *order))
    assert type(said).__name__ == name
    assert f'"sCode": "{code}"' in str(said)
    assert venue.exchange.orders == {}


RAW: dict[str, tuple[dict[str, str], str, int]] = {
    "lot": ({"sz": "0.00025", "px": "50000"}, "InvalidOrder", 51121),
    "tick": ({"sz": "0.01", "px": "50000.05"}, "BadRequest", 51000),
    "no such symbol": ({"instId": "NO-USDT", "sz": "1", "px": "1"}, "BadSymbol", 51001),
    "no size": ({"px": "1"}, "BadRequest", 50014),
}


@pytest.mark.parametrize("case", RAW)
def test_what_ccxt_would_mend_is_refused_when_it_is_sent(venue: Venue, case: str) -> None:
    wanted, name, code = RAW[case]
    order = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", **wanted}
    said = refused(venue, lambda client: client.privatePostTradeOrder(order))
    assert type(said).__name__ == name
    assert f'"sCode": "{code}"' in str(said)


def test_of_several_orders_each_has_its_own_answer(venue: Venue) -> None:
    order = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "40000"}
    both = [{**order, "sz": "0.01", "clOrdId": "good"}, {**order, "sz": "9", "clOrdId": "dear"}]
    answer = ask(venue, lambda client: client.privatePostTradeBatchOrders(both))
    assert answer["code"] == "2"
    assert [(row["clOrdId"], row["sCode"]) for row in answer["data"]] == [("good", "0"), ("dear", "51008")]


def test_post_only_that_would_take_is_accepted_and_cancelled(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(SPOT, "limit", "buy", "0.01", "50001", {"postOnly": True})
        return await client.fetch_order(sent["id"], SPOT)

    found = ask(venue, question)
    assert (found["status"], found["filled"], found["info"]["cancelSource"]) == ("canceled", 0, "31")


def test_an_order_that_is_rejected_later_ends_as_cancelled(venue: Venue) -> None:
    venue.mischief.next(LateReject(), "POST", "/batch-orders")

    async def question(client: Any) -> Any:
        sent = await client.create_order(SPOT, "market", "buy", "0.01")
        return await client.fetch_order(sent["id"], SPOT)

    assert ask(venue, question)["status"] == "canceled"


def test_a_client_id_stands_once_among_open_orders_alone(venue: Venue) -> None:
    async def buy(client: Any) -> Any:
        return await client.create_order(SPOT, "limit", "buy", "0.01", "40000", {"clientOrderId": "once"})

    async def again(client: Any) -> Any:
        first = await buy(client)
        await client.cancel_order(first["id"], SPOT)
        return first["id"], (await buy(client))["id"]

    first, second = ask(venue, again)
    assert first != second
    said = refused(venue, buy)
    assert type(said).__name__ == "InvalidOrder"
    assert '"sCode": "51016"' in str(said)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"apiKey": "nobody"}, 50111),
        ({"secret": "wrong"}, 50113),
        ({"password": "wrong"}, 50105),
        ({"headers": {"x-simulated-trading": "1"}}, 50101),
    ],
    ids=["key", "signature", "passphrase", "demo"],
)
def test_a_bad_key_signature_or_passphrase_is_refused(venue: Venue, settings: dict[str, Any], code: int) -> None:
    said = refused(venue, lambda client: client.fetch_balance(), **settings)
    assert type(said).__name__ == "AuthenticationError"
    assert f'"code": "{code}"' in str(said)


def test_demo_trading_needs_its_header() -> None:
    with serving(Okx(crypto(RULES, markets=DASHED), is_demo=True)) as venue:
        demo = {"headers": {"x-simulated-trading": "1"}}
        assert ask(venue, lambda client: client.fetch_balance(), **demo)["USDT"]["total"] == 10_000
        assert '"code": "50101"' in str(refused(venue, lambda client: client.fetch_balance()))


@pytest.mark.parametrize("seconds", [-31, 31])
def test_a_request_from_another_time_is_refused_and_the_difference_heals_it(venue: Venue, seconds: int) -> None:
    async def healed(client: Any) -> Any:
        await client.load_time_difference()
        return await client.fetch_balance()

    venue.exchange.clock.skew = seconds * SECOND
    said = refused(venue, lambda client: client.fetch_balance())
    assert type(said).__name__ == "InvalidNonce"
    assert '"code": "50102"' in str(said)
    assert ask(venue, healed)["USDT"]["total"] == 10_000


@pytest.mark.parametrize(("call", "code"), [("cancel_order", 51400), ("fetch_order", 51603)])
def test_an_order_nobody_knows_is_not_found(venue: Venue, call: str, code: int) -> None:
    said = refused(venue, lambda client: getattr(client, call)("1", SPOT))
    assert type(said).__name__ == "OrderNotFound"
    assert str(code) in str(said)


def test_a_mode_or_leverage_that_is_so_already_is_as_good(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return await client.set_leverage(1, SWAP), await client.set_position_mode(False)

    assert [answer["code"] for answer in ask(venue, question)] == ["0", "0"]
    assert '"code": "59102"' in str(refused(venue, lambda client: client.set_leverage(101, SWAP)))


def test_the_position_mode_stays_while_a_position_is_open(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.create_order(SWAP, "market", "buy", "1")
        await client.set_position_mode(True)

    assert '"code": "59000"' in str(refused(venue, question))


def test_an_isolated_position_tells_its_margin(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.create_order(SWAP, "market", "buy", "1", params={"marginMode": "isolated"})
        return await client.fetch_positions()

    (position,) = ask(venue, question)
    assert (position["marginMode"], position["initialMargin"]) == ("isolated", pytest.approx(500.001))


def test_the_permissions_of_a_key_tell_whether_it_may_withdraw(venue: Venue) -> None:
    venue.exchange.accounts["a-key"].may_withdraw = True
    (config,) = ask(venue, lambda client: client.privateGetAccountConfig())["data"]
    assert config["perm"] == "read_only,trade,withdraw"


def test_maintenance_is_told_as_such(venue: Venue) -> None:
    venue.mischief.next(Refuse(reason=Reason.MAINTENANCE), "GET", "/account/balance")
    assert type(refused(venue, lambda client: client.fetch_balance())).__name__ == "OnMaintenance"


def test_the_limit_is_kept_and_told_by_no_header() -> None:
    async def question(client: Any) -> Any:
        for _ in range(9):
            await client.fetch_time()

    with serving(Okx(crypto(RULES, markets=DASHED), Limit(5))) as venue:  # two requests load the markets
        said = refused(venue, question)
        assert type(said).__name__ == "RateLimitExceeded"
        assert '"code": "50011"' in str(said)
        assert [entry.status for entry in venue.ledger.entries] == [200] * 5 + [429]


def test_the_ledger_holds_no_secret(venue: Venue) -> None:
    ask(venue, lambda client: client.fetch_balance())
    seen = str([entry.headers for entry in venue.ledger.private()])
    assert venue.ledger.writes() == []
    assert "OK-ACCESS-SIGN".lower() in seen
    assert "a-key" not in seen
    assert "a-passphrase" not in seen
