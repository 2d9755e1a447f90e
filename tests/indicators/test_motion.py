"""Momentum and volatility."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators import literal
from tests.indicators.markets import markets, ramp
from trader_cli.conformance import market
from trader_cli.indicators import momentum, pandas_ta, volatility

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars


def test_three_bars_by_hand() -> None:
    # 100 x (11 / 10 - 1) = 10 %; returns 12/10 - 1 = 0.2, 11/12 - 1 = -1/12
    # their mean 7/120, 17/120 from each; std (ddof 1) = sqrt(2 x (17/120)^2 / 1), x sqrt(2) = 2 x 17/120
    close = np.array([10.0, 12.0, 11.0])
    assert momentum(close, 2)[2] == pytest.approx(10.0, rel=1e-13)
    assert volatility(close, 2)[2] == pytest.approx(34 / 120, rel=1e-13)
    assert np.isnan(momentum(close, 2)[:2]).all()
    assert np.isnan(volatility(close, 2)[:2]).all()


@settings(max_examples=40)
@given(markets(max_size=120), st.sampled_from([2, 3, 20, 64]))
def test_volatility_is_the_spread_of_its_own_returns(bars: Bars, lookback: int) -> None:
    expected = np.array(literal.volatility(bars.close.tolist(), lookback))
    found = volatility(bars.close, lookback)
    assert np.allclose(found, expected, rtol=1e-9, atol=1e-14 * sqrt(lookback), equal_nan=True)


def test_a_flat_market_has_no_volatility_even_after_a_crash() -> None:
    close = np.array([1e6, 1.0, *[1.0] * 30])
    assert (volatility(close, 5)[6:] == 0).all()


def test_momentum_is_what_pandas_ta_calls_rate_of_change() -> None:
    bars = market(4)
    theirs = pandas_ta("roc", bars, length=20)
    assert np.allclose(momentum(bars.close, 20), theirs, rtol=1e-9, atol=1e-9, equal_nan=True)


@pytest.mark.parametrize("size", [0, 1, 20])
def test_short_history_gives_nothing_but_nan(size: int) -> None:
    close = ramp(size)
    for found in (momentum(close, 20), volatility(close, 20)):
        assert found.shape == (size,)
        assert np.isnan(found).all()
