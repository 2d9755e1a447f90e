"""alpaca-py's own clients at the simulated Alpaca."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.alpaca.front import RULES, Alpaca
from tests.venues.clients import alpaca_clients
from tests.venues.core.clock import DAY, HOUR, MINUTE
from tests.venues.core.market import Status
from tests.venues.front import Limit
from tests.venues.mischief import spoilers
from tests.venues.mischief.acts import HTML, Candles, Drop, Refuse
from tests.venues.mischief.acts import Status as Failing
from tests.venues.server import Venue, serving
from tests.venues.worlds import AAPL, COIN, OPENS, wall_street

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MONDAY = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


@pytest.fixture
def venue() -> Iterator[Venue]:
    with serving(Alpaca(wall_street(RULES))) as venue:
        yield venue


@pytest.fixture
def clients(venue: Venue) -> Iterator[Any]:
    with alpaca_clients(venue) as clients:
        clients.trading._retry = 0
        yield clients


def order(side: str = "buy", quantity: float | None = 1, symbol: str = "AAPL", **more: Any) -> Any:
    """A request of the kind that its prices make it."""
    from alpaca.trading.requests import (
        LimitOrderRequest,
        MarketOrderRequest,
        StopLimitOrderRequest,
        StopOrderRequest,
    )

    kinds: dict[tuple[bool, bool], Any] = {
        (False, False): MarketOrderRequest,
        (True, False): LimitOrderRequest,
        (False, True): StopOrderRequest,
        (True, True): StopLimitOrderRequest,
    }
    kind = kinds["limit_price" in more, "stop_price" in more]
    in_force = "gtc" if "/" in symbol else "day"
    return kind(**{"symbol": symbol, "qty": quantity, "side": side, "time_in_force": in_force, **more})


def refused(question: Callable[[], Any]) -> Any:
    from alpaca.common.exceptions import APIError

    with pytest.raises(APIError) as caught:
        question()
    return caught.value


def bars(clients: Any, count: int = 1, unit: str = "Min", **more: Any) -> Any:
    from alpaca.data.requests import StockBarsRequest
    from alpaca.data.timeframe import TimeFrame, TimeFrameUnit

    asked = StockBarsRequest(
        symbol_or_symbols="AAPL", timeframe=TimeFrame(count, TimeFrameUnit(unit)), **{"start": MONDAY, **more}
    )
    return clients.stocks.get_stock_bars(asked).data.get("AAPL", [])


def test_the_account_tells_cash_and_worth(clients: Any) -> None:
    account = clients.trading.get_account()
    assert (account.cash, account.portfolio_value, account.buying_power) == ("10000", "15000", "10000")
    assert account.trading_blocked is False


def test_assets_tell_class_and_steps(clients: Any) -> None:
    from alpaca.trading.enums import AssetClass, AssetStatus
    from alpaca.trading.requests import GetAssetsRequest

    wanted = GetAssetsRequest(asset_class=AssetClass.US_EQUITY, status=AssetStatus.ACTIVE)
    stocks = clients.trading.get_all_assets(wanted)
    assert [asset.symbol for asset in stocks] == ["AAPL"]
    coin = clients.trading.get_asset("BTC/USD")
    assert (coin.asset_class.value, coin.min_order_size, coin.price_increment) == ("crypto", 0.00001, 0.01)


def test_the_clock_and_the_calendar_are_new_yorks(venue: Venue, clients: Any) -> None:
    clock = clients.trading.get_clock()
    assert (clock.is_open, clock.next_close, clock.next_open) == (
        True,
        MONDAY + timedelta(minutes=390),
        MONDAY + timedelta(days=1),
    )
    venue.exchange.move_to(OPENS + 390 * MINUTE)
    assert clients.trading.get_clock().is_open is False
    days = clients.trading.get_calendar()
    assert [str(day.open) for day in days] == [f"2026-03-0{day} 09:30:00" for day in (2, 3, 4)]


def test_a_candle_is_there_when_it_is_over(venue: Venue, clients: Any) -> None:
    assert [bar.timestamp for bar in bars(clients)] == [MONDAY + timedelta(minutes=n) for n in range(10)]
    venue.exchange.advance(MINUTE - 1)
    assert len(bars(clients)) == 10
    venue.exchange.advance(1)
    last = bars(clients)[-1]
    assert (last.open, last.high, last.low, last.close, last.volume) == (210, 213, 208, 211, 9)


def test_candles_come_by_pages_and_in_any_length(venue: Venue, clients: Any) -> None:
    venue.exchange.move_to(OPENS + 2 * HOUR)
    fives = bars(clients, 5)
    assert len(fives) == 12
    assert (fives[1].open, fives[1].high, fives[1].low, fives[1].close) == (205, 212, 203, 210)  # minutes 5 to 9
    (day,) = bars(clients, 1, "Day", start=datetime(2026, 3, 1, tzinfo=UTC))
    assert (day.timestamp, day.high, day.volume) == (datetime(2026, 3, 2, 5, tzinfo=UTC), 262, 540)
    path, query = "/stocks/bars", {"symbols": "AAPL", "timeframe": "1Min", "start": "2026-03-02", "limit": 40}
    first = clients.stocks.get(path, query)
    second = clients.stocks.get(path, {**query, "page_token": first["next_page_token"]})
    assert (len(first["bars"]["AAPL"]), len(second["bars"]["AAPL"]), second["next_page_token"]) == (40, 20, None)


def test_the_latest_of_a_stock_and_of_a_coin(clients: Any) -> None:
    from alpaca.data.requests import CryptoLatestQuoteRequest, StockLatestQuoteRequest, StockLatestTradeRequest

    quote = clients.stocks.get_stock_latest_quote(StockLatestQuoteRequest(symbol_or_symbols="AAPL"))["AAPL"]
    trade = clients.stocks.get_stock_latest_trade(StockLatestTradeRequest(symbol_or_symbols="AAPL"))["AAPL"]
    coin = clients.crypto.get_crypto_latest_quote(CryptoLatestQuoteRequest(symbol_or_symbols="BTC/USD"))["BTC/USD"]
    assert (quote.bid_price, quote.ask_price, trade.price) == (210, 210.02, 210)
    assert trade.timestamp == MONDAY + timedelta(minutes=10)
    assert (coin.bid_price, coin.ask_price) == (50_000, 50_010)


def test_a_purchase_is_taken_then_found_filled_without_a_fee(clients: Any) -> None:
    sent = clients.trading.submit_order(order(client_order_id="t1"))
    assert (sent.status.value, sent.filled_qty) == ("pending_new", "0")
    found = clients.trading.get_order_by_client_id("t1")
    assert (found.status.value, found.filled_qty, found.filled_avg_price) == ("filled", "1", "210.02")
    (position, _) = clients.trading.get_all_positions()
    assert (position.symbol, position.qty, position.avg_entry_price) == ("AAPL", "1", "210.02")
    assert clients.trading.get_account().cash == "9789.98"


def test_a_coin_pays_its_fee_from_what_is_received(clients: Any) -> None:
    clients.trading.submit_order(order(symbol="BTC/USD", quantity=0.01))
    coin = clients.trading.get_open_position("BTCUSD")
    assert coin.qty == "0.109975"  # 0.1 + 0.01 x (1 - 0.0025)


def test_an_order_by_its_cost_buys_a_fraction(clients: Any) -> None:
    sent = clients.trading.submit_order(order(quantity=None, notional=105.01))
    assert clients.trading.get_order_by_id(sent.id).filled_qty == "0.5"


def test_an_order_is_replaced_by_another_and_cancelled(clients: Any) -> None:
    from alpaca.trading.requests import ReplaceOrderRequest

    sent = clients.trading.submit_order(order(limit_price=150))
    new = clients.trading.replace_order_by_id(sent.id, ReplaceOrderRequest(limit_price=160))
    old = clients.trading.get_order_by_id(sent.id)
    assert (old.status.value, old.replaced_by, new.replaces) == ("replaced", new.id, old.id)
    assert [one.limit_price for one in clients.trading.get_orders()] == ["160"]
    clients.trading.cancel_order_by_id(new.id)
    assert clients.trading.get_orders() == []
    again = refused(lambda: clients.trading.cancel_order_by_id(new.id))
    assert (again.status_code, again.code) == (422, 42210000)


def test_an_order_out_of_hours_waits_for_the_open(venue: Venue, clients: Any) -> None:
    venue.exchange.move_to(OPENS + 400 * MINUTE)
    sent = clients.trading.submit_order(order())
    assert sent.status.value == "accepted"
    assert clients.trading.get_order_by_id(sent.id).status.value == "accepted"
    venue.exchange.move_to(OPENS + DAY)
    found = clients.trading.get_order_by_id(sent.id)
    assert (found.status.value, found.filled_avg_price) == ("filled", "200.02")


def test_an_order_of_the_day_expires_with_it_and_one_until_cancelled_does_not(venue: Venue, clients: Any) -> None:
    day = clients.trading.submit_order(order(limit_price=150))
    stays = clients.trading.submit_order(order(limit_price=150, time_in_force="gtc"))
    venue.exchange.move_to(OPENS + 390 * MINUTE)
    states = [clients.trading.get_order_by_id(one.id).status.value for one in (day, stays)]
    assert states == ["expired", "accepted"]


def test_a_stop_holds_its_shares_and_sells_below(venue: Venue, clients: Any) -> None:
    clients.trading.submit_order(order())
    stop = clients.trading.submit_order(order("sell", stop_price=209))
    assert clients.trading.get_open_position("AAPL").qty_available == "0"
    said = refused(lambda: clients.trading.submit_order(order("sell")))
    assert (said.status_code, said.code) == (403, 40310000)
    assert '"held_for_orders": "1"' in str(said)
    venue.exchange.advance(MINUTE)  # from 210 by 208 to 213
    assert clients.trading.get_order_by_id(stop.id).filled_avg_price == "209"


REFUSALS: dict[str, tuple[dict[str, Any], int, int]] = {
    "funds": ({"quantity": 100}, 403, 40310000),
    "selling what is not there": ({"side": "sell"}, 403, 40310000),
    "minimum of a stock": ({"quantity": None, "notional": 0.5}, 403, 40310000),
    "minimum of a coin": ({"symbol": "BTC/USD", "quantity": 0.0001}, 403, 40310000),
    "tick": ({"limit_price": 150.005}, 422, 42210000),
    "no such symbol": ({"symbol": "NOPE"}, 422, 42210000),
    "a fraction until cancelled": ({"quantity": 0.5, "time_in_force": "gtc"}, 422, 42210000),
    "a coin for the day": ({"symbol": "BTC/USD", "time_in_force": "day"}, 422, 42210000),
    "a stop of a coin": ({"symbol": "BTC/USD", "side": "sell", "stop_price": 40_000}, 422, 42210000),
    "a stop on the wrong side": ({"side": "buy", "stop_price": 150}, 422, 42210000),
    "a bracket, which is not simulated": (
        {"order_class": "bracket", "take_profit": {"limit_price": 300}, "stop_loss": {"stop_price": 150}},
        422,
        42210000,
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_an_order_that_breaks_a_rule_raises_as_at_the_venue(venue: Venue, clients: Any, case: str) -> None:
    wanted, status, code = REFUSALS[case]
    said = refused(lambda: clients.trading.submit_order(order(**wanted)))
    assert (said.status_code, said.code) == (status, code)
    assert venue.exchange.orders == {}


def test_a_client_id_stands_once_for_ever(venue: Venue, clients: Any) -> None:
    sent = clients.trading.submit_order(order(client_order_id="once", limit_price=150))
    clients.trading.cancel_order_by_id(sent.id)
    said = refused(lambda: clients.trading.submit_order(order(client_order_id="once")))
    assert (said.status_code, said.code) == (422, 40010001)
    assert len(venue.ledger.sends("once")) == 2


def test_what_nobody_knows_is_not_found(clients: Any) -> None:
    nothing = "00000000-0000-4000-8000-000000000000"
    for question in (
        lambda: clients.trading.get_order_by_id(nothing),
        lambda: clients.trading.cancel_order_by_id(nothing),
        lambda: clients.trading.get_order_by_client_id("nothing"),
        lambda: clients.trading.get_open_position("AAPL"),
    ):
        said = refused(question)
        assert (said.status_code, said.code) == (404, 40410000)


@pytest.mark.parametrize(("key", "secret"), [("nobody", "a-secret"), ("a-key", "wrong")])
def test_a_wrong_key_has_no_code_and_the_data_host_says_it_in_html(venue: Venue, key: str, secret: str) -> None:
    with alpaca_clients(venue, key, secret) as clients:
        said = refused(clients.trading.get_account)
        with pytest.raises(KeyError):
            said.code  # noqa: B018 - it is a property that raises
        assert said.status_code == 401
        said = refused(lambda: bars(clients))
        with pytest.raises(ValueError, match="Expecting value"):
            said.code  # noqa: B018 - likewise
    assert "nobody" not in str([entry.headers for entry in venue.ledger.entries])


def test_a_stock_that_does_not_trade_is_refused(venue: Venue, clients: Any) -> None:
    venue.exchange.set_status(AAPL, Status.HALTED)
    assert clients.trading.get_asset("AAPL").tradable is False
    assert refused(lambda: clients.trading.submit_order(order())).status_code == 422


def test_the_limit_is_kept() -> None:
    with serving(Alpaca(wall_street(RULES), Limit(1))) as venue, alpaca_clients(venue) as clients:
        clients.trading._retry = 0
        clients.trading.get_account()
        said = refused(clients.trading.get_account)
        assert (said.status_code, said.response.headers["X-RateLimit-Remaining"]) == (429, "0")


def test_the_client_itself_sends_an_order_again(venue: Venue) -> None:
    venue.mischief.next(Failing(code=504, accepted=True), "POST", "/v2/orders")
    with alpaca_clients(venue) as clients:
        clients.trading._retry_wait = 0
        said = refused(lambda: clients.trading.submit_order(order(client_order_id="once")))
    assert said.code == 40010001
    assert len(venue.ledger.sends("once")) == 2
    assert len(venue.exchange.orders) == 1


def test_a_lost_answer_leaves_the_order_standing(venue: Venue, clients: Any) -> None:
    import requests

    venue.mischief.next(Drop(), "POST", "/v2/orders")
    with pytest.raises(requests.ConnectionError):
        clients.trading.submit_order(order(client_order_id="lost"))
    assert clients.trading.get_order_by_client_id("lost").status.value == "filled"


def test_html_maintenance_and_null_candles_are_no_answers(venue: Venue, clients: Any) -> None:
    import requests
    from pydantic import ValidationError

    venue.mischief.next(HTML, "GET", "/v2/account")
    with pytest.raises(requests.JSONDecodeError):
        clients.trading.get_account()
    venue.mischief.next(Refuse(), "GET", "/v2/account")
    assert refused(clients.trading.get_account).status_code == 503
    venue.mischief.next(Candles(spoiler=spoilers.null()), "GET", "/stocks/bars")
    with pytest.raises(ValidationError):
        bars(clients)


def test_selling_a_whole_position(venue: Venue, clients: Any) -> None:
    clients.trading.close_position("BTCUSD")
    assert venue.exchange.accounts["a-key"].balances == {"USD": 15_000 - 5_000 * RULES.taker, "BTC": 0}
    assert [one.market for one in venue.exchange.orders.values()] == [COIN.key]


def test_reading_writes_nothing(venue: Venue, clients: Any) -> None:
    clients.trading.get_account()
    clients.trading.get_orders()
    bars(clients)
    assert venue.ledger.writes() == []
