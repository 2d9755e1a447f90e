"""The exchange itself: prices, fills and money, by hand."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.venues.core.accounts import Account
from tests.venues.core.clock import DAY, HOUR, MINUTE, Clock
from tests.venues.core.exchange import Exchange
from tests.venues.core.ledger import hashed, hushed
from tests.venues.core.market import Hours, Kind, Market, Status
from tests.venues.core.money import free, unrealised
from tests.venues.core.orders import Order, Side, State, Ticket, TimeInForce
from tests.venues.core.refusals import Reason, Refused
from tests.venues.core.rules import ClientIds, FeeIn, Rules
from tests.venues.core.series import Series, every
from tests.venues.worlds import BEGINS, BTC, PERP

D = Decimal
FREE = Rules()
ROWS = [(100, 106, 98, 104), (104, 105, 90, 92), (95, 97, 94, 96)]
"""A minute that rises from 100 by 98 and 106 to 104, one that falls by 105 and 90 to 92, and one that opens at 95."""
COIN = replace(BTC, min_quantity=D("0.0001"), spread=D(0), min_notional=D(1))


def world(market: Market = COIN, rules: Rules = FREE, price: str | None = None, **balances: int) -> Exchange:
    rows = [(BEGINS + n * MINUTE, *prices, 9) for n, prices in enumerate(ROWS)]
    exchange = Exchange(rules, Clock(BEGINS))
    exchange.add_market(market, None if price else Series(rows, MINUTE), price=price)
    held = {name: D(amount) for name, amount in (balances or {"USDT": 1000, "BTC": 1}).items()}
    exchange.add_account(Account("a", "s", balances=held))
    return exchange


def place(exchange: Exchange, side: Side, quantity: str = "1", price: str | None = None, **more: Any) -> Order:
    market = next(iter(exchange.markets.values()))
    limit = None if price is None else D(price)
    return exchange.place(exchange.accounts["a"], market, Ticket(market.symbol, side, D(quantity), limit, **more))


def fills(order: Order) -> list[tuple[int, str]]:
    """When (seconds from the start) and at which price."""
    return [((fill.time - BEGINS) // 10**9, str(fill.price)) for fill in order.fills]


def test_the_price_passes_a_candles_prices_in_their_order() -> None:
    exchange = world()
    seen = []
    for _ in range(9):
        seen.append(int(exchange.last(COIN)))
        exchange.advance(20 * 10**9)
    assert seen == [100, 98, 106, 104, 105, 90, 95, 94, 97]  # at 60 s the close of 104 is passed on to the open of 104


def test_a_coarser_bar_holds_what_was_seen_of_its_candles() -> None:
    series = world().series[COIN.key]
    (bar,) = series.bars(every(HOUR), BEGINS + 100 * 10**9)  # 60 s whole, then two thirds: 104, 105, 90
    assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == tuple(map(D, (100, 106, 90, 90, 9 + 6)))


def test_what_rests_fills_at_its_own_price_when_the_price_passes() -> None:
    exchange = world()
    buy, sell, far = (
        place(exchange, Side.BUY, price="99"),
        place(exchange, Side.SELL, price="105"),
        place(exchange, Side.BUY, price="80"),
    )
    exchange.advance(3 * MINUTE)
    assert fills(buy) == [(20, "99")]
    assert fills(sell) == [(40, "105")]
    assert far.state is State.OPEN
    assert all(fill.is_maker for fill in buy.fills + sell.fills)
    assert exchange.accounts["a"].balances == {"USDT": D(1000 - 99 + 105), "BTC": D(1)}


def test_a_stop_fills_at_its_trigger_on_a_way_and_past_it_after_a_jump() -> None:
    exchange = world()
    stop = place(exchange, Side.SELL, "0.5", trigger=D("99.5"))
    rise = place(exchange, Side.BUY, "0.5", trigger=D("105.5"))
    exchange.advance(MINUTE)
    assert (fills(stop), fills(rise)) == ([(20, "99.5")], [(40, "105.5")])
    jumped = place(exchange, Side.SELL, "0.5", trigger=D(100))
    exchange.prices[COIN.key] = D(104)
    exchange.advance(MINUTE)  # 105, then 90: it passes 100
    assert fills(jumped) == [(100, "100")]
    gap = place(exchange, Side.BUY, "0.5", trigger=D("95.5"))  # from 95 the price goes 94, 97, 96
    exchange.advance(MINUTE)
    assert fills(gap) == [(160, "95.5")]


def test_a_jump_passes_nothing_between() -> None:
    exchange = world(price="100")
    stop = place(exchange, Side.SELL, trigger=D(95))
    exchange.set_price(COIN, "90")
    assert [str(fill.price) for fill in stop.fills] == ["90"]


def test_a_stop_limit_may_be_left_behind() -> None:
    exchange = world(price="100")
    stop = place(exchange, Side.SELL, price="94", trigger=D(95))
    exchange.set_price(COIN, "90")
    assert (stop.state, stop.fills) == (State.OPEN, [])


def test_the_spread_is_paid_by_who_takes() -> None:
    exchange = world(replace(COIN, spread=D(2)), price="100")
    assert place(exchange, Side.BUY).average == 102
    assert place(exchange, Side.SELL).average == 100
    resting = place(exchange, Side.BUY, price="99")
    exchange.set_price(COIN, "98")
    assert resting.fills == []  # the ask stands at 100
    exchange.set_price(COIN, "97")
    assert resting.average == 99


@pytest.mark.parametrize(("fee_in", "coins", "money"), [(FeeIn.RECEIVED, "0.99", "900"), (FeeIn.QUOTE, "1", "899")])
def test_a_fee_is_taken_from_the_coin_or_from_the_money(fee_in: FeeIn, coins: str, money: str) -> None:
    exchange = world(rules=Rules(taker=D("0.01"), fee_in=fee_in), price="100", USDT=1000)
    place(exchange, Side.BUY)
    assert exchange.accounts["a"].balances == {"USDT": D(money), "BTC": D(coins)}


def test_a_purchase_by_its_cost_gets_whole_lots() -> None:
    exchange = world(price="30")
    order = place(exchange, Side.BUY, "0", cost=D(100))
    assert (order.state, str(order.filled)) == (State.FILLED, "3.3333")


def test_a_linear_position_turns_and_its_gain_is_money() -> None:
    exchange = world(replace(PERP, spread=D(0), max_leverage=D(10)), price="100", USDT=1000)
    account = exchange.accounts["a"]
    place(exchange, Side.BUY, "2")
    exchange.set_price(PERP, "110")
    assert unrealised(PERP, account.position(PERP.key), D(110)) == 20
    place(exchange, Side.SELL, "3")
    position = account.position(PERP.key)
    assert (position.quantity, position.entry, account.balances["USDT"]) == (D(-1), D(110), D(1020))
    exchange.set_price(PERP, "120")
    assert free(exchange, account, "USDT") == 1020 - 110 - 10  # margin of 110, and a loss of 10


def test_an_inverse_contract_pays_in_coins() -> None:
    market = replace(PERP, symbol="BTCUSD", kind=Kind.INVERSE, contract_size=D(1), lot=D(1), settle="BTC", spread=D(0))
    exchange = world(replace(market, max_quantity=D(100_000)), price="100", BTC=100)
    place(exchange, Side.BUY, "1000")
    exchange.set_price(market, "125")
    place(exchange, Side.SELL, "1000")
    assert exchange.accounts["a"].balances["BTC"] == 102  # 1000 x (1/100 - 1/125) = 10 - 8


def test_funding_is_paid_by_longs_where_the_rate_is_above_zero() -> None:
    exchange = Exchange(FREE, Clock(BEGINS))
    exchange.add_market(replace(PERP, spread=D(0)), price="100", funding=[(BEGINS + HOUR, D("0.01"))])
    account = exchange.add_account(Account("a", "s", balances={"USDT": D(1000)}))
    place(exchange, Side.BUY, "2")
    exchange.advance(2 * HOUR)
    assert account.balances["USDT"] == 998
    assert [(payment.time, payment.amount) for payment in account.payments] == [(BEGINS + HOUR, D(-2))]


def test_reduce_only_never_turns_a_position() -> None:
    exchange = world(replace(PERP, spread=D(0)), price="100", USDT=1000)
    place(exchange, Side.BUY, "1")
    order = place(exchange, Side.SELL, "5", reduce_only=True)
    assert (order.filled, exchange.accounts["a"].position(PERP.key).quantity) == (D(1), D(0))
    with pytest.raises(Refused) as caught:
        place(exchange, Side.SELL, "1", reduce_only=True)
    assert caught.value.reason is Reason.REDUCE_ONLY


def test_a_liquidation_closes_without_being_asked() -> None:
    exchange = world(replace(PERP, spread=D(0)), price="100", USDT=1000)
    place(exchange, Side.BUY, "1")
    exchange.set_price(PERP, "60")
    account = exchange.accounts["a"]
    exchange.liquidate(account, PERP)
    assert (account.position(PERP.key).quantity, account.balances["USDT"]) == (D(0), D(960))
    assert [fill.is_liquidation for order in exchange.orders_of(account) for fill in order.fills] == [False, True]


@pytest.mark.parametrize(("rule", "while_open", "afterwards"), [("ever", 1, 1), ("open", 1, 2), ("any", 2, 3)])
def test_a_client_id_is_unique_as_the_rule_says(rule: str, while_open: int, afterwards: int) -> None:
    exchange = world(rules=Rules(client_ids=ClientIds(rule)))

    def send() -> int:
        with suppress(Refused):
            place(exchange, Side.BUY, "0.1", "50", client_id="x")
        return len(exchange.orders)

    assert send() == 1
    assert send() == while_open
    for order in exchange.open_orders(exchange.accounts["a"]):
        exchange.cancel(exchange.accounts["a"], order)
    assert send() == afterwards


def test_all_money_can_be_spent_and_not_a_cent_more() -> None:
    exchange = world(price="100", USDT=1000)
    place(exchange, Side.BUY, "4", "100")
    with pytest.raises(Refused) as caught:
        place(exchange, Side.BUY, "6", "100.1", post_only=True)
    assert caught.value.reason is Reason.FUNDS
    assert place(exchange, Side.BUY, "6", "100").state is State.FILLED
    assert exchange.accounts["a"].balances["USDT"] == 0


def test_immediate_orders_do_not_rest() -> None:
    exchange = world(price="100")
    away = place(exchange, Side.BUY, price="90", time_in_force=TimeInForce.IOC)
    exchange.partials.append(D("0.5"))
    part = place(exchange, Side.BUY, price="100", time_in_force=TimeInForce.IOC)
    exchange.partials.append(D("0.5"))
    whole = place(exchange, Side.BUY, price="100", time_in_force=TimeInForce.FOK)
    assert [order.state for order in (away, part, whole)] == [State.CANCELED] * 3
    assert [order.filled for order in (away, part, whole)] == [0, D("0.5"), 0]


@pytest.mark.parametrize("cancels", [True, False])
def test_what_must_not_take_is_refused_or_cancelled(cancels: bool) -> None:
    exchange = world(rules=Rules(post_only_cancels=cancels), price="100")
    assert place(exchange, Side.BUY, price="99", post_only=True).state is State.OPEN
    if cancels:
        assert place(exchange, Side.BUY, price="100", post_only=True).state is State.CANCELED
    else:
        with pytest.raises(Refused):
            place(exchange, Side.BUY, price="100", post_only=True)


def test_a_replaced_order_leaves_its_place_and_a_refusal_leaves_it_there() -> None:
    exchange = world(price="100")
    account = exchange.accounts["a"]
    old = place(exchange, Side.BUY, "10", "90")
    new = exchange.replace(account, old, replace(old.ticket, price=D(95)))
    assert (old.state, old.replaced_by, new.replaces) == (State.REPLACED, new.id, old.id)
    assert free(exchange, account, "USDT") == 50
    with pytest.raises(Refused):
        exchange.replace(account, new, replace(new.ticket, quantity=D(11)))
    assert (new.state, free(exchange, account, "USDT")) == (State.OPEN, D(50))


def test_a_halted_market_takes_no_order_and_fills_none() -> None:
    exchange = world(price="100")
    resting = place(exchange, Side.BUY, price="90")
    exchange.set_status(COIN, Status.HALTED)
    exchange.set_price(COIN, "80")
    with pytest.raises(Refused):
        place(exchange, Side.BUY)
    assert resting.fills == []


def test_a_session_opens_at_one_price_and_its_end_expires_the_days_orders() -> None:
    hours = Hours(((BEGINS - DAY, BEGINS - HOUR), (BEGINS + MINUTE, BEGINS + 2 * MINUTE)))
    exchange = world(replace(COIN, hours=hours))  # closed at first; the session opens with the second candle, at 104
    market, limit = place(exchange, Side.BUY, "0.1"), place(exchange, Side.BUY, "0.1", "110")
    day = place(exchange, Side.SELL, "0.1", "200", time_in_force=TimeInForce.DAY)
    exchange.advance(3 * MINUTE)
    assert (fills(market), fills(limit)) == ([(60, "104")], [(60, "104")])
    assert (day.state, day.updated) == (State.EXPIRED, BEGINS + 2 * MINUTE)


def test_the_ledger_hides_secrets_in_forms_and_in_json() -> None:
    assert hushed("a=1&signature=abc&b=2", ["signature"]) == f"a=1&signature={hashed('abc')}&b=2"
    assert "abc" not in hashed("abc")
    assert hushed('{"sign": "abc", "b": 2}', ["sign"]) == f'{{"sign": "{hashed("abc")}", "b": 2}}'
