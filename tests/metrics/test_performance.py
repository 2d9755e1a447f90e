"""The figures agree with empyrical-reloaded where it computes the same thing, and with arithmetic by hand elsewhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trader_cli.metrics import performance
from trader_cli.metrics.figures import measure

if TYPE_CHECKING:
    from trader_cli.domain.bars import Floats
    from trader_cli.metrics.figures import Metrics

RETURNS = st.lists(st.floats(-0.2, 0.25), min_size=5, max_size=60).filter(lambda r: np.std(r) > 1e-6)


def measured(equity: Floats, session: list[int], start: float = 100.0, profits: tuple[float, ...] = ()) -> Metrics:
    return measure(
        equity=equity,
        session=np.array(session, dtype=np.int64),
        start=start,
        per_year=365,
        profits=np.array(profits, dtype=np.float64),
        fees=1.5,
        funding=0.0,
        exposure_sum=0.25 * len(equity),
        ambiguous_bars=2,
    )


@given(RETURNS, st.sampled_from([252, 365]))
@settings(max_examples=150)
def test_daily_figures_equal_empyricals(returns: list[float], per_year: int) -> None:
    import empyrical

    series = np.array(returns)
    assert performance.sharpe(series, per_year) == pytest.approx(
        empyrical.sharpe_ratio(series, annualization=per_year), rel=1e-9
    )
    if min(returns) < -1e-6:
        assert performance.sortino(series, per_year) == pytest.approx(
            empyrical.sortino_ratio(series, annualization=per_year), rel=1e-9
        )
    total = float(np.prod(1 + series) - 1)
    assert performance.cagr(total, len(series), per_year) == pytest.approx(
        empyrical.cagr(series, annualization=per_year), rel=1e-6
    )


@given(RETURNS)
@settings(max_examples=150)
def test_drawdown_and_calmar_equal_empyricals(returns: list[float]) -> None:
    import empyrical

    series = np.array(returns)
    equity = 100.0 * np.cumprod(1 + series)
    metrics = measured(equity, list(range(len(equity))))
    assert metrics.max_drawdown == pytest.approx(empyrical.max_drawdown(series), abs=1e-12)
    if metrics.max_drawdown < -1e-6:
        assert metrics.calmar == pytest.approx(empyrical.calmar_ratio(series, annualization=365), rel=1e-6)


def test_returns_run_from_session_to_session_whatever_the_number_of_bars() -> None:
    equity = np.array([101.0, 102.0, 99.0, 110.0, 121.0])
    closes = performance.session_closes(equity, np.array([7, 7, 9, 9, 10]))
    returns = performance.session_returns(np.concatenate(([100.0], closes)))
    assert returns == pytest.approx([102 / 100 - 1, 110 / 102 - 1, 121 / 110 - 1])


def test_drawdown_looks_at_every_bar_and_starts_at_the_starting_balance() -> None:
    assert measured(np.array([90.0, 99.0]), [1, 1]).max_drawdown == pytest.approx(-0.1)
    assert measured(np.array([110.0, 88.0, 115.0]), [1, 1, 1]).max_drawdown == pytest.approx(-0.2)


def test_trade_figures_by_hand() -> None:
    metrics = measured(np.array([100.0, 104.0]), [1, 2], profits=(3.0, -1.0, 2.0, 0.0))
    assert metrics.trades == 4
    assert metrics.win_rate == 0.5  # a trade that breaks even is no win
    assert metrics.profit_factor == 5.0  # (3 + 2) / 1
    assert metrics.expectancy == 1.0  # 4 / 4
    assert metrics.total_return == pytest.approx(0.04)
    assert (metrics.fees, metrics.exposure, metrics.ambiguous_bars) == (1.5, 0.25, 2)


def test_what_is_not_defined_is_none_and_never_nan() -> None:
    flat = measured(np.array([100.0, 100.0, 100.0]), [1, 2, 3])
    assert (flat.sharpe, flat.sortino, flat.calmar, flat.win_rate) == (None, None, None, None)
    assert (flat.profit_factor, flat.expectancy, flat.max_drawdown, flat.cagr) == (None, None, 0.0, 0.0)
    assert measured(np.array([]), []).cagr is None
    assert measured(np.array([101.0]), [1]).sharpe is None
    assert measured(np.array([100.0, 101.0]), [1, 2], profits=(1.0,)).profit_factor is None
    assert performance.cagr(1e300, 1, 365) is None  # no infinity either


@given(
    st.lists(st.floats(1e-3, 1e6) | st.floats(-1e6, 0), min_size=1, max_size=30),
    st.lists(st.floats(-1e6, 1e6), max_size=10),
)
@settings(max_examples=150)
def test_every_figure_is_finite_or_none(equity: list[float], profits: list[float]) -> None:
    metrics = measured(np.array(equity), list(range(len(equity))), profits=tuple(profits))
    for name in metrics.__slots__:
        value = getattr(metrics, name)
        assert value is None or math.isfinite(value), name


def test_an_equity_below_zero_has_a_drawdown_but_no_returns() -> None:
    lost = measured(np.array([50.0, -25.0, 25.0]), [1, 2, 3])
    assert (lost.sharpe, lost.sortino) == (None, None)
    assert (lost.max_drawdown, lost.final_equity) == (-1.25, 25.0)
    assert measured(np.array([50.0, -25.0]), [1, 2]).sharpe is not None  # lost in the last session: it opened on 50
    assert measured(np.array([50.0, -25.0]), [1, 2]).cagr is None


def test_returns_that_differ_by_rounding_alone_have_no_risk_to_divide_by() -> None:
    equity = 100.0 * np.cumprod(np.full(30, 0.997))
    assert measured(equity, list(range(30))).sharpe is None
