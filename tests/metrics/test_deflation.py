"""Deflated Sharpe ratios equal the papers' worked examples, and scipy where it computes the same thing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trader_cli.metrics.deflation import (
    ReturnShape,
    Trials,
    deflated_sharpe_ratio,
    expected_maximum,
    probabilistic_sharpe_ratio,
)
from trader_cli.metrics.performance import sharpe

if TYPE_CHECKING:
    import random

RETURNS = st.lists(st.floats(-0.2, 0.25), min_size=3, max_size=60).filter(lambda r: np.std(r) > 1e-4)
RATIOS = st.lists(st.none() | st.floats(-1e7, 1e7), max_size=30)


def trials(count: int, variance: float) -> Trials:
    """As many trials whose ratios have this sample variance (`count` is even)."""
    spread = math.sqrt(variance * (count - 1) / count)
    return Trials.of(np.array([spread, -spread] * (count // 2)))


def of(ratios: list[float | None]) -> Trials:
    return Trials.of(np.array([math.nan if ratio is None else ratio for ratio in ratios], dtype=np.float64))


@pytest.mark.parametrize(
    ("count", "skewness", "kurtosis", "expected"),
    [(100, -3.0, 10.0, 0.9004), (46, -3.0, 10.0, 0.9505), (88, 0.0, 3.0, 0.9505)],
)
def test_the_papers_example(count: int, skewness: float, kurtosis: float, expected: float) -> None:
    """A ratio of 2.5 a year of 250 days, of 5 years of them; the trials' ratios vary by 1/2 a year."""
    shape = ReturnShape(1250, 2.5 / math.sqrt(250), skewness, kurtosis)
    assert deflated_sharpe_ratio(shape, trials(count, 0.5 / 250)) == pytest.approx(expected, abs=5e-5)


def test_the_papers_expected_maximum() -> None:
    best = expected_maximum(trials(100, 0.5 / 250))
    assert best == pytest.approx(0.1132, abs=5e-5)  # a day: 1.79 a year


@pytest.mark.parametrize("count", [2, 10, 1000, 1_000_000])
def test_the_expected_maximum_is_near_that_of_normal_numbers(count: int) -> None:
    """By quadrature of the largest of `count` standard normal numbers; the formula is asymptotic."""
    x = np.linspace(-9.0, 9.0, 200_001)
    density = count * stats.norm.pdf(x) * stats.norm.cdf(x) ** (count - 1)
    exact = float(np.sum(x * density) * (x[1] - x[0]))
    assert expected_maximum(trials(count, 1.0)) == pytest.approx(exact, abs=0.05)


@given(RETURNS)
@settings(max_examples=150)
def test_skewness_and_kurtosis_are_scipys(returns: list[float]) -> None:
    series = np.array(returns)
    shape = ReturnShape.of(series)
    assert shape is not None
    assert (shape.periods, shape.sharpe) == (len(returns), sharpe(series, 1))
    assert shape.skewness == pytest.approx(float(stats.skew(series)), abs=1e-9)
    assert shape.kurtosis == pytest.approx(float(stats.kurtosis(series, fisher=False)), rel=1e-9)


@given(RETURNS, RATIOS, st.floats(-1.0, 1.0))
@settings(max_examples=150)
def test_a_probability_is_one_or_none_and_falls_as_the_benchmark_rises(
    returns: list[float], tried: list[float | None], benchmark: float
) -> None:
    shape = ReturnShape.of(np.array(returns))
    assert shape is not None
    low, high = (probabilistic_sharpe_ratio(shape, at) for at in (benchmark, benchmark + 0.5))
    assert (low is None) == (high is None)
    assert low is None or high is None or 0.0 <= high <= low <= 1.0
    deflated = deflated_sharpe_ratio(shape, of(tried))
    assert deflated is None or 0.0 <= deflated <= 1.0


@given(RATIOS, st.integers(1, 5), st.randoms())
@settings(max_examples=150)
def test_trials_add_up_to_the_same_bits_in_any_order_and_grouping(
    ratios: list[float | None], parts: int, order: random.Random
) -> None:
    shuffled = list(ratios)
    order.shuffle(shuffled)
    chunks = [of(shuffled[i::parts]) for i in range(parts)]
    assert sum(chunks, start=Trials()) == of(ratios)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=40))
@settings(max_examples=150)
def test_the_variance_is_numpys(ratios: list[float]) -> None:
    assert of([*ratios, None]).variance == pytest.approx(float(np.var(ratios, ddof=1)), rel=1e-9, abs=1e-11)


def test_a_run_without_a_ratio_is_a_trial_all_the_same() -> None:
    shape = ReturnShape(500, 0.1, 0.0, 3.0)
    few, many = of([0.1, 0.2]), of([0.1, 0.2] + [None] * 98)
    assert (few.runs, many.runs, many.ratios) == (2, 100, 2)
    assert few.variance == many.variance
    deflated = deflated_sharpe_ratio(shape, few), deflated_sharpe_ratio(shape, many)
    assert None not in deflated
    assert deflated[0] > deflated[1]  # type: ignore[operator]


def test_a_single_trial_is_not_deflated() -> None:
    shape = ReturnShape(500, 0.1, 0.0, 3.0)
    assert deflated_sharpe_ratio(shape, of([0.1])) == probabilistic_sharpe_ratio(shape)


def test_what_is_not_known_is_none() -> None:
    shape = ReturnShape(500, 0.1, 0.0, 3.0)
    assert deflated_sharpe_ratio(shape, of([0.1, None])) is None  # two trials, and nobody knows how they vary
    assert ReturnShape.of(np.array([0.01])) is None
    assert ReturnShape.of(np.full(10, 0.01)) is None
    # wins 2 or nothing, nothing 99 times of 100: skewness 98 / sqrt(99), and its half times the ratio is 1
    skewness = 98 / math.sqrt(99)
    assert probabilistic_sharpe_ratio(ReturnShape(100, 2 / skewness, skewness, 1 + skewness**2)) is None


def test_an_infinite_ratio_is_refused() -> None:
    with pytest.raises(OverflowError):
        Trials.of(np.array([1.0, math.inf]))
