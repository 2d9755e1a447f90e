"""Curves with few points that tell the same, and the returns of months."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_cli.domain.clock import from_nanoseconds, to_nanoseconds
from trader_cli.metrics.curves import monthly_returns, thinned
from trader_cli.metrics.performance import drawdowns, max_drawdown

if TYPE_CHECKING:
    from trader_cli.domain.bars import Floats

HOUR = 3_600_000_000_000
equities = st.lists(st.floats(1.0, 1e6), min_size=1, max_size=400).map(np.array)


@given(values=equities, most=st.integers(4, 60))
def test_a_thinned_curve_keeps_its_ends_and_its_extremes(values: Floats, most: int) -> None:
    kept = thinned(values, most)
    assert len(kept) <= max(most, 4)
    assert (np.diff(kept) > 0).all()
    assert (kept[0], kept[-1]) == (0, len(values) - 1)
    assert (values[kept].min(), values[kept].max()) == (values.min(), values.max())


@given(values=equities)
def test_a_short_curve_keeps_every_point(values: Floats) -> None:
    assert thinned(values, 400).tolist() == list(range(len(values)))


@given(values=equities, first=st.integers(0, 2**20), start=st.floats(1.0, 1e6))
def test_the_months_compound_to_the_whole_return(values: Floats, first: int, start: float) -> None:
    times = (first + np.arange(len(values)) * 31) * HOUR
    months, returns = monthly_returns(times, values, start)
    assert months.astype(str).tolist() == sorted({f"{from_nanoseconds(time):%Y-%m}" for time in times.tolist()})
    assert np.prod(1.0 + returns) == pytest.approx(values[-1] / start, rel=1e-9)


def test_a_bar_belongs_to_the_month_in_which_it_opens() -> None:
    times = [datetime(2024, 1, 31, 23, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)]
    months, returns = monthly_returns(
        np.array([to_nanoseconds(time) for time in times]), np.array([150.0, 75.0]), 100.0
    )
    assert months.astype(str).tolist() == ["2024-01", "2024-02"]
    assert returns.tolist() == [0.5, -0.5]


def test_nothing_is_earned_on_an_equity_that_is_none() -> None:
    times = np.array([0, 40, 80]) * 24 * HOUR
    returns = monthly_returns(times, np.array([0.0, 5.0, 10.0]), 100.0)[1]
    assert returns[0] == -1.0
    assert np.isnan(returns[1])
    assert returns[2] == 1.0


@given(values=equities, start=st.floats(1.0, 1e6))
def test_the_deepest_drawdown_is_the_lowest_of_the_curve(values: Floats, start: float) -> None:
    fallen = drawdowns(values, start)
    assert (fallen <= 0.0).all()
    assert max_drawdown(values, start) == fallen.min()
