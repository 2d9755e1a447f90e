"""ccxt's own client at the simulated Bybit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.bybit.front import RULES, Bybit
from tests.venues.clients import Asking
from tests.venues.core.clock import MINUTE, SECOND
from tests.venues.core.market import Status
from tests.venues.front import Limit
from tests.venues.server import Venue, serving
from tests.venues.worlds import BEGINS, KEYS, NOW, PERP, crypto

if TYPE_CHECKING:
    from collections.abc import Iterator

SPOT, SWAP, ETHER = "BTC/USDT", "BTC/USDT:USDT", "ETH/USDT"
TYPES = {"fetchMarkets": {"types": ["spot", "linear"]}}


@pytest.fixture
def venue() -> Iterator[Venue]:
    with serving(Bybit(crypto(RULES))) as venue:
        yield venue


ask = Asking("bybit", {**KEYS, "options": TYPES})
refused = ask.refused


def test_markets_have_their_steps_and_minima(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return client.markets

    markets = ask(venue, question)
    assert set(markets) == {SPOT, SWAP, ETHER}
    assert markets[SPOT]["precision"]["amount"] == 0.0001
    assert markets[SPOT]["precision"]["price"] == 0.1
    assert markets[SPOT]["limits"]["cost"]["min"] == 5
    assert markets[SWAP]["limits"]["amount"]["min"] == 0.001
    assert markets[SWAP]["contractSize"] == 1
    assert markets[SWAP]["limits"]["leverage"]["max"] == 100


def test_a_market_that_is_halted_is_not_active(venue: Venue) -> None:
    venue.exchange.set_status(PERP, Status.DELISTED)

    async def question(client: Any) -> Any:
        return client.markets[SWAP]["active"]

    assert ask(venue, question) is False


def test_instruments_come_by_pages(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        first = await client.publicGetV5MarketInstrumentsInfo({"category": "spot", "limit": 1})
        cursor = first["result"]["nextPageCursor"]
        second = await client.publicGetV5MarketInstrumentsInfo({"category": "spot", "limit": 1, "cursor": cursor})
        return first["result"], second["result"]

    first, second = ask(venue, question)
    assert [row["symbol"] for row in first["list"] + second["list"]] == ["BTCUSDT", "ETHUSDT"]
    assert second["nextPageCursor"] == ""


def test_candles_are_oldest_first_and_the_last_is_in_progress(venue: Venue) -> None:
    venue.exchange.move_to(NOW + 30 * SECOND)  # half of minute 120 has passed: its first third was the low

    async def question(client: Any) -> Any:
        return await client.fetch_ohlcv(ETHER, "1m", limit=2)

    assert ask(venue, question) == [
        [(BEGINS + 119 * MINUTE) // 10**6, 2119, 2122, 2117, 2120, 9],
        [NOW // 10**6, 2120, 2120, 2118, 2118, 3],
    ]


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


def test_mark_prices_and_funding_are_shown_as_they_were_given(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        marks = await client.fetch_ohlcv(SWAP, "1h", limit=2, params={"price": "mark"})
        rates = await client.fetch_funding_rate_history(SWAP)
        return marks, rates

    marks, rates = ask(venue, question)
    assert marks[0][:5] == [(BEGINS + 60 * MINUTE) // 10**6, 50_060, 50_122, 50_058, 50_120]
    assert [(rate["timestamp"], rate["fundingRate"]) for rate in rates] == [(BEGINS // 10**6, 0.0001)]


def test_the_ticker_and_the_book_show_the_spread(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return await client.fetch_ticker(SPOT), await client.fetch_order_book(SWAP)

    ticker, book = ask(venue, question)
    assert (ticker["last"], ticker["bid"], ticker["ask"], ticker["timestamp"]) == (50_000, 50_000, 50_000.1, None)
    assert (book["bids"], book["asks"]) == ([[50_000, 100]], [[50_000.1, 100]])


def test_a_market_purchase_is_acknowledged_then_found_filled_with_its_fee_in_the_coin(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(SPOT, "market", "buy", "0.01", params={"clientOrderId": "t1"})
        found = await client.fetch_order(sent["id"], SPOT, {"acknowledged": True})
        return sent, found, await client.fetch_balance(), await client.fetch_my_trades(SPOT)

    sent, found, balance, (trade,) = ask(venue, question)
    assert (sent["status"], sent["filled"]) == (None, None)
    assert (found["status"], found["filled"], found["average"]) == ("closed", 0.01, 50_000.1)
    assert found["clientOrderId"] == "t1"
    assert balance["BTC"]["total"] == pytest.approx(1.01 - 0.01 * 0.00055)
    assert balance["USDT"]["free"] == 9_499.999  # 10,000 - 0.01 x 50,000.1
    assert (trade["fee"]["currency"], trade["fee"]["cost"]) == ("BTC", 0.0000055)


def test_a_limit_order_holds_money_rests_and_is_cancelled(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(SPOT, "limit", "buy", "0.01", "40000", {"clientOrderId": "t2"})
        held = await client.fetch_balance()
        opened = await client.fetch_open_orders(SPOT, params={"orderLinkId": "t2"})
        await client.cancel_order(sent["id"], SPOT)
        over = await client.fetch_canceled_and_closed_orders(SPOT, params={"orderLinkId": "t2"})
        return held, opened, over, await client.fetch_balance()

    held, (opened,), (over,), after = ask(venue, question)
    assert (held["USDT"]["free"], held["USDT"]["used"]) == (9_600, 400)
    assert (opened["status"], over["status"]) == ("open", "canceled")
    assert after["USDT"]["free"] == 10_000


def test_a_perpetual_is_opened_marked_and_closed_with_reduce_only(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.set_leverage(10, SWAP)
        await client.create_order(SWAP, "market", "sell", "0.1")
        opened = await client.fetch_positions([SWAP])
        venue.exchange.set_price(PERP, "49000")
        await client.create_order(SWAP, "market", "buy", "5", params={"reduceOnly": True})
        return opened, await client.fetch_positions([SWAP]), await client.fetch_balance()

    (opened,), closed, balance = ask(venue, question)
    assert (opened["side"], opened["contracts"], opened["entryPrice"]) == ("short", 0.1, 50_000)
    assert (opened["leverage"], opened["initialMargin"]) == (10, 500)
    assert opened["unrealizedPnl"] == pytest.approx(-12)  # the mark stands at 50,120
    assert [position["contracts"] for position in closed] == [0]
    fees = (5_000 + 4_900.01) * 0.00055
    assert balance["USDT"]["total"] == pytest.approx(10_000 + 0.1 * (50_000 - 49_000.1) - fees)


def test_a_stop_waits_until_the_price_comes_by(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.create_order(SWAP, "market", "buy", "0.1")
        stop = {"stopLossPrice": "49000"}
        sent = await client.create_order(SWAP, "market", "sell", "0.1", params=stop)
        (waiting,) = await client.fetch_open_orders(SWAP)
        venue.exchange.set_price(PERP, "48990")
        return waiting, await client.fetch_order(sent["id"], SWAP, {"acknowledged": True})

    waiting, hit = ask(venue, question)
    assert (waiting["info"]["orderStatus"], waiting["triggerPrice"], waiting["reduceOnly"]) == (
        "Untriggered",
        49_000,
        True,
    )
    assert (hit["status"], hit["average"]) == ("closed", 48_990)


REFUSALS: dict[str, tuple[str, tuple[Any, ...], str, str]] = {
    "funds, spot": (SPOT, ("limit", "buy", "1", "50000"), "InsufficientFunds", "170131"),
    "funds, contract": (SWAP, ("limit", "buy", "1", "50000"), "InsufficientFunds", "110007"),
    "minimum quantity": (SPOT, ("limit", "buy", "0.0001", "50000"), "InvalidOrder", "170136"),
    "minimum value, spot": (SPOT, ("limit", "buy", "0.0002", "20000"), "InvalidOrder", "170140"),
    "minimum value, contract": (SWAP, ("limit", "buy", "0.001", "4000"), "InvalidOrder", "110094"),
    "maximum quantity": (SWAP, ("limit", "buy", "101", "50000"), "BadRequest", "10001"),
    "reduce-only without a position": (
        SWAP,
        ("market", "sell", "0.1", None, {"reduceOnly": True}),
        "InvalidOrder",
        "110017",
    ),
    "a stop that would trigger at once": (
        SWAP,
        ("market", "sell", "0.1", None, {"triggerPrice": 51_000, "triggerDirection": "descending"}),
        "InvalidOrder",
        "11009",
    ),
    "an attached stop, which is not simulated": (
        SWAP,
        ("limit", "buy", "0.1", "50000", {"stopLoss": {"triggerPrice": 49_000}}),
        "BadRequest",
        "10001",
    ),
    "a hedged order on a one-way account": (
        SWAP,
        ("market", "buy", "0.1", None, {"hedged": True}),
        "BadRequest",
        "10001",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_an_order_that_breaks_a_rule_raises_as_at_the_venue(venue: Venue, case: str) -> None:
    symbol, order, name, code = REFUSALS[case]
    said = refused(venue, lambda client: client.create_order(symbol, *order))
    assert type(said).__name__ == name
    assert f'"retCode": {code}' in str(said)
    assert venue.exchange.orders == {}


RAW: dict[str, tuple[dict[str, str], str, str]] = {
    "lot, spot": ({"category": "spot", "qty": "0.00025", "price": "50000"}, "InvalidOrder", "170137"),
    "lot, contract": ({"category": "linear", "qty": "0.0015", "price": "50000"}, "BadRequest", "10001"),
    "tick, spot": ({"category": "spot", "qty": "0.01", "price": "50000.05"}, "InvalidOrder", "170134"),
    "tick, contract": ({"category": "linear", "qty": "0.01", "price": "50000.05"}, "BadRequest", "10001"),
    "no such symbol, spot": (
        {"category": "spot", "symbol": "NOUSDT", "qty": "1", "price": "1"},
        "InvalidOrder",
        "170121",
    ),
    "no such symbol, contract": (
        {"category": "linear", "symbol": "NO", "qty": "1", "price": "1"},
        "BadSymbol",
        "10001",
    ),
    "a client id too long": (
        {"category": "spot", "qty": "1", "price": "1", "orderLinkId": "x" * 37},
        "BadRequest",
        "170130",
    ),
}


@pytest.mark.parametrize("case", RAW)
def test_what_ccxt_would_round_away_is_refused_when_it_is_sent(venue: Venue, case: str) -> None:
    wanted, name, code = RAW[case]
    body = {"symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit", **wanted}
    said = refused(venue, lambda client: client.privatePostV5OrderCreate(body))
    assert type(said).__name__ == name
    assert f'"retCode": {code}' in str(said)


@pytest.mark.parametrize(("symbol", "code"), [(SPOT, "170141"), (SWAP, "110072")])
def test_a_client_id_stands_once_for_ever(venue: Venue, symbol: str, code: str) -> None:
    async def question(client: Any) -> Any:
        first = await client.create_order(symbol, "limit", "sell", "0.01", "60000", {"clientOrderId": "once"})
        await client.cancel_order(first["id"], symbol)
        await client.create_order(symbol, "limit", "sell", "0.01", "60000", {"clientOrderId": "once"})

    said = refused(venue, question)
    assert type(said).__name__ == "InvalidOrder"
    assert f'"retCode": {code}' in str(said)
    assert len(venue.exchange.orders) == 1
    assert len([entry for entry in venue.ledger.sends("once") if "create" in entry.path]) == 2


@pytest.mark.parametrize(
    ("settings", "name", "code"),
    [
        ({"apiKey": "nobody"}, "AuthenticationError", 10003),
        ({"secret": "wrong"}, "AuthenticationError", 10004),
    ],
)
def test_a_bad_key_or_signature_is_refused(venue: Venue, settings: dict[str, str], name: str, code: int) -> None:
    said = refused(venue, lambda client: client.fetch_balance(), **settings)
    assert type(said).__name__ == name
    assert f'"retCode": {code}' in str(said)


@pytest.mark.parametrize("seconds", [-2, 6])
def test_a_request_from_another_time_is_refused_and_the_difference_heals_it(venue: Venue, seconds: int) -> None:
    async def question(client: Any) -> Any:
        return await client.fetch_time(), await client.fetch_balance()

    async def healed(client: Any) -> Any:
        await client.load_time_difference()
        return await client.fetch_balance()

    venue.exchange.clock.skew = seconds * SECOND
    said = refused(venue, question, has={"fetchCurrencies": False})
    assert type(said).__name__ == "InvalidNonce"
    assert ask(venue, healed, has={"fetchCurrencies": False})["USDT"]["total"] == 10_000


@pytest.mark.parametrize("call", ["cancel_order", "fetch_order"])
def test_an_order_nobody_knows_is_not_found(venue: Venue, call: str) -> None:
    parameters = {"acknowledged": True} if call == "fetch_order" else {}
    said = refused(venue, lambda client: getattr(client, call)("nothing", SWAP, parameters))
    assert type(said).__name__ == "OrderNotFound"


def test_a_key_that_only_reads_may_not_trade(venue: Venue) -> None:
    venue.exchange.accounts["a-key"].may_trade = False
    said = refused(venue, lambda client: client.create_order(SPOT, "market", "buy", "0.01"))
    assert type(said).__name__ == "PermissionDenied"


@pytest.mark.parametrize("call", ["set_leverage", "set_position_mode", "set_margin_mode"])
def test_what_is_so_already_is_said_to_be(venue: Venue, call: str) -> None:
    value, name = {
        "set_leverage": (1, "BadRequest"),
        "set_position_mode": (False, "NoChange"),
        "set_margin_mode": ("cross", "MarginModeAlreadySet"),
    }[call]
    assert type(refused(venue, lambda client: getattr(client, call)(value, SWAP))).__name__ == name


def test_the_permissions_of_a_key_tell_whether_it_may_withdraw(venue: Venue) -> None:
    venue.exchange.accounts["a-key"].may_withdraw = True
    answer = ask(venue, lambda client: client.privateGetV5UserQueryApi())
    assert "Withdraw" in answer["result"]["permissions"]["Wallet"]


def test_the_limit_is_told_in_headers_and_kept() -> None:
    left: list[str] = []

    async def question(client: Any) -> Any:
        while len(left) < 9:
            await client.fetch_time()
            left.append(client.last_response_headers["X-Bapi-Limit-Status"])

    with serving(Bybit(crypto(RULES), Limit(5))) as venue:  # three requests load the markets
        said = refused(venue, question, has={"fetchCurrencies": False})
        assert type(said).__name__ == "RateLimitExceeded"
        assert left == ["1", "0"]
        assert venue.ledger.entries[-1].refused == "RATE_LIMIT"


def test_reading_writes_nothing_and_the_ledger_holds_no_secret(venue: Venue) -> None:
    ask(venue, lambda client: client.fetch_balance())
    assert venue.ledger.writes() == []
    assert venue.ledger.private()
    assert "a-key" not in str([entry.headers for entry in venue.ledger.entries])
