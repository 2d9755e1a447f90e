"""ccxt's own client at the simulated Kraken."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.clients import Asking
from tests.venues.core.clock import MINUTE, SECOND
from tests.venues.core.market import Status
from tests.venues.core.series import Series
from tests.venues.front import Limit
from tests.venues.kraken.front import RULES, Kraken
from tests.venues.kraken.world import ETH, KEYS, XBT, dollars
from tests.venues.mischief.acts import Refuse
from tests.venues.server import Venue, serving
from tests.venues.worlds import BEGINS, NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

BITCOIN, ETHER = "BTC/USD", "ETH/USD"


@pytest.fixture
def venue() -> Iterator[Venue]:
    with serving(Kraken(dollars(RULES))) as venue:
        yield venue


ask = Asking("kraken", KEYS)
refused = ask.refused


def test_markets_have_their_steps_and_minima(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return client.markets

    markets = ask(venue, question)
    assert set(markets) == {BITCOIN, ETHER}
    bitcoin = markets[BITCOIN]
    assert (bitcoin["id"], bitcoin["altname"], bitcoin["wsId"]) == ("XXBTZUSD", "XBTUSD", "XBT/USD")
    assert (bitcoin["precision"]["amount"], bitcoin["precision"]["price"]) == (1e-8, 0.1)
    assert (bitcoin["limits"]["amount"]["min"], bitcoin["limits"]["cost"]["min"]) == (0.00005, 0.5)
    assert (bitcoin["taker"], bitcoin["maker"]) == (0.004, 0.0025)


def test_a_market_that_is_halted_is_not_active_and_one_that_is_gone_not_listed(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return {symbol: market["active"] for symbol, market in client.markets.items()}

    venue.exchange.set_status(XBT, Status.HALTED)
    venue.exchange.set_status(ETH, Status.DELISTED)
    assert ask(venue, question) == {BITCOIN: False}


def test_the_time_is_told_in_whole_seconds(venue: Venue) -> None:
    venue.exchange.move_to(NOW + 1_999_000_000)
    assert ask(venue, lambda client: client.fetch_time()) == NOW // 10**6 + 1_000


def test_candles_come_after_since_and_the_one_in_progress_always(venue: Venue) -> None:
    venue.exchange.move_to(NOW + 30 * SECOND)  # half of minute 120 has passed: its first third was the low

    async def question(client: Any) -> Any:
        since = {"pair": "XXBTZUSD", "interval": 1, "since": (BEGINS + 118 * MINUTE) // SECOND}
        later = {**since, "pair": "XETHZUSD", "since": NOW // SECOND + 3600}
        return [(await client.publicGetOHLC({**one, "pair": "ETHUSD"}))["result"] for one in (since, later)]

    some, none = ask(venue, question)
    in_progress = [NOW // SECOND, "2120.00", "2120.00", "2118.00", "2118.00", "2118.00", "3.00000000", 1]
    assert [[int(row[0]), *row[1:]] for row in some["XETHZUSD"]] == [
        [NOW // SECOND - 60, "2119.00", "2122.00", "2117.00", "2120.00", "2120.00", "9.00000000", 1],
        in_progress,
    ]
    assert int(some["last"]) == NOW // SECOND - 60
    assert [[int(row[0]), *row[1:]] for row in none["XETHZUSD"]] == [in_progress]


def test_only_the_newest_720_candles_are_there_whatever_since() -> None:
    exchange = dollars(RULES, BEGINS + 1000 * MINUTE)
    exchange.add_market(ETH, Series([(BEGINS + n * MINUTE, 1, 1, 1, 1, 1) for n in range(1001)], MINUTE))
    with serving(Kraken(exchange)) as venue:
        rows = ask(venue, lambda client: client.fetch_ohlcv(ETHER, "1m", since=BEGINS // 10**6, limit=2000))
    assert (rows[0][0], len(rows)) == ((BEGINS + 281 * MINUTE) // 10**6, 720)


def test_a_minute_without_a_trade_is_a_flat_candle(venue: Venue) -> None:
    rows = [(BEGINS + n * MINUTE, 10 + n, 10 + n, 10 + n, 10 + n, 5) for n in (0, 3)]
    venue.exchange.add_market(ETH, Series(rows, MINUTE))
    rows = ask(venue, lambda client: client.fetch_ohlcv(ETHER, "1m"))
    assert [row[4:] for row in rows] == [[10, 5], [10, 0], [10, 0], [13, 5]]


def test_a_page_of_candles_goes_on_from_the_last_of_the_page_before(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        since, rows = BEGINS // 10**6, []
        while page := await client.fetch_ohlcv(ETHER, "15m", since=since, limit=3):
            rows += page
            since = page[-1][0] + 900_000
        return rows

    rows = ask(venue, question)
    assert [row[0] for row in rows] == [BEGINS // 10**6 + n * 900_000 for n in range(9)]
    assert rows[1][1:] == [2015, 2032, 2013, 2030, 135]  # minutes 15 to 29: high 2029 + 3, low 2015 - 2


def test_the_ticker_has_no_time_and_the_book_shows_the_spread(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return (
            await client.fetch_ticker(BITCOIN),
            await client.fetch_ticker(ETHER),
            await client.fetch_order_book(BITCOIN),
        )

    ticker, ether, book = ask(venue, question)
    assert (ticker["last"], ticker["bid"], ticker["ask"], ticker["timestamp"]) == (50_000, 50_000, 50_000.1, None)
    assert (ether["high"], ether["low"], ether["open"]) == (2122, 1998, 2000)
    assert (book["bids"][0][0], book["asks"][0][0]) == (50_000, 50_000.1)


def test_a_market_purchase_is_acknowledged_then_found_filled_with_its_fee_in_dollars(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(BITCOIN, "market", "buy", "0.01", params={"clientOrderId": "t1"})
        found = await client.fetch_order(sent["id"])
        return sent, found, await client.fetch_balance(), await client.fetch_my_trades(BITCOIN)

    sent, found, balance, (trade,) = ask(venue, question)
    assert (sent["status"], sent["filled"], sent["average"]) == (None, None, None)
    assert (found["status"], found["filled"], found["average"]) == ("closed", 0.01, 50_000.1)
    assert (found["clientOrderId"], found["trades"][0]["id"]) == ("t1", trade["id"])
    assert balance["BTC"]["total"] == 1.01
    assert balance["USD"]["free"] == 10_000 - 500.001 - 2.000004  # 0.01 x 50,000.1, and 0.4 % of it
    assert (trade["fee"], trade["takerOrMaker"]) == ({"currency": "USD", "cost": 2.0}, "taker")


def test_a_purchase_for_so_much_money_is_filled_for_it(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_market_buy_order_with_cost(BITCOIN, 100)
        return await client.fetch_order(sent["id"])

    found = ask(venue, question)
    assert found["info"]["oflags"] == "fciq,viqc"
    assert found["filled"] == 0.00199999  # 100 / 50,000.1 = 0.001999996, in whole lots


def test_a_limit_order_holds_money_and_fee_rests_and_is_cancelled(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(BITCOIN, "limit", "buy", "0.01", "40000", {"clientOrderId": "t2"})
        held = await client.fetch_balance()
        opened = await client.fetch_open_orders(BITCOIN, params={"clientOrderId": "t2"})
        none = await client.fetch_open_orders(BITCOIN, params={"clientOrderId": "t3"})
        await client.cancel_order(sent["id"])
        over = await client.fetch_closed_orders(BITCOIN, params={"clientOrderId": "t2"})
        return held, opened, none, over, await client.fetch_balance()

    held, (opened,), none, (over,), after = ask(venue, question)
    assert (held["USD"]["free"], held["USD"]["used"]) == (9_598.4, 401.6)  # 400, and 0.4 % of it
    assert (opened["status"], opened["price"], none) == ("open", 40_000, [])
    assert (over["status"], over["info"]["reason"]) == ("canceled", "User requested")
    assert after["USD"]["free"] == 10_000


def test_a_stop_waits_among_the_open_orders_and_holds_what_it_would_sell(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(BITCOIN, "market", "sell", "1", params={"stopLossPrice": "49000"})
        (waiting,) = await client.fetch_open_orders(BITCOIN)
        held = await client.fetch_balance()
        venue.exchange.set_price(XBT, "48990")
        return waiting, held, await client.fetch_order(sent["id"])

    waiting, held, hit = ask(venue, question)
    assert (waiting["info"]["descr"]["ordertype"], waiting["stopLossPrice"]) == ("stop-loss", 49_000)
    assert waiting["info"]["descr"]["order"] == "sell 1.00000000 XBTUSD @ stop loss 49000.0"
    assert held["BTC"]["free"] == 0
    assert (hit["status"], hit["average"]) == ("closed", 48_990)


def test_a_take_profit_with_a_limit_becomes_a_limit_order(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(BITCOIN, "limit", "sell", "1", "52000", {"takeProfitPrice": "51000"})
        venue.exchange.set_price(XBT, "51500")
        return sent, await client.fetch_order(sent["id"])

    sent, found = ask(venue, question)
    assert sent["info"]["descr"]["order"] == "sell 1.00000000 XBTUSD @ take profit 51000.0 -> limit 52000.0"
    assert (found["status"], found["filled"], found["type"], found["price"]) == ("open", 0, "limit", 52_000)


def test_an_order_that_must_not_take_is_accepted_and_cancelled(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(BITCOIN, "limit", "buy", "0.01", "60000", {"postOnly": True})
        return await client.fetch_order(sent["id"])

    found = ask(venue, question)
    assert (found["status"], found["filled"], found["info"]["reason"]) == ("canceled", 0, "Post only order")


REFUSALS: dict[str, tuple[tuple[Any, ...], str, str]] = {
    "funds": (("limit", "buy", "1", "50000"), "InsufficientFunds", "EOrder:Insufficient funds"),
    "minimum quantity": (("limit", "buy", "0.00004", "50000"), "InvalidOrder", "EOrder:Order minimum not met"),
    "minimum value": (("limit", "buy", "0.00005", "9000"), "ExchangeError", "EOrder:Cost minimum not met"),
    "a stop that would trigger at once": (
        ("market", "sell", "0.1", None, {"stopLossPrice": 51_000}),
        "ExchangeError",
        "EOrder:Invalid price",
    ),
    "margin, which is not simulated": (
        ("limit", "buy", "0.1", "50000", {"leverage": "2"}),
        "ExchangeError",
        "EGeneral:Invalid arguments:leverage",
    ),
    "a client id too long": (
        ("limit", "buy", "0.1", "50000", {"clientOrderId": "x" * 19}),
        "ExchangeError",
        "EGeneral:Invalid arguments:cl_ord_id",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_an_order_that_breaks_a_rule_raises_as_at_the_venue(venue: Venue, case: str) -> None:
    order, name, text = REFUSALS[case]
    said = refused(venue, lambda client: client.create_order(BITCOIN, *order))
    assert (type(said).__name__, text in str(said)) == (name, True)
    assert venue.exchange.orders == {}


RAW: dict[str, tuple[dict[str, str], str, str]] = {
    "lot": ({"volume": "0.000500001", "price": "50000"}, "InvalidOrder", "EGeneral:Invalid arguments:volume"),
    "nothing": ({"volume": "0", "price": "50000"}, "InvalidOrder", "EGeneral:Invalid arguments:volume"),
    "tick": ({"volume": "0.01", "price": "50000.05"}, "ExchangeError", "EOrder:Tick size check failed"),
    "no such pair": ({"pair": "NOUSD", "volume": "1", "price": "1"}, "ExchangeError", "EQuery:Unknown asset pair"),
}


@pytest.mark.parametrize("case", RAW)
def test_what_ccxt_would_round_away_is_refused_when_it_is_sent(venue: Venue, case: str) -> None:
    wanted, name, text = RAW[case]
    body = {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", **wanted}
    said = refused(venue, lambda client: client.privatePostAddOrder(body))
    assert (type(said).__name__, text in str(said)) == (name, True)


def test_a_client_id_stands_once_among_open_orders_and_again_after_them(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        first = await client.create_order(BITCOIN, "limit", "sell", "0.01", "60000", {"clientOrderId": "t9"})
        with pytest.raises(Exception, match="cl_ord_id"):
            await client.create_order(BITCOIN, "limit", "sell", "0.01", "60000", {"clientOrderId": "t9"})
        await client.cancel_order(first["id"])
        return await client.create_order(BITCOIN, "limit", "sell", "0.01", "60000", {"clientOrderId": "t9"})

    ask(venue, question)
    assert len(venue.exchange.orders) == 2
    assert len(venue.ledger.sends("t9")) == 3


def test_an_order_is_cancelled_by_its_client_id(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.create_order(BITCOIN, "limit", "sell", "0.01", "60000", {"clientOrderId": "mine"})
        await client.cancel_order("", params={"clientOrderId": "mine"})
        return await client.fetch_open_orders()

    assert ask(venue, question) == []


@pytest.mark.parametrize(
    ("settings", "name", "text"),
    [
        ({"apiKey": "nobody"}, "AuthenticationError", "EAPI:Invalid key"),
        ({"secret": "d3Jvbmc="}, "ExchangeError", "EAPI:Invalid signature"),
    ],
)
def test_a_bad_key_or_signature_is_refused(venue: Venue, settings: dict[str, str], name: str, text: str) -> None:
    said = refused(venue, lambda client: client.fetch_balance(), **settings)
    assert (type(said).__name__, text in str(said)) == (name, True)


def test_one_key_used_by_two_processes_is_refused_where_the_nonce_falls_behind(venue: Venue) -> None:
    async def twice(client: Any) -> Any:
        return await client.fetch_balance(), await client.fetch_balance()

    ask(venue, twice)
    said = refused(venue, lambda client: client.fetch_balance())  # its first nonce is the same millisecond
    assert (type(said).__name__, "EAPI:Invalid nonce" in str(said)) == ("InvalidNonce", True)
    venue.exchange.advance(SECOND)
    assert ask(venue, lambda client: client.fetch_balance())["USD"]["total"] == 10_000


@pytest.mark.parametrize(("call", "name"), [("cancel_order", "OrderNotFound"), ("fetch_order", "InvalidOrder")])
def test_an_order_nobody_knows_is_not_found(venue: Venue, call: str, name: str) -> None:
    said = refused(venue, lambda client: getattr(client, call)("OAAAAA-BBBBB-CCCCCC", BITCOIN))
    assert (type(said).__name__, "EOrder:Unknown order" in str(said)) == (name, True)


def test_a_key_that_only_reads_may_not_trade(venue: Venue) -> None:
    venue.exchange.accounts["a-key"].may_trade = False
    said = refused(venue, lambda client: client.create_order(BITCOIN, "market", "buy", "0.01"))
    assert type(said).__name__ == "PermissionDenied"


@pytest.mark.parametrize(
    ("status", "name", "text"),
    [(Status.HALTED, "OnMaintenance", "cancel_only"), (Status.DELISTED, "ExchangeError", "Unknown asset pair")],
)
def test_a_pair_that_does_not_trade_takes_no_order(venue: Venue, status: Status, name: str, text: str) -> None:
    venue.exchange.set_status(XBT, status)
    body = {"pair": "XXBTZUSD", "type": "buy", "ordertype": "market", "volume": "0.01"}
    said = refused(venue, lambda client: client.privatePostAddOrder(body))
    assert (type(said).__name__, text in str(said)) == (name, True)


def test_maintenance_is_told_in_the_venues_words(venue: Venue) -> None:
    venue.mischief.next(Refuse(), "POST", "Balance")
    said = refused(venue, lambda client: client.fetch_balance())
    assert (type(said).__name__, "EService:Unavailable" in str(said)) == ("ExchangeNotAvailable", True)


def test_the_limit_is_kept_and_orders_are_not_counted() -> None:
    async def question(client: Any) -> Any:
        for price in range(40_000, 40_009):
            await client.create_order(BITCOIN, "limit", "buy", "0.001", price)
        await client.fetch_my_trades()  # counts as two

    with serving(Kraken(dollars(RULES), Limit(3))) as venue:  # two requests load the markets
        said = refused(venue, question)
    assert (type(said).__name__, "EAPI:Rate limit exceeded" in str(said)) == ("DDoSProtection", True)
    assert len(venue.exchange.orders) == 9


def test_history_is_newest_first_by_pages_of_fifty_and_its_bounds_are_after_and_up_to(venue: Venue) -> None:
    account = venue.exchange.accounts["a-key"]
    for _ in range(51):
        venue.exchange.advance(SECOND)
        order = venue.exchange.place(account, XBT, _small_purchase())
    begin = (NOW + 49 * SECOND) // SECOND

    async def question(client: Any) -> Any:
        return [
            (await client.privatePostTradesHistory(wanted))["result"]
            for wanted in ({}, {"ofs": 50}, {"start": begin}, {"end": begin})
        ]

    first, second, after, until = ask(venue, question)
    assert (len(first["trades"]), len(second["trades"]), first["count"]) == (50, 1, 51)
    assert next(iter(first["trades"].values()))["ordertxid"] == order.id
    assert [int(one["count"]) for one in (after, until)] == [2, 49]


def _small_purchase() -> Any:
    from tests.venues.core.orders import Side, Ticket, TimeInForce

    return Ticket("XBTUSD", Side.BUY, Decimal("0.001"), time_in_force=TimeInForce.IOC)


def test_reading_writes_nothing_and_the_ledger_holds_no_secret(venue: Venue) -> None:
    ask(venue, lambda client: client.fetch_balance())
    assert venue.ledger.writes() == []
    assert venue.ledger.private()
    assert "a-key" not in str([entry.headers for entry in venue.ledger.entries])
