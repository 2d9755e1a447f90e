"""The kernel and a literal reading of DESIGN section 3 agree on every field, on any market and any terms."""

from __future__ import annotations

import ast
import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from tests.backtest import reference
from tests.backtest.literal import assert_same, read_aloud
from tests.backtest.markets import EXAMPLES, FREE, FREE_GRID, Case, Row, Script, cases, market_of
from trader_cli.backtest import kernel
from trader_cli.backtest.kernel import Outcome, simulate
from trader_cli.data.reading import load_bars
from trader_cli.domain.clock import from_nanoseconds, iso, parse, to_nanoseconds
from trader_cli.domain.market import Market
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.registry import strategy_class
from trader_cli.rules import codes

REACHED = 1200
"""Markets enough for each rule to be met."""


RULES = {
    *map(str, codes.EXIT_REASONS.values()),
    *codes.REFUSALS,
    *("reversal", "ambiguous", "decided inside", "liquidated by mark", "rank", "waiting order"),
    *("funding paid", "funding received"),
} - {str(codes.EXIT_REASONS[codes.HALT]), *codes.REFUSALS[codes.HALTED :]}
"""All but a kill switch, which is no part of history, and a governor, which is over more than one account."""


def run_kernel(case: Case) -> Outcome:
    signals = [Script().signals(market.bars) for market in case.markets]
    numbers, grids = case.terms.numbers(), case.terms.grids()
    return simulate(case.markets, signals, numbers, grids, start=case.start, warmup=case.warmup)


def run_reference(case: Case) -> dict[str, Any]:
    signals = [Script().signals(market.bars) for market in case.markets]
    numbers, grids = case.terms.numbers(), case.terms.grids()
    return read_aloud(case.markets, signals, numbers, grids, start=case.start, warmup=case.warmup)


@given(cases())
@settings(max_examples=EXAMPLES)
def test_the_kernel_and_the_literal_reference_agree_on_every_field(case: Case) -> None:
    assert_same(run_kernel(case), run_reference(case))


def without(case: Case, field: str) -> Case:
    """The same case with one column of every market taken away."""
    parts = ("bars", "mark", "funding_due", "detail")
    kept = [{part: getattr(market, part) for part in parts if part != field} for market in case.markets]
    return case._replace(markets=tuple(Market(**columns) for columns in kept))


def met_in(case: Case) -> set[str]:
    """Which rules a case meets, by name."""
    found = run_reference(case)
    met = {trade[9] for trade in found["trades"]} | set(found["refused"])
    met |= {"funding paid" if trade[8] > 0 else "funding received" for trade in found["trades"] if trade[8]}
    closed = {(trade[0], trade[3]): trade for trade in found["trades"]}
    turned = [closed.get((trade[0], trade[2])) for trade in found["trades"]]
    if any(old and old[9] == "signal" and old[1] != new[1] for old, new in zip(turned, found["trades"], strict=True)):
        met.add("reversal")
    if found["ambiguous"]:
        met.add("ambiguous")
    grid = np.unique(np.concatenate([market.bars.open_time for market in case.markets]))
    waited = [trade for trade in found["trades"] if _has_waited(case.markets[trade[0]].bars.open_time, grid, trade[2])]
    met |= {"waiting order"} if waited else set()
    for field, name in (("detail", "decided inside"), ("mark", "liquidated by mark")):
        other = run_reference(without(case, field)) if any(getattr(m, field) for m in case.markets) else found
        reasons = [Counter(trade[9] for trade in one["trades"]) for one in (found, other)]
        if reasons[0] != reasons[1] and (field == "detail" or reasons[0]["liquidation"] > reasons[1]["liquidation"]):
            met.add(name)
    if "max_concurrent_positions" in met and found["trades"] != _unranked(case)["trades"]:
        met.add("rank")
    return met


def _has_waited(own: Any, grid: Any, entry_row: int) -> bool:
    return bool(np.searchsorted(grid, own[entry_row]) - np.searchsorted(grid, own[entry_row - 1]) > 1)


def _unranked(case: Case) -> dict[str, Any]:
    signals = [Script().signals(market.bars) for market in case.markets]
    signals = [replace(one, confidence=np.full(len(one), 0.5)) for one in signals]
    numbers, grids = case.terms.numbers(), case.terms.grids()
    return read_aloud(case.markets, signals, numbers, grids, start=case.start, warmup=case.warmup)


def test_the_made_markets_reach_every_rule() -> None:
    met: Counter[str] = Counter()

    @given(cases())
    @settings(max_examples=REACHED, database=None)
    def collect(case: Case) -> None:
        met.update(met_in(case))

    collect()
    assert set(met) == RULES


@given(cases())
@settings(max_examples=EXAMPLES // 4)
def test_the_compiled_kernel_and_its_own_text_give_the_same_bits(case: Case) -> None:
    compiled = run_kernel(case)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "_driven", kernel._driven.py_func)  # type: ignore[attr-defined]
        plain = run_kernel(case)
    for one, other in zip(compiled, plain, strict=True):
        np.testing.assert_array_equal(one, other)


