"""The kernel and a literal reading of DESIGN section 3 make the same trades, on any market and any terms."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings

from tests.backtest import reference
from tests.backtest.markets import EXAMPLES, EXITS, Row, Script, bars_of, markets, terms
from trader_cli.backtest import kernel
from trader_cli.backtest.kernel import Outcome, simulate
from trader_cli.rules import codes

if TYPE_CHECKING:
    from trader_cli.rules.numbers import Numbers

HOURS_PER_DAY = 5


def run_kernel(rows: list[Row], script: str, numbers: Numbers, first_bar: int = 0, first_decision: int = 0) -> Outcome:
    bars = bars_of(rows, hours_per_day=HOURS_PER_DAY)
    wishes = Script(script).signals(bars)
    return simulate(bars, wishes, numbers, first_bar=first_bar, first_decision=first_decision)


def run_reference(rows: list[Row], script: str, numbers: Numbers, first_bar: int = 0, first_decision: int = 0) -> dict:  # type: ignore[type-arg]
    bars = [
        {"open": o, "high": h, "low": low, "close": c, "day": i // HOURS_PER_DAY}
        for i, (o, h, low, c) in enumerate(rows)
    ]
    wishes = {"L": (1, None), "B": (1, "threshold"), "S": (-1, "signal"), "T": (0, "threshold"), ".": (0, None)}
    signals = [{"entry": wishes[wish][0], "exit": wishes[wish][1]} for wish in script]
    settings_by_name = numbers._asdict() | {"sizing": "risk" if numbers.sizes_by_risk else "fixed"}
    return reference.simulate(bars, signals, settings_by_name, first_bar, first_decision)  # type: ignore[no-untyped-call,no-any-return]


@given(markets(), terms())
@settings(max_examples=EXAMPLES)
def test_the_kernel_and_the_literal_reference_agree_on_every_field(market: tuple[list[Row], str], n: Numbers) -> None:
    rows, script = market
    ours, theirs = run_kernel(rows, script, n), run_reference(rows, script, n)
    expected = theirs["trades"]
    found = [[*row[:6], str(codes.EXIT_REASONS[int(row[6])])] for row in ours.trades.tolist()]
    assert [(row[:2], row[6]) for row in found] == [(row[:2], row[6]) for row in expected]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one[2:6], other[2:6], rtol=1e-12)
    np.testing.assert_allclose(ours.equity, theirs["equity"], rtol=1e-11)
    assert [(bar, codes.REFUSALS[code]) for bar, code in ours.halts.tolist()] == theirs["halts"]
    assert {codes.REFUSALS[i]: n for i, n in enumerate(ours.refusals) if n} == Counter(theirs["refused"])
    assert ours.ambiguous_bars == theirs["ambiguous"]
    assert (ours.position[1] > 0) == (theirs["position"] is not None)
    buying, leaving = ours.pending
    assert buying == pytest.approx(theirs["order_in"] or 0)
    assert leaving == EXITS.get(theirs["order_out"], codes.TIME)


def test_the_made_markets_reach_every_rule() -> None:
    exits_seen: set[str] = set()
    refusals_seen: set[str] = set()

    @given(markets(), terms())
    @settings(max_examples=800, database=None)
    def collect(market: tuple[list[Row], str], n: Numbers) -> None:
        outcome = run_kernel(*market, n)
        exits_seen.update(codes.EXIT_REASONS[int(row[6])] for row in outcome.trades)
        refusals_seen.update(codes.REFUSALS[i] for i, count in enumerate(outcome.refusals) if count)
        if outcome.ambiguous_bars:
            exits_seen.add("ambiguous")

    collect()
    assert exits_seen == {*codes.EXIT_REASONS.values(), "ambiguous"}
    assert refusals_seen == set(codes.REFUSALS)


@given(markets(), terms())
@settings(max_examples=EXAMPLES // 4)
def test_the_compiled_kernel_and_its_own_text_give_the_same_bits(market: tuple[list[Row], str], n: Numbers) -> None:
    compiled = run_kernel(*market, n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "_driven", kernel._driven.py_func)  # type: ignore[attr-defined]
        plain = run_kernel(*market, n)
    for one, other in zip(compiled, plain, strict=True):
        np.testing.assert_array_equal(one, other)


@given(markets(), terms())
@settings(max_examples=EXAMPLES // 4)
def test_p4_equity_moves_only_by_price_and_fees(market: tuple[list[Row], str], n: Numbers) -> None:
    rows, script = market
    outcome = run_kernel(rows, script, n)
    cash = n.starting_balance
    for _, _, quantity, entry_price, exit_price, fees, _ in outcome.trades.tolist():
        cash += quantity * (exit_price - entry_price) - fees
    _, quantity, entry_price, entry_fee = outcome.position
    held = quantity * (rows[-1][3] - entry_price) - entry_fee if quantity else 0.0
    assert outcome.equity[-1] == pytest.approx(cash + held, rel=1e-11)


@given(markets(), terms())
@settings(max_examples=EXAMPLES // 4)
def test_caps_hold_at_every_decision_and_cash_is_never_negative(market: tuple[list[Row], str], n: Numbers) -> None:
    rows, script = market
    outcome = run_kernel(rows, script, n)
    for entry_bar, _, quantity, *_ in outcome.trades.tolist():
        decided_at = rows[int(entry_bar) - 1][3]
        assert quantity * decided_at <= min(n.max_position_size, n.max_total_exposure) * (1 + 1e-11)
    spent = outcome.position[1] * rows[-1][3]
    assert outcome.equity[-1] - spent >= -1e-11 * n.starting_balance


@given(markets(), terms())
@settings(max_examples=EXAMPLES // 4)
def test_bars_before_the_first_decision_only_warm_up(market: tuple[list[Row], str], n: Numbers) -> None:
    rows, script = market
    first = len(rows) // 2
    ours = run_kernel(rows, script, n, first, first)
    theirs = run_reference(rows, script, n, first, first)
    assert len(ours.trades) == len(theirs["trades"])
    assert all(row[0] > first for row in ours.trades)
    assert (ours.equity[:first] == n.starting_balance).all()
    np.testing.assert_allclose(ours.equity[first:], theirs["equity"], rtol=1e-11)


def test_the_reference_is_short_and_imports_nothing_of_the_product() -> None:
    source = Path(reference.__file__).read_text(encoding="utf-8")
    imported = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported == {"__future__", "math", "decimal"}
    assert len(source.splitlines()) < 100
