"""The probability of overfitting equals a literal reading of its paper, and says what is known beforehand."""

from __future__ import annotations

import time
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics import cscv
from trader_cli.metrics.overfitting import BLOCKS, Blocks, in_blocks, overfitting_probability

if TYPE_CHECKING:
    from trader_cli.domain.bars import Floats


def together(returns: Floats, blocks: int = BLOCKS) -> Blocks:
    """The blocks of a matrix, one run a column."""
    columns = [in_blocks(column, blocks) for column in returns.T]
    found = [column for column in columns if column is not None]
    assert len(found) == len(columns)
    sums, squares = (np.stack([column[i] for column in found], axis=1) for i in (1, 2))
    return Blocks(found[0].length, sums, squares)


def noise(seed: int, periods: int, runs: int) -> Floats:
    found: Floats = np.random.default_rng(seed).normal(0.0, 0.01, (periods, runs))
    return found


@given(
    seed=st.integers(0, 10_000),
    blocks=st.sampled_from([2, 4, 6, 8]),
    length=st.integers(2, 7),
    left_over=st.integers(0, 1),
    runs=st.integers(2, 9),
    idle=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=12),
    twins=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=3),
)
@settings(max_examples=200, deadline=None)
def test_the_probability_is_that_of_the_papers_loop(
    seed: int,
    blocks: int,
    length: int,
    left_over: int,
    runs: int,
    idle: list[tuple[int, int]],
    twins: list[tuple[int, int]],
) -> None:
    returns = noise(seed, blocks * length + left_over, runs)
    for block, run in idle:  # did not trade for a while
        returns[left_over:][block % blocks * length :][:length, run % runs] = 0.0
    for one, other in twins:
        returns[:, one % runs] = returns[:, other % runs]
    expected = cscv.logits(returns, blocks)
    found = overfitting_probability(together(returns, blocks))
    assert found == (sum(logit <= 0 for logit in expected) / len(expected) if expected else None)


def test_sixteen_blocks_are_halved_in_12_870_ways() -> None:
    returns = noise(3, 64, 5)
    expected = cscv.logits(returns, BLOCKS)
    assert len(expected) == 12_870
    assert overfitting_probability(together(returns)) == sum(logit <= 0 for logit in expected) / 12_870


def test_of_pure_noise_the_best_is_as_often_below_the_median_as_above() -> None:
    found = [overfitting_probability(together(noise(seed, 400, 41), 8)) for seed in range(300)]
    assert np.mean(np.array(found, dtype=np.float64)) == pytest.approx(0.5, abs=0.06)


def test_a_run_that_is_better_everywhere_is_not_there_by_luck() -> None:
    returns = noise(5, 1000, 200)
    returns[:, 17] += 0.005  # half a standard deviation a day
    assert overfitting_probability(together(returns)) == 0.0


def test_a_run_that_was_good_once_is_there_by_luck_alone() -> None:
    returns = np.array([[3.0, 0.1], [5.0, -0.1], [-3.0, 0.1], [-5.0, -0.1]])
    # in the first half the first run is best (4 / 1.41) and then ranks below the second (0); the second, best in the
    # second half (0 against -2.83), ranks below the first one in the first
    assert overfitting_probability(together(returns, 2)) == 1.0
    returns[:, 1] = [1.0, 1.5, 1.0, 1.5]
    # the second run is best in both halves (1.25 / 0.35 = 3.54 against 2.83, and against -2.83)
    assert overfitting_probability(together(returns, 2)) == 0.0
    returns[:, 1] = [1.0, 2.0, 1.0, 2.0]
    # in the first half the first run is best (2.83 against 2.12) and then last; in the second half the second run is
    # best (2.12 against -2.83), and in the first one it is last
    assert overfitting_probability(together(returns, 2)) == 1.0


def test_what_is_left_over_is_dropped_from_the_beginning() -> None:
    found = in_blocks(np.array([100.0, 1.0, 2.0, 3.0, 4.0]), 2)
    assert found is not None
    assert found.length == 2
    assert found.sums.tolist() == [3.0, 7.0]
    assert found.squares.tolist() == [5.0, 25.0]
    assert in_blocks(np.ones(31)) is None


def test_where_nothing_can_be_chosen_there_is_no_probability() -> None:
    assert overfitting_probability(together(noise(1, 64, 1))) is None
    assert overfitting_probability(together(np.repeat(noise(1, 64, 1), 3, axis=1))) is None
    assert overfitting_probability(together(np.zeros((64, 3)))) is None
    assert overfitting_probability(together(np.tile([0.001, 0.002, -0.003], (64, 1)))) is None  # no spread at all
    assert overfitting_probability(Blocks(1, noise(1, 16, 3), np.square(noise(1, 16, 3)))) is None
    endless = together(noise(1, 64, 3))
    endless.squares[3, 1] = np.inf
    assert overfitting_probability(endless) is None


def test_a_run_that_never_trades_ranks_between_those_that_gain_and_those_that_lose() -> None:
    returns = np.abs(noise(2, 64, 3)) * np.array([1.0, 0.0, -1.0])
    assert overfitting_probability(together(returns[:, :2])) == 0.0  # the gainer is chosen, and is best again
    assert overfitting_probability(together(returns[:, 1:])) == 0.0  # the idle one is, and is
    assert overfitting_probability(together(returns)) == 0.0


def test_five_thousand_runs_take_seconds_and_little_memory() -> None:
    returns = noise(8, 40, 5000)
    runs = together(returns)
    tracemalloc.start()
    began = time.process_time()
    overfitting_probability(runs)
    took, (_, most) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 20.0  # about 2 s on one core
    assert most < 4 * (runs.sums.nbytes + runs.squares.nbytes)
