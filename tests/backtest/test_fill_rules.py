"""Each fill rule of DESIGN section 3 on bars written by hand, the arithmetic beside them.

Terms: 10,000 of cash, 1,000 a trade, target +5 %, stop -2 %, no fees, no slippage, unless a test says otherwise.
Rows are (open, high, low, close); `L` wishes long at that bar's close, `S` a signal exit, `T` a threshold exit.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.backtest.markets import FREE, FREE_GRID, Row, Script, market_of
from trader_cli.backtest.kernel import Outcome, simulate
from trader_cli.rules import codes

CALM = (100.0, 101.0, 99.0, 100.0)


def run(script: str, *rows: Row, warmup: int = 0, hours_per_day: int = 24, **terms: Any) -> Outcome:
    market = market_of(rows, script, hours_per_day=hours_per_day)
    grid = FREE_GRID._replace(**{name: terms.pop(name) for name in FREE_GRID._fields if name in terms})
    return simulate([market], [Script().signals(market.bars)], FREE._replace(**terms), [grid], warmup=warmup)


def only_trade(outcome: Outcome) -> dict[str, Any]:
    (row,) = outcome.trades.tolist()
    names = "symbol", "side", "entry_bar", "exit_bar", "quantity", "entry_price", "exit_price", "fees", "funding"
    return {**dict(zip(names, row, strict=False)), "reason": str(codes.EXIT_REASONS[int(row[9])])}


def position(outcome: Outcome) -> dict[str, float]:
    """The open position, its quantity 0 where there is none."""
    names = "symbol", "side", "entry_bar", "quantity", "entry_price", "fees", "funding"
    for row in outcome.positions.tolist():
        return dict(zip(names, row, strict=True))
    return {"quantity": 0.0}


def refusals(outcome: Outcome) -> dict[str, int]:
    return {codes.REFUSALS[i]: int(n) for i, n in enumerate(outcome.refusals) if n}


def test_1_a_decision_before_the_first_one_allowed_is_not_made() -> None:
    assert len(run("L.S.", CALM, CALM, CALM, CALM, warmup=1).trades) == 0


def test_2_an_order_fills_at_the_next_open_sized_at_the_close_it_was_decided_at() -> None:
    trade = only_trade(run("L.S.", CALM, (102, 103, 101, 102), (102, 103, 101, 102), (104, 105, 103, 104)))
    assert trade["entry_bar"] == 1
    assert trade["exit_bar"] == 3
    assert trade["entry_price"] == 102
    assert trade["exit_price"] == 104
    assert trade["quantity"] == 10  # 1,000 / the close of 100 it was decided at, not / the open of 102


def test_2_quantity_is_rounded_down_to_the_lot() -> None:
    assert only_trade(run("L.S.", *[(60, 60, 60, 60)] * 4, lot=1.0))["quantity"] == 16  # 16.67


def test_2_slippage_and_taker_fee_go_against_us_on_both_sides() -> None:
    trade = only_trade(run("L.S.", CALM, CALM, CALM, CALM, slippage=0.01, taker_fee=0.001))
    assert trade["entry_price"] == pytest.approx(101)  # 100 x 1.01
    assert trade["exit_price"] == pytest.approx(99)  # 100 x 0.99
    assert trade["fees"] == pytest.approx(10 * 101 * 0.001 + 10 * 99 * 0.001)


def test_2_an_order_of_the_last_bar_is_dropped_and_told() -> None:
    assert run(".L", CALM, CALM).pending.tolist() == [[0, 1, 10, codes.STAY, 1]]
    assert run("L.S", CALM, CALM, CALM).pending.tolist() == [[0, 1, 10, codes.SIGNAL, 2]]


def test_3_levels_come_from_the_slipped_fill_price_and_live_from_the_entry_bar_on() -> None:
    # Fill 101; stop 101 x 0.98 = 98.98: a low of 98.98 on the entry bar touches it, 98.99 does not.
    touched = run("L.", CALM, (100, 102, 98.98, 100), slippage=0.01)
    assert only_trade(touched)["exit_bar"] == 1
    assert only_trade(touched)["exit_price"] == pytest.approx(98.98 * 0.99)
    assert len(run("L.", CALM, (100, 102, 98.99, 100), slippage=0.01).trades) == 0


def test_4a_an_ordered_exit_comes_before_the_stop_of_the_same_bar() -> None:
    trade = only_trade(run("L.S.", CALM, CALM, CALM, (97, 97, 90, 90)))
    assert (trade["reason"], trade["exit_price"]) == ("signal", 97)


def test_4b_a_gap_through_the_stop_fills_at_the_open_with_slippage() -> None:
    trade = only_trade(run("L..", CALM, CALM, (95, 96, 94, 95), slippage=0.001))
    assert trade["reason"] == "stop_loss"
    assert trade["exit_price"] == pytest.approx(95 * 0.999)


def test_4b_a_gap_through_the_target_fills_at_the_open_as_a_maker_without_slippage() -> None:
    outcome = run("L..", CALM, CALM, (110, 111, 109, 110), slippage=0.001, maker_fee=0.0004, taker_fee=0.001)
    trade = only_trade(outcome)
    assert (trade["reason"], trade["exit_price"]) == ("take_profit", 110)
    assert trade["fees"] == pytest.approx(10 * 100.1 * 0.001 + 10 * 110 * 0.0004)


def test_4b_the_entry_bar_knows_no_gap() -> None:
    # The target of 105 is behind the entry's open of 100 only once the bar has moved: it fills at 105, not at 100.
    trade = only_trade(run("L.", CALM, (100, 106, 99, 100)))
    assert (trade["reason"], trade["exit_price"]) == ("take_profit", 105)


@pytest.mark.parametrize(("low", "hit"), [(98.0, True), (98.01, False)])
def test_4c_a_stop_is_touched_by_equality(low: float, hit: bool) -> None:
    outcome = run("L..", CALM, CALM, (100, 101, low, 100))
    assert bool(len(outcome.trades)) is hit
    if hit:
        assert only_trade(outcome)["exit_price"] == 98


@pytest.mark.parametrize(("high", "hit"), [(105.0, True), (104.99, False)])
def test_4d_a_target_is_touched_by_equality(high: float, hit: bool) -> None:
    assert bool(len(run("L..", CALM, CALM, (100, high, 99, 100)).trades)) is hit


def test_4_stop_before_target_and_the_bar_is_counted_as_ambiguous() -> None:
    outcome = run("L..", CALM, CALM, (100, 106, 97, 100))
    assert (only_trade(outcome)["reason"], outcome.ambiguous_bars) == ("stop_loss", 1)


def test_4_a_gap_is_never_ambiguous() -> None:
    assert run("L..", CALM, CALM, (97, 106, 96, 100)).ambiguous_bars == 0


def test_5_marks_move_to_the_close() -> None:
    assert run("L..", CALM, (100, 101, 99, 101), (101, 103, 100, 102)).equity.tolist() == [10_000, 10_010, 10_020]


def test_6_long_while_long_does_nothing_and_long_while_flat_reopens_at_once_after_a_stop() -> None:
    outcome = run("LLLL", CALM, CALM, (100, 100, 97, 98), (98, 99, 97.5, 98))
    assert outcome.trades[:, 2:4].tolist() == [[1, 2]]
    held = position(outcome)
    assert (held["entry_bar"], held["entry_price"]) == (3, 98)
    assert held["quantity"] == pytest.approx(1000 / 98, abs=1e-8)


def test_6_a_signal_outranks_a_threshold_and_a_threshold_outranks_age() -> None:
    assert only_trade(run("L.T.", *[CALM] * 4, max_holding_bars=2))["reason"] == "threshold"
    assert only_trade(run("L.S.", *[CALM] * 4, max_holding_bars=2))["reason"] == "signal"


def test_7_an_entry_is_cut_to_each_remaining_cap() -> None:
    def bought(**terms: Any) -> float:
        return position(run("L.", CALM, CALM, **terms))["quantity"]

    assert bought(max_total_exposure=500.0) == 5  # 500 / 100
    assert bought(starting_balance=300.0, taker_fee=0.01) == pytest.approx(300 / 1.01 / 100, abs=1e-8)
    assert bought(sizes_by_risk=True, risk_per_trade=1.0) == 10  # 10,000 / 0.02 cut to max_position_size


def test_7_below_the_lot_or_the_minimum_an_entry_is_refused_with_its_reason() -> None:
    assert refusals(run("L.", CALM, CALM, lot=11.0)) == {"below_lot": 1}
    assert refusals(run("L.", CALM, CALM, minimum_quantity=10.5)) == {"below_lot": 1}
    assert refusals(run("L.", CALM, CALM, minimum_notional=1000.5)) == {"below_minimum_notional": 1}


def test_7_an_entry_that_would_make_cash_negative_at_its_fill_is_rejected() -> None:
    outcome = run("L.", CALM, (101, 102, 100, 101), starting_balance=1_000.0)
    assert refusals(outcome) == {"insufficient_funds": 1}
    assert position(outcome)["quantity"] == 0
    assert outcome.equity[-1] == 1_000


def test_7_an_entry_that_takes_all_cash_is_not_refused_for_a_rounding_residue() -> None:
    price = 7.1e-10
    rows = [(price, price, price, price)] * 3
    outcome = run("L..", *rows, max_position_size=1e5, taker_fee=0.001)
    assert refusals(outcome) == {}
    assert position(outcome)["quantity"] * price == pytest.approx(10_000 / 1.001)


def test_8_risk_sizing_loses_risk_per_trade_of_marked_equity_at_the_stop_all_costs_counted() -> None:
    outcome = run(
        "L..", CALM, CALM, (100, 100, 90, 90), sizes_by_risk=True, risk_per_trade=0.01, max_position_size=1e9,
        taker_fee=0.001, slippage=0.0005,
    )  # fmt: skip
    # 10,000 x 0.01 / (0.02 + 0.0005 + 2 x 0.001) = 4,444.44 at a close of 100
    assert only_trade(outcome)["quantity"] == pytest.approx(44.44444444, abs=1e-8)
    assert 10_000 - outcome.equity[-1] == pytest.approx(100, rel=0.03)


def test_9_the_daily_loss_bars_entries_until_the_next_day_and_never_an_exit() -> None:
    fall = (97.0, 97.0, 97.0, 97.0)
    # Day one: 100 units at 100 stopped at 97: equity 9,700 <= 9,900. Day two starts with bar 4.
    rows = CALM, CALM, fall, fall, fall, fall
    outcome = run("LLLLL.", *rows, hours_per_day=4, max_position_size=10_000.0, max_daily_loss=0.01)
    assert outcome.halts.tolist() == [[2, codes.MAX_DAILY_LOSS]]
    assert refusals(outcome) == {"max_daily_loss": 2}
    assert position(outcome)["entry_bar"] == 5


def test_9_the_day_opens_with_the_equity_of_the_last_close_before_it() -> None:
    # Bar 1 closes day one at 10,500 (target off at +50 %); 10,395 is 1 % below it and is reached in day two only.
    rows = CALM, (100, 105, 100, 105), (105, 105, 103.95, 103.95), CALM
    terms: dict[str, Any] = {"max_position_size": 10_000.0, "take_profit": 0.5, "max_daily_loss": 0.01}
    assert run("L...", *rows, hours_per_day=2, **terms).halts.tolist()[0] == [2, codes.MAX_DAILY_LOSS]
    assert run("L..", *rows[:3], hours_per_day=24, **terms).halts.tolist() == []


def test_9_the_drawdown_from_the_peak_bars_entries_to_the_end() -> None:
    rows = CALM, (100, 110, 100, 110), (110, 110, 98, 99), *[(99.0, 99.0, 99.0, 99.0)] * 60
    script = "L.." + "L" * 60
    terms: dict[str, Any] = {"max_position_size": 10_000.0, "take_profit": 0.5, "stop_loss": 0.01, "max_drawdown": 0.1}
    outcome = run(script, *rows, **terms)
    assert outcome.halts.tolist() == [[2, codes.MAX_DRAWDOWN]]  # 11,000 -> 9,900
    assert refusals(outcome) == {"max_drawdown": 60}


def test_9_a_limit_of_one_is_off() -> None:
    rows = CALM, CALM, (100, 100, 0.01, 0.01)
    terms: dict[str, Any] = {"max_position_size": 10_000.0, "stop_loss": 0.999}
    assert run("L..", *rows, max_daily_loss=1.0, max_drawdown=1.0, **terms).halts.tolist() == []


def test_9_cooldown_bars_follow_a_stop_but_no_other_exit() -> None:
    stopped = CALM, CALM, (100, 100, 97, 100), *[CALM] * 5
    assert [position(run("LLLLLLLL", *stopped, cooldown_bars=n))["entry_bar"] for n in (0, 1, 2)] == [3, 4, 5]
    assert position(run("L.S.LL..", *[CALM] * 8, cooldown_bars=3))["entry_bar"] == 5


def test_9_a_trailing_stop_follows_the_best_price_of_earlier_bars() -> None:
    # Entry 100; bar 2's high of 104 moves the stop to 104 x 0.97 = 100.88 for bar 3 on, not for bar 2 itself.
    rows = CALM, CALM, (101, 104, 100.5, 103), (103, 103, 100.88, 102)
    trade = only_trade(run("L...", *rows, trailing_stop=0.03))
    assert (trade["exit_bar"], trade["reason"]) == (3, "trailing_stop")
    assert trade["exit_price"] == pytest.approx(100.88)


def test_9_a_trailing_stop_wider_than_the_fixed_one_leaves_it_in_charge() -> None:
    assert only_trade(run("L..", CALM, CALM, (100, 100, 97, 98), trailing_stop=0.03))["reason"] == "stop_loss"


def test_9_max_holding_bars_closes_at_the_next_open_its_entry_bar_counted() -> None:
    trade = only_trade(run("L.....", *[CALM] * 6, max_holding_bars=3))
    assert (trade["entry_bar"], trade["exit_bar"], trade["reason"]) == (1, 4, "time")  # held over bars 1, 2, 3


def test_12_a_position_open_at_the_end_stays_open_and_is_marked_at_the_last_close() -> None:
    outcome = run("L..", CALM, CALM, (100, 103, 99, 102))
    assert len(outcome.trades) == 0
    held = position(outcome)
    assert (held["entry_bar"], held["quantity"], held["entry_price"]) == (1, 10, 100)
    assert outcome.equity[-1] == 10_020
