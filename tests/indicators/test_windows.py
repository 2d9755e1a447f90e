"""Sums and spreads over the last N values."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_cli.indicators import windows


@given(st.lists(st.floats(0, 1e12), max_size=60), st.integers(1, 40))
def test_a_sum_is_that_of_its_own_values(values: list[float], length: int) -> None:
    found = windows.sums(np.array(values), length)
    assert len(found) == len(values)
    for i, total in enumerate(found.tolist()):
        if i + 1 < length:
            assert np.isnan(total)
        else:
            exact = float(sum(map(Fraction, values[i + 1 - length : i + 1])))
            assert total == pytest.approx(exact, rel=1e-14)


@given(st.lists(st.floats(-10, 1e6), max_size=50), st.integers(2, 30))
def test_a_spread_is_that_of_its_own_values(values: list[float], length: int) -> None:
    found = windows.deviations(np.array(values), length)
    for i in range(length - 1, len(values)):
        exact = float(np.std(np.array(values[i + 1 - length : i + 1]), ddof=1))
        assert found[i] == pytest.approx(exact, rel=1e-9, abs=1e-9)


def test_a_huge_value_leaves_no_trace_once_it_is_gone() -> None:
    values = np.full(40, 0.1)
    clean = windows.sums(values, 7), windows.deviations(np.sin(values * np.arange(40)), 7)
    values[10] = 1e18
    spoiled = np.sin(0.1 * np.arange(40))
    spoiled[10] = 1e18
    assert np.array_equal(windows.sums(values, 7)[17:], clean[0][17:])
    assert np.array_equal(windows.deviations(spoiled, 7)[17:], clean[1][17:])


@pytest.mark.parametrize("length", [2, 3, 14, 100, 10_000])
def test_a_window_gives_the_same_bits_wherever_history_starts(length: int) -> None:
    values = np.random.default_rng(5).exponential(1.0, 60_000)
    whole = windows.sums(values, length)
    spread = windows.deviations(values, length)
    for start in (1, 777, 40_000):
        assert np.array_equal(windows.sums(values[start:], length)[length - 1 :], whole[start + length - 1 :])
        assert np.array_equal(windows.deviations(values[start:], length)[length - 1 :], spread[start + length - 1 :])


def test_long_series_are_done_in_chunks_without_seams() -> None:
    values = np.random.default_rng(6).exponential(1.0, 50_000)
    found = windows.sums(values, 5)
    plain = values[4:] + values[3:-1] + values[2:-2] + values[1:-3] + values[:-4]
    assert np.allclose(found[4:], plain, rtol=1e-14, atol=0)
    assert np.isnan(found[:4]).all()
