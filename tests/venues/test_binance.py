"""ccxt's own client at the simulated spot exchange of Binance."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.binance.front import RULES, Binance
from tests.venues.clients import Asking
from tests.venues.core.clock import MINUTE, SECOND
from tests.venues.core.market import Status
from tests.venues.core.refusals import Reason
from tests.venues.front import Limit
from tests.venues.mischief.acts import LateReject, Partial, Refuse
from tests.venues.server import Venue, serving
from tests.venues.worlds import BEGINS, BTC, KEYS, NOW, crypto

if TYPE_CHECKING:
    from collections.abc import Iterator

SPOT, ETHER = "BTC/USDT", "ETH/USDT"
OPTIONS = {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False}


@pytest.fixture
def venue() -> Iterator[Venue]:
    with serving(Binance(crypto(RULES))) as venue:
        yield venue


ask = Asking("binance", {**KEYS, "options": OPTIONS})
refused = ask.refused


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


def test_a_market_purchase_is_answered_whole_with_its_fee_in_the_coin(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        sent = await client.create_order(SPOT, "market", "buy", "0.01", params={"clientOrderId": "t1"})
        found = await client.fetch_order(None, SPOT, {"clientOrderId": "t1"})
        return sent, found, await client.fetch_balance(), await client.fetch_my_trades(SPOT)

    sent, found, balance, (trade,) = ask(venue, question)
    assert (sent["status"], sent["filled"], sent["average"]) == ("closed", 0.01, 50_000.1)
    assert (found["id"], found["status"], found["clientOrderId"]) == (sent["id"], "closed", "t1")
    assert balance["BTC"]["total"] == pytest.approx(1.01 - 0.01 * 0.001)
    assert balance["USDT"]["free"] == 9_499.999  # 10,000 - 0.01 x 50,000.1
    assert (trade["fee"]["currency"], trade["fee"]["cost"]) == ("BTC", 0.00001)


def test_a_market_purchase_with_a_price_or_a_cost_spends_money(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        priced = await client.create_order(SPOT, "market", "buy", "0.01", "40000")
        spent = await client.create_order(SPOT, "market", "buy", 0, None, {"cost": "100"})
        return priced, spent

    priced, spent = ask(venue, question)
    assert (priced["filled"], priced["cost"]) == (0.0079, 395.00079)  # 400 / 50,000.1 in lots of 0.0001
    assert spent["filled"] == 0.0019


def test_a_limit_order_holds_money_rests_and_is_cancelled(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.create_order(SPOT, "limit", "buy", "0.01", "40000", {"clientOrderId": "t2"})
        held = await client.fetch_balance()
        opened = await client.fetch_open_orders(SPOT)
        ended = await client.cancel_order(None, SPOT, {"clientOrderId": "t2"})
        over = await client.fetch_canceled_and_closed_orders(SPOT)
        return held, opened, ended, over, await client.fetch_open_orders(SPOT)

    held, (opened,), ended, (over,), left = ask(venue, question)
    assert (held["USDT"]["free"], held["USDT"]["used"]) == (9_600, 400)
    assert (opened["status"], opened["clientOrderId"], over["status"]) == ("open", "t2", "canceled")
    assert ended["info"]["origClientOrderId"] == "t2"
    assert ended["clientOrderId"] != "t2"  # it is the cancellation's own
    assert left == []


def test_a_stop_stands_among_the_open_orders_and_holds_what_it_would_sell(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        stop = {"stopLossPrice": "49000"}
        sent = await client.create_order(SPOT, "market", "sell", "0.5", params=stop)
        (waiting,) = await client.fetch_open_orders(SPOT)
        held = await client.fetch_balance()
        venue.exchange.set_price(BTC, "48990")
        return waiting, held, await client.fetch_order(sent["id"], SPOT)

    waiting, held, hit = ask(venue, question)
    assert (waiting["type"], waiting["triggerPrice"]) == ("market", 49_000)
    assert waiting["info"]["type"] == "STOP_LOSS"
    assert held["BTC"]["used"] == 0.5
    assert (hit["status"], hit["average"]) == ("closed", 48_990)


def test_a_target_waits_for_a_better_price(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        target = {"takeProfitPrice": "51000"}
        sent = await client.create_order(SPOT, "limit", "sell", "0.5", "50900", target)
        venue.exchange.set_price(BTC, "51010")
        return await client.fetch_order(sent["id"], SPOT)

    hit = ask(venue, question)
    assert (hit["info"]["type"], hit["status"], hit["average"]) == ("TAKE_PROFIT_LIMIT", "closed", 51_010)


def test_an_order_that_must_fill_at_once_expires_where_it_cannot(venue: Venue) -> None:
    params = {"timeInForce": "IOC"}
    sent = ask(venue, lambda client: client.create_order(SPOT, "limit", "buy", "0.01", "40000", params))
    assert sent["status"] == "expired"


def test_an_order_that_fills_in_part_stays_open_and_keeps_its_fill_when_it_is_cancelled(venue: Venue) -> None:
    venue.mischief.next(Partial(fraction=Decimal("0.5")), "POST", "/order")

    async def question(client: Any) -> Any:
        sent = await client.create_order(SPOT, "limit", "buy", "0.01", "50001")
        return sent, await client.cancel_order(sent["id"], SPOT)

    sent, ended = ask(venue, question)
    assert (sent["status"], sent["filled"], sent["remaining"]) == ("open", 0.005, 0.005)
    assert (ended["status"], ended["filled"]) == ("canceled", 0.005)


def test_an_order_may_be_rejected_after_it_was_taken(venue: Venue) -> None:
    venue.mischief.next(LateReject(), "POST", "/order")

    async def question(client: Any) -> Any:
        sent = await client.create_order(SPOT, "limit", "buy", "0.01", "40000")
        return sent["status"], (await client.fetch_order(sent["id"], SPOT))["status"]

    assert ask(venue, question) == ("open", "rejected")


REFUSALS: dict[str, tuple[tuple[Any, ...], str, str]] = {
    "funds": (("limit", "buy", "1", "50000"), "InsufficientFunds", "insufficient balance"),
    "nothing to sell": (("market", "sell", "1.5"), "InsufficientFunds", "insufficient balance"),
    "minimum quantity": (("limit", "buy", "0.0001", "50000"), "InvalidOrder", "LOT_SIZE"),
    "minimum value": (("limit", "buy", "0.0002", "20000"), "BadRequest", "Filter failure: NOTIONAL"),
    "maximum quantity": (("limit", "buy", "101", "50000"), "InvalidOrder", "LOT_SIZE"),
    "a stop that would trigger at once": (
        ("market", "sell", "0.1", None, {"stopLossPrice": 51_000}),
        "OrderImmediatelyFillable",
        "trigger immediately",
    ),
    "post-only that would take": (
        ("limit", "buy", "0.1", "50001", {"postOnly": True}),
        "OrderImmediatelyFillable",
        "immediately match and take",
    ),
    "a client id too long": (("limit", "buy", "0.1", "40000", {"clientOrderId": "x" * 37}), "BadRequest", "-1100"),
    "an iceberg, which is not simulated": (
        ("limit", "buy", "0.1", "40000", {"icebergAmount": "0.01"}),
        "BadRequest",
        "not simulated",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_an_order_that_breaks_a_rule_raises_as_at_the_venue(venue: Venue, case: str) -> None:
    order, name, text = REFUSALS[case]
    said = refused(venue, lambda client: client.create_order(SPOT, *order))
    assert type(said).__name__ == name
    assert text in str(said)
    assert venue.exchange.orders == {}


RAW: dict[str, tuple[dict[str, str], str, str]] = {
    "lot": ({"quantity": "0.00025", "price": "50000"}, "InvalidOrder", "LOT_SIZE"),
    "tick": ({"quantity": "0.01", "price": "50000.05"}, "InvalidOrder", "PRICE_FILTER"),
    "no such symbol": ({"symbol": "NOUSDT", "quantity": "1", "price": "1"}, "BadSymbol", "-1121"),
    "no quantity": ({"price": "50000"}, "BadRequest", "-1102"),
    "no time in force": ({"quantity": "1", "price": "50000", "timeInForce": ""}, "BadRequest", "-1102"),
}


@pytest.mark.parametrize("case", RAW)
def test_what_ccxt_would_mend_is_refused_when_it_is_sent(venue: Venue, case: str) -> None:
    wanted, name, text = RAW[case]
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", **wanted}
    said = refused(venue, lambda client: client.privatePostOrder(order))
    assert type(said).__name__ == name
    assert text in str(said)


def test_a_client_id_stands_once_among_open_orders_alone(venue: Venue) -> None:
    async def buy(client: Any) -> Any:
        return await client.create_order(SPOT, "limit", "buy", "0.01", "40000", {"clientOrderId": "once"})

    async def again(client: Any) -> Any:
        first = await buy(client)
        await client.cancel_order(first["id"], SPOT)
        return first["id"], (await buy(client))["id"], (await client.fetch_order(None, SPOT, {"clientOrderId": "once"}))

    first, second, found = ask(venue, again)
    assert first != second
    assert found["id"] == second
    said = refused(venue, buy)
    assert type(said).__name__ == "InvalidOrder"
    assert "Duplicate order sent." in str(said)


@pytest.mark.parametrize(
    ("settings", "code"), [({"apiKey": "nobody"}, -2015), ({"secret": "wrong"}, -1022)], ids=["key", "signature"]
)
def test_a_bad_key_or_signature_is_refused(venue: Venue, settings: dict[str, str], code: int) -> None:
    said = refused(venue, lambda client: client.fetch_balance(), **settings, has={"fetchCurrencies": False})
    assert type(said).__name__ == "AuthenticationError"
    assert f'"code": {code}' in str(said)


@pytest.mark.parametrize("seconds", [-2, 11])
def test_a_request_from_another_time_is_refused_and_the_difference_heals_it(venue: Venue, seconds: int) -> None:
    async def healed(client: Any) -> Any:
        await client.load_time_difference()
        return await client.fetch_balance()

    venue.exchange.clock.skew = seconds * SECOND
    said = refused(venue, lambda client: client.fetch_balance(), options={**OPTIONS, "fetchMargins": False})
    assert type(said).__name__ == "InvalidNonce"
    assert ask(venue, healed, options={**OPTIONS, "fetchMargins": False})["USDT"]["total"] == 10_000


@pytest.mark.parametrize(
    ("call", "code"), [("cancel_order", -2011), ("fetch_order", -2013), ("cancel_all_orders", -2011)]
)
def test_an_order_nobody_knows_is_not_found(venue: Venue, call: str, code: int) -> None:
    asked = (SPOT,) if call == "cancel_all_orders" else ("1", SPOT)
    said = refused(venue, lambda client: getattr(client, call)(*asked))
    assert type(said).__name__ == "OrderNotFound"
    assert f'"code": {code}' in str(said)


def test_a_key_that_was_revoked_looks_like_a_passing_ban_once_it_has_worked(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        await client.fetch_balance()
        venue.exchange.accounts["a-key"].may_trade = False
        await client.create_order(SPOT, "market", "buy", "0.01")

    said = refused(venue, question)
    assert type(said).__name__ == "DDoSProtection"
    assert '"code": -2015' in str(said)


def test_the_restrictions_of_a_key_tell_whether_it_may_withdraw(venue: Venue) -> None:
    async def question(client: Any) -> Any:
        return await client.sapiGetAccountApiRestrictions(), await client.privateGetAccount()

    key, account = ask(venue, question)
    assert (key["enableWithdrawals"], account["canWithdraw"]) == (False, True)


def test_maintenance_is_told_as_such(venue: Venue) -> None:
    venue.mischief.next(Refuse(reason=Reason.MAINTENANCE), "GET", "/account")
    assert type(refused(venue, lambda client: client.fetch_balance())).__name__ == "OnMaintenance"


def test_the_weight_is_told_in_headers_and_kept() -> None:
    used: list[str] = []

    async def question(client: Any) -> Any:
        while len(used) < 9:
            await client.fetch_time()
            used.append(client.last_response_headers["X-MBX-USED-WEIGHT-1M"])

    with serving(Binance(crypto(RULES), Limit(22))) as venue:  # the markets weigh 20
        said = refused(venue, question, options={**OPTIONS, "fetchMargins": False})
        assert type(said).__name__ == "DDoSProtection"
        assert '"code": -1003' in str(said)
        assert used == ["21", "22"]


def test_the_ledger_holds_no_secret(venue: Venue) -> None:
    ask(venue, lambda client: client.create_order(SPOT, "market", "buy", "0.01", params={"clientOrderId": "t1"}))
    (sent,) = venue.ledger.sends("t1")
    assert "signature=sha256:" in sent.body
    assert "a-key" not in str([entry.headers for entry in venue.ledger.entries])
