"""What runs come to when all but two of their axes are folded, against a loop over the cells."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trader_cli.metrics.pivot import pivot, quantiles

ROWS, COLUMNS = 3, 4

figures = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([math.nan, math.inf, -math.inf, 0.0]))
runs = st.lists(st.tuples(st.integers(-1, ROWS - 1), st.integers(-1, COLUMNS - 1), figures), max_size=60)


@given(runs=runs)
def test_a_pivot_is_the_median_the_best_and_the_count_of_each_cell(runs: list[tuple[int, int, float]]) -> None:
    rows, columns, values = (np.array([run[part] for run in runs]) for part in range(3))
    found = pivot(rows.astype(np.int64), columns.astype(np.int64), values.astype(np.float64), (ROWS, COLUMNS))
    for row in range(ROWS):
        for column in range(COLUMNS):
            cell = [value for one, other, value in runs if (one, other) == (row, column)]
            known = [value for value in cell if math.isfinite(value)]
            assert found.runs[row, column] == len(cell)
            median, best = (np.median(known), max(known)) if known else (math.nan, math.nan)
            np.testing.assert_allclose(found.median[row, column], median, rtol=1e-9, atol=1e-9)
            np.testing.assert_equal(found.best[row, column], best)


@given(
    groups=st.lists(st.tuples(st.integers(-1, 4), figures), max_size=60),
    at=st.lists(st.floats(0, 1), min_size=1, max_size=3),
)
def test_quantiles_of_groups_are_those_of_each_group_alone(groups: list[tuple[int, float]], at: list[float]) -> None:
    of = np.array([group for group, _ in groups], dtype=np.int64)
    values = np.array([value for _, value in groups], dtype=np.float64)
    found = quantiles(of, values, 5, at)
    for group in range(5):
        mine = values[(of == group) & np.isfinite(values)]
        wanted = np.quantile(mine, at) if len(mine) else np.full(len(at), np.nan)
        np.testing.assert_allclose(found[:, group], wanted, rtol=1e-9, atol=1e-6)


def test_a_cell_without_a_run_is_no_zero() -> None:
    found = pivot(np.array([0]), np.array([1]), np.array([0.5]), (1, 2))
    assert np.isnan(found.median[0, 0])
    assert found.median[0, 1] == 0.5
    assert found.runs.tolist() == [[0, 1]]
