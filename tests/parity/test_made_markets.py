"""Law P1 on markets made by hypothesis: the compiled kernel and the trading loop are one account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings

from tests.backtest.markets import EXAMPLES, Case, Script, cases
from tests.parity.alike import assert_alike, both

if TYPE_CHECKING:
    from trader_cli.backtest.result import Result


def run_both(case: Case) -> tuple[Result, Result]:
    return both(case.markets, Script(warmup=case.warmup), case.terms, start=case.start)


@given(cases())
@settings(max_examples=EXAMPLES, deadline=None)
def test_p1_a_replay_makes_what_the_backtest_makes_to_the_last_bit(case: Case) -> None:
    assert_alike(*run_both(case))
