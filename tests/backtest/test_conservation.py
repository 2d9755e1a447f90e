"""Law P4: equity moves by price, fees and funding alone; cash and positions reconcile to the fills."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from hypothesis import given, settings

from tests.backtest.markets import EXAMPLES, Case, Script, cases
from trader_cli.backtest.kernel import Outcome, simulate
from trader_cli.rules import account, codes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trader_cli.domain.signal import Signals

ORDERED = {codes.SIGNAL, codes.THRESHOLD, codes.TIME}
ROUNDINGS = 12
"""Sums and products on the way of one flow, or of one mark, into the equity; each off by at most half a last digit."""


class Holding(NamedTuple):
    """A trade, or a position still held at the end (`left` None). Rows are those of the symbol's own series."""

    symbol: int
    side: int
    entered: int
    left: int | None
    quantity: float
    entry_price: float
    exit_price: float
    fees: float
    funding: float
    reason: int


def run(case: Case) -> tuple[list[Signals], Outcome]:
    signals = [Script().signals(market.bars) for market in case.markets]
    numbers, grids = case.terms.numbers(), case.terms.grids()
    return signals, simulate(case.markets, signals, numbers, grids, start=case.start, warmup=case.warmup)


def holdings(outcome: Outcome) -> list[Holding]:
    """In the order of the exits, then what is still held in list order."""
    closed = [
        Holding(int(symbol), int(side), int(entered), int(left), quantity, price, left_at, fees, funding, int(code))
        for symbol, side, entered, left, quantity, price, left_at, fees, funding, code in outcome.trades.tolist()
    ]
    held = [
        Holding(int(symbol), int(side), int(entered), None, quantity, price, 0.0, fees, funding, codes.STAY)
        for symbol, side, entered, quantity, price, fees, funding in outcome.positions.tolist()
    ]
    return closed + held


def moments(case: Case, outcome: Outcome) -> Iterator[tuple[int, dict[int, int], list[float]]]:
    """At each judged time: its place, the row of each symbol present, and the last close of every symbol."""
    rows = [{time: row for row, time in enumerate(market.bars.open_time.tolist())} for market in case.markets]
    closes = [0.0] * len(rows)
    for place, time in enumerate(outcome.times.tolist()):
        present = {symbol: of_symbol[time] for symbol, of_symbol in enumerate(rows) if time in of_symbol}
        for symbol, row in present.items():
            closes[symbol] = float(case.markets[symbol].bars.close[row])
        yield place, present, closes


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

    def decided(one: Holding) -> tuple[int, float, int]:
        """When an entry was decided: at the symbol's bar before, the surer first, then in list order."""
        row = one.entered - 1
        time = int(case.markets[one.symbol].bars.open_time[row])
        return time, -float(signals[one.symbol].confidence[row]), one.symbol

    for place, present, closes in moments(case, outcome):
        for one in sorted(held):
            if one.symbol in present:
                due = account.funding(one.side, one.quantity, due_in(case, one.symbol, present[one.symbol]))
                cash -= due
                paid[one][1] += due
        leaving = [one for one in all_of_them if one.left is not None and present.get(one.symbol) == one.left]
        leave(one for one in leaving if one.reason in ORDERED)
        entering = [one for one in all_of_them if present.get(one.symbol) == one.entered]
        for one in sorted(entering, key=decided):
            fees = account.fee(one.quantity, one.entry_price, numbers.taker_fee)
            cash = account.cash_after_entry(cash, one.quantity, one.entry_price, fees, numbers.leverage)
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
