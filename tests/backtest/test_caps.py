"""What an account holds and has ordered stays under every cap, on any market (DESIGN 3, items 7 and 8)."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from tests.backtest.holdings import decision, holdings, moments, run
from tests.backtest.markets import EXAMPLES, Case, cases

JUST_OVER = 1 + 1e-11
"""Caps are met in floats: a quantity cut to a cap may be a last digit over it."""


@given(cases())
@settings(max_examples=EXAMPLES)
def test_everything_held_or_ordered_is_under_the_caps_whenever_an_entry_is_decided(case: Case) -> None:
    signals, outcome = run(case)
    limits = case.terms.numbers()
    all_of_them = holdings(outcome)
    closes = {int(outcome.times[place]): list(at) for place, _, at in moments(case, outcome)}
    decided = {one: decision(case, signals, one) for one in all_of_them}
    for one in all_of_them:
        at = decided[one][0]
        notional = one.quantity * closes[at][one.symbol]
        assert notional <= limits.max_position_size * JUST_OVER
        beside = [
            other.quantity * closes[at][other.symbol]
            for other in all_of_them
            if decided[other] < decided[one] and other.symbol != one.symbol and not other.has_left(case, at)
        ]
        assert len(beside) < limits.max_concurrent_positions
        assert notional + sum(beside) <= limits.max_total_exposure * JUST_OVER


@given(cases())
@settings(max_examples=EXAMPLES // 4)
def test_no_symbol_is_held_twice_at_once(case: Case) -> None:
    _, outcome = run(case)
    for symbol in range(len(case.markets)):
        spans = sorted((one.entered, one.left) for one in holdings(outcome) if one.symbol == symbol and one.left)
        starts, ends = np.array(spans).reshape(-1, 2).T
        assert (starts[1:] >= ends[:-1]).all()
