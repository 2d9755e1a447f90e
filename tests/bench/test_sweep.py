"""The programs of W2 trade the same combinations by the same rules. Nothing here measures time."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bench import numpy_sweep, ours_sweep, rules, stage, sweep
from bench.cases.w2 import WITHOUT_NETWORK, same_as_plain, same_statistics
from bench.data import Columns
from bench.numpy_yardstick import priced
from trader_cli.metrics import performance

if TYPE_CHECKING:
    from pathlib import Path

    from bench import trades
    from bench.numpy_yardstick import Found
    from bench.sweep import Statistics

FIRST_DECISION = 400
"""The golden trades are decided from 06:40 on, bar 400."""

FEW = 4_001
"""Bars of the golden series: enough for each rule, in three days; no whole number of blocks or words of bits."""

DAY = 1_440


def _made_in_c(name: str, columns: Columns, folder: Path, kind: np.dtype[np.void], *flags: str) -> Any:
    """What a C program has found, whose answers follow the protocol."""
    program, out = stage.compiled_c(name, folder, *flags), folder / f"{name}.rows"
    columns.write(folder / "columns")
    command = list(map(str, (program, folder / "columns", out, FIRST_DECISION)))
    said = subprocess.run(command, input="2\n1\n", capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in said.stdout.splitlines()]
    assert [[len(answer[f"{clock}_seconds"]) for clock in ("cpu", "wall")] for answer in answers] == [[2, 2], [1, 1]]
    return np.fromfile(out, kind)


@pytest.fixture(scope="module")
def few(golden: Columns) -> Columns:
    """The first bars of the golden series; now and then nothing moves, or a wick ends just at a stop or a target."""
    bars = Columns(*(getattr(golden, field.name)[:FEW].copy() for field in fields(Columns)))
    for still in range(500, FEW, 500):
        for field in fields(Columns):
            getattr(bars, field.name)[still : still + 100] = bars.close[still - 1]
    bars.low[1::97] = bars.open[:-1:97] * (1 - rules.STOP_LOSS)
    bars.high[1::89] = bars.open[:-1:89] * (1 + rules.TAKE_PROFIT)
    np.minimum(bars.low, bars.open, out=bars.low)  # a bar that opens beyond its range is none that C or numpy knows
    np.maximum(bars.high, bars.open, out=bars.high)
    return bars


@pytest.fixture(scope="module")
def found(few: Columns) -> list[Found]:
    """What numpy finds in them."""
    return list(numpy_sweep.simulate(few, FIRST_DECISION))


@pytest.fixture(scope="module")
def in_numpy(few: Columns) -> Statistics:
    """The statistics of that."""
    return numpy_sweep.statistics(few, FIRST_DECISION)


def test_the_combination_of_w1_has_the_golden_trades(golden: Columns, expected: trades.Trades, tmp_path: Path) -> None:
    row = _made_in_c("w2", golden, tmp_path, sweep.STATISTICS)[rules.COMBINATIONS.index(rules.W1)]
    pnl = expected["pnl"]
    assert (row["trades"], row["wins"]) == (len(pnl), (pnl > 0).sum())
    assert row["gross_profit"] == pytest.approx(pnl[pnl > 0].sum(), abs=0.1)
    assert row["gross_loss"] == pytest.approx(-pnl[pnl < 0].sum(), abs=0.1)


@pytest.mark.parametrize("flags", [(), ("-U__AVX512F__",), ("-U__AVX512F__", "-U__AVX2__")], ids=" ".join)
def test_c_has_the_statistics_of_numpy_however_wide_its_instructions(
    flags: tuple[str, ...], few: Columns, in_numpy: Statistics, tmp_path: Path
) -> None:
    assert sweep.same(_made_in_c("w2", few, tmp_path, sweep.STATISTICS, *flags), in_numpy).all()


def test_trader_has_the_statistics_of_numpy(few: Columns, in_numpy: Statistics) -> None:
    assert sweep.same(ours_sweep.statistics(few, ours_sweep.combinations(FIRST_DECISION)), in_numpy).all()


def test_trader_has_the_statistics_of_c_over_stops_and_targets(few: Columns, tmp_path: Path) -> None:
    ours = ours_sweep.statistics(few, ours_sweep.levels(FIRST_DECISION))
    assert sweep.same(ours, _made_in_c("w2_levels", few, tmp_path, sweep.STATISTICS)).all()


def test_trader_has_the_statistics_of_c_with_another_strategy(few: Columns, tmp_path: Path) -> None:
    ours = ours_sweep.statistics(few, ours_sweep.macd(FIRST_DECISION))
    assert sweep.same(ours, _made_in_c("w2_macd", few, tmp_path, sweep.STATISTICS)).all()


def test_some_runs_with_limits_reach_the_daily_one_and_none_the_other(few: Columns) -> None:
    free, bound = (
        ours_sweep.judged(few, made(FIRST_DECISION), follows_equity=False)
        for made in (ours_sweep.combinations, ours_sweep.limits)
    )
    assert all((part.halted_at < 0).all() for part in bound)
    assert sum(part.tallies["trades"].sum() for part in bound) < sum(part.tallies["trades"].sum() for part in free)


def test_what_the_bench_compares_with_the_plain_kernel_are_trades_of_both(few: Columns) -> None:
    claim = same_as_plain(few)
    assert claim.holds
    assert claim.found.startswith("112 of 112 runs, ")
    assert not claim.found.endswith(" 0 trades")


def test_trader_has_the_figures_of_the_equity_that_c_has(few: Columns, tmp_path: Path) -> None:
    ours, theirs = (
        ours_sweep.statistics(few, ours_sweep.combinations(FIRST_DECISION), follows_equity=True),
        _made_in_c("w2_dense", few, tmp_path, sweep.DENSE),
    )
    for name in ("max_drawdown", "sharpe"):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-9)


def test_some_combinations_end_with_a_position_and_some_without(in_numpy: Statistics) -> None:
    realised = rules.START_CASH + in_numpy["gross_profit"] - in_numpy["gross_loss"]
    assert set((np.abs(realised - in_numpy["final_equity"]) > 1).tolist()) == {True, False}


def test_every_bar_walked_ends_with_the_same_statistics_and_the_equitys_figures(
    few: Columns, found: list[Found], in_numpy: Statistics, tmp_path: Path
) -> None:
    rows = _made_in_c("w2_dense", few, tmp_path, sweep.DENSE)
    assert sweep.same(rows, in_numpy).all()
    for row, each in zip(rows[::7], found[::7], strict=True):
        equity = _equity(few, each)
        closes = performance.session_closes(equity, np.arange(FEW) // DAY)
        returns = performance.session_returns(np.concatenate(([rules.START_CASH], closes)))
        assert returns is not None
        sharpe = performance.sharpe(returns, 365)
        assert row["max_drawdown"] == pytest.approx(performance.max_drawdown(equity, rules.START_CASH), rel=1e-9)
        assert row["sharpe"] == pytest.approx(np.nan if sharpe is None else sharpe, rel=1e-9, nan_ok=True)


def _equity(bars: Columns, found: Found) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The equity at each close."""
    equity = np.full(len(bars.close), rules.START_CASH)
    for trade in priced(bars, found):
        held = slice(trade["entry_bar"], trade["exit_bar"])
        fee = trade["quantity"] * trade["entry_price"] * rules.FEE
        equity[held] += trade["quantity"] * (bars.close[held] - trade["entry_price"]) - fee
        equity[trade["exit_bar"] :] += trade["pnl"]
    if found.held is not None:
        entry, quantity = found.held + 1, rules.quantity(bars.close[found.held])
        paid = bars.open[entry]
        equity[entry:] += quantity * (bars.close[entry:] - paid) - quantity * paid * rules.FEE
    return equity


def test_one_amount_apart_by_more_than_its_rounding_is_told(in_numpy: Statistics) -> None:
    altered = in_numpy.copy()
    assert same_statistics(altered, in_numpy, "it").holds
    altered["fees"][417] *= 1 + 2e-9
    claim = same_statistics(altered, in_numpy, "it")
    assert not claim.holds
    assert claim.found.startswith("999 of 1,000 combinations")


def test_peers_find_no_network_but_a_loopback() -> None:
    ask = [*WITHOUT_NETWORK, sys.executable, "-c", "import socket; print([name for _, name in socket.if_nameindex()])"]
    said = subprocess.run(ask, capture_output=True, text=True, check=False)
    if said.returncode != 0:
        pytest.skip(f"this system lets nobody leave its network: {said.stderr.strip()}")
    assert said.stdout.strip() == "['lo']"