def refer(*markets: Market, start: int | None = None, warmup: int = 0, **terms: Any) -> dict[str, Any]:
    """The reference on markets written by hand, under free terms but these."""
    signals = [Script().signals(market.bars) for market in markets]
    grids = [FREE_GRID] * len(markets)
    return read_aloud(markets, signals, FREE._replace(**terms), grids, start=start, warmup=warmup)


CALM: Row = (100.0, 101.0, 99.0, 100.0)


def test_by_hand_a_reversal_closes_and_opens_at_one_price() -> None:
    found = refer(market_of([CALM] * 4, "LS.X"), allows_short=True)
    assert found["trades"] == [[0, 1, 1, 2, 10.0, 100.0, 100.0, 0.0, 0.0, "signal"]]
    assert found["positions"] == [[0, -1, 2, 10.0, 100.0, 0.0, 0.0]]
    assert found["pending"] == [[0, -1, 10.0, "signal", 3]]


def test_by_hand_a_liquidation_goes_by_the_mark_and_fills_at_the_bankruptcy_price() -> None:
    # 1,000 at 100 and leverage 10, maintenance 0.005: liquidated at 100 x (1 - 0.095) = 90.5, filled at 90.
    market = market_of([CALM] * 3, "L..", mark=[CALM, CALM, (95.0, 95.0, 90.5, 95.0)])
    margined: dict[str, Any] = {"is_margined": True, "leverage": 10.0}
    found = refer(market, **margined)
    assert found["trades"] == [[0, 1, 1, 2, 10.0, 100.0, 90.0, 0.0, 0.0, "liquidation"]]
    assert [equity for *_, equity in found["curve"]] == [10_000, 10_000, 9_900]
    assert refer(market_of([CALM] * 3, "L.."), **margined)["trades"] == []


def test_by_hand_one_slot_goes_to_the_surer_symbol_and_the_other_is_refused() -> None:
    pair = market_of([CALM] * 2, "L.", "10", symbol="A"), market_of([CALM] * 2, "L.", "20", symbol="B")
    found = refer(*pair, max_concurrent_positions=1)
    assert [position[0] for position in found["positions"]] == [1]
    assert found["refused"] == ["max_concurrent_positions"]


@pytest.mark.parametrize(("slippage", "refused"), [(0.004, 0), (0.006, 1)])
def test_by_hand_slippage_counts_towards_the_distance_of_a_liquidation(slippage: float, refused: int) -> None:
    # 1/20 - 0.025 is 0.025 away; the stop is 0.02 away.
    market = market_of([CALM] * 2, "L.")
    terms: dict[str, Any] = {"is_margined": True, "leverage": 20.0, "maintenance_margin_rate": 0.025}
    numbers = FREE._replace(**terms, slippage=slippage)
    arguments = [market], [Script().signals(market.bars)], numbers, [FREE_GRID]
    outcome = simulate(*arguments)
    assert_same(outcome, read_aloud(*arguments))
    assert outcome.refusals[codes.LIQUIDATION_BEFORE_STOP] == refused


def test_the_reference_gives_the_golden_trades(root: Path) -> None:
    golden = root / "tests" / "golden"
    with (golden / "traps-1m-trades.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    rsi = strategy_class("rsi")
    strategy = rsi(rsi.params_model.model_validate({"upper_threshold": 1.0, "lower_threshold": 0.0}))
    bars = load_bars(golden / "traps-1m.parquet", "TRAPUSDT", Timeframe.M1, TradingHours.CONTINUOUS).bars
    terms = FREE._replace(starting_balance=1e6, max_position_size=10_000.0, taker_fee=0.001, maker_fee=0.001)
    start = to_nanoseconds(parse("2024-01-01T06:40:00Z"))
    grids = [FREE_GRID._replace(lot=1e-10, minimum_quantity=1e-10)]
    trades = read_aloud([Market(bars)], [strategy.signals(bars)], terms, grids, start=start)["trades"]
    assert len(trades) == len(expected)
    for trade, row in zip(trades, expected, strict=True):
        times = [iso(from_nanoseconds(bars.open_time[trade[end]])) for end in (2, 3)]
        assert [*times, trade[9]] == [row["entry_time"], row["exit_time"], row["exit_reason"]]
        figures = [float(row[name]) for name in ("quantity", "entry_price", "exit_price", "fees")]
        assert trade[4:8] == pytest.approx(figures, rel=1e-8)


def test_the_reference_is_one_page_and_imports_nothing_of_the_product() -> None:
    source = Path(reference.__file__).read_text(encoding="utf-8")
    imported = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported == {"__future__", "math", "decimal"}
    assert len(source.splitlines()) <= 210
