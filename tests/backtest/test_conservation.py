"""Law P4: equity moves by price, fees and funding alone; cash and positions reconcile to the fills."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings

from tests.backtest.holdings import Holding, decision, holdings, moments, run
from tests.backtest.markets import EXAMPLES, Case, cases
from trader_cli.rules import account, codes

if TYPE_CHECKING:
    from collections.abc import Iterable

ORDERED = {codes.SIGNAL, codes.THRESHOLD, codes.TIME}
ROUNDINGS = 12
"""Sums and products on the way of one flow, or of one mark, into the equity; each off by at most half a last digit."""


def due_in(case: Case, symbol: int, row: int) -> float:
    funding = case.markets[symbol].funding_due
    return 0.0 if funding is None else float(funding[row])


def exactly(holding: Holding, price: float) -> Fraction:
    """What a holding has brought once its price is `price`, fees and funding taken off, without any rounding."""
    moved = holding.side * (Fraction(price) - Fraction(holding.entry_price)) * Fraction(holding.quantity)
    return moved - Fraction(holding.fees) - Fraction(holding.funding)


@given(cases())
@settings(max_examples=EXAMPLES)
def test_p4_the_trades_and_what_is_held_explain_the_final_equity(case: Case) -> None:
    """In exact fractions, from the fills alone. What is left are the roundings of the account's own float sums: each
    flow makes at most `ROUNDINGS` of them, of 2^-53 of the largest amount that was ever summed."""
    _, outcome = run(case)
    if not len(outcome.equity):
        return
    *_, (_, _, closes) = moments(case, outcome)
    all_of_them = holdings(outcome)
    brought = sum(
        (exactly(one, one.exit_price if one.left is not None else closes[one.symbol]) for one in all_of_them),
        Fraction(0),
    )
    start = Fraction(case.terms.starting_balance)
    amounts = [abs(one.quantity * price) for one in all_of_them for price in (one.entry_price, one.exit_price)]
    largest = (
        max([float(start), *outcome.equity.tolist()])
        + sum(amounts)
        + sum(closes[one.symbol] * one.quantity for one in all_of_them)
    )
    flows = 1 + sum(2 + _settlements(case, one) for one in all_of_them)
    allowed = ROUNDINGS * flows * largest * 2.0**-53
    assert abs(float(start + brought - Fraction(float(outcome.equity[-1])))) <= allowed


def _settlements(case: Case, one: Holding) -> int:
    last = len(case.markets[one.symbol].bars) - 1 if one.left is None else one.left
    return sum(due_in(case, one.symbol, row) != 0.0 for row in range(one.entered + 1, last + 1))


@given(cases())
@settings(max_examples=EXAMPLES)
def test_p4_the_fills_replayed_through_the_account_give_every_equity_to_the_last_bit(case: Case) -> None:
    signals, outcome = run(case)
    numbers = case.terms.numbers()
    cash = numbers.starting_balance
    all_of_them = holdings(outcome)
    held: list[Holding] = []
    paid: dict[Holding, list[float]] = {one: [0.0, 0.0] for one in all_of_them}  # fees, funding

    def leave(gone: Iterable[Holding]) -> None:
        nonlocal cash
        for one in gone:
            rate = numbers.maker_fee if one.reason == codes.TAKE_PROFIT else numbers.taker_fee
            fees = account.fee(one.quantity, one.exit_price, rate)
            cash = account.cash_after_exit(
                cash, one.side, one.quantity, one.entry_price, one.exit_price, fees, numbers.leverage
            )
            paid[one][0] += fees
            held.remove(one)

    for place, present, closes in moments(case, outcome):
        for one in sorted(held):
            if one.symbol in present:
                due = account.funding(one.side, one.quantity, due_in(case, one.symbol, present[one.symbol]))
                cash -= due
                paid[one][1] += due
        leaving = [one for one in all_of_them if one.left is not None and present.get(one.symbol) == one.left]
        leave(one for one in leaving if one.reason in ORDERED)
        entering = [one for one in all_of_them if present.get(one.symbol) == one.entered]
        for one in sorted(entering, key=partial(decision, case, signals)):
            fees = account.fee(one.quantity, one.entry_price, numbers.taker_fee)
            left = account.cash_after_entry(cash, one.quantity, one.entry_price, fees, numbers.leverage)
            assert left >= -account.ROUNDING * cash
            cash = left
            paid[one][0] += fees
            held.append(one)
        leave(one for one in leaving if one.reason not in ORDERED)
        equity = cash
        for one in sorted(held):
            equity += account.value(one.side, one.quantity, one.entry_price, closes[one.symbol], numbers.leverage)
        assert equity == outcome.equity[place]
    assert [tuple(paid[one]) for one in all_of_them] == [(one.fees, one.funding) for one in all_of_them]


@given(cases())
@settings(max_examples=EXAMPLES // 4)
def test_p4_without_a_position_equity_stands_still(case: Case) -> None:
    _, outcome = run(case)
    times = outcome.times.tolist()
    exposed = np.zeros(len(times), dtype=bool)
    for one in holdings(outcome):
        own = case.markets[one.symbol].bars.open_time
        first = times.index(int(own[one.entered]))
        last = len(times) - 1 if one.left is None else times.index(int(own[one.left]))
        exposed[first : last + 1] = True
    before = np.concatenate([[case.terms.starting_balance], outcome.equity])[: len(times)]
    assert (outcome.equity == before)[~exposed].all()
