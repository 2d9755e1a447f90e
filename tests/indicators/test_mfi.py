"""MFI: the share of money that flowed upward."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators import literal
from tests.indicators.markets import markets, ramp
from trader_cli.conformance import bars_of, market
from trader_cli.indicators import mfi

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars


def _of(bars: Bars, period: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return mfi(bars.high, bars.low, bars.close, bars.volume, period)


def test_three_bars_by_hand() -> None:
    # typical prices (high + low + close) / 3 = 10, 11, 10, 10; volumes 5, 2, 3, 9; period 2
    # bar 2: up 11 x 2 = 22, down 10 x 3 = 30: 100 x 22 / 52
    # bar 3: unchanged, on neither side; down 30, up 0: 0
    high, low, close = np.array([11.0, 12, 11, 12]), np.array([9.0, 10, 9, 8]), np.array([10.0, 11, 10, 10])
    found = mfi(high, low, close, np.array([5.0, 2, 3, 9]), 2)
    assert np.isnan(found[:2]).all()
    assert found[2:].tolist() == pytest.approx([2200 / 52, 0.0], rel=1e-15)


@settings(max_examples=60)
@given(markets(max_size=150), st.sampled_from([2, 3, 14, 50]))
def test_it_is_the_sum_of_its_own_flows_in_any_market(bars: Bars, period: int) -> None:
    columns = (bars.high.tolist(), bars.low.tolist(), bars.close.tolist(), bars.volume.tolist())
    expected = np.array(literal.mfi(*columns, period))
    assert np.allclose(_of(bars, period), expected, rtol=0, atol=1e-9, equal_nan=True)


def test_without_volume_it_is_balanced() -> None:
    bars = bars_of(market(1).close, volume=np.zeros(3000))
    assert (_of(bars, 14)[14:] == 50).all()


def test_without_a_move_it_is_balanced() -> None:
    assert (_of(bars_of([7.0] * 40), 14)[14:] == 50).all()


def test_a_flow_below_one_counts() -> None:
    """TA-Lib before 0.8 said 0 where the flow of a window is below 1: coins of small price were always oversold."""
    bars = market(2)
    small = bars_of(bars.close * 1e-9, volume=bars.volume * 1e-3)
    large = bars_of(bars.close, volume=bars.volume)
    assert np.allclose(_of(small, 14), _of(large, 14), rtol=0, atol=1e-9, equal_nan=True)
    assert _of(small, 14)[14:].max() > 80


def test_a_huge_bar_leaves_no_trace_once_it_is_out_of_the_window() -> None:
    bars = market(2)
    volume = bars.volume.copy()
    volume[100] = 1e18
    huge = bars_of(bars.close, volume=volume)
    plain = bars_of(bars.close, volume=bars.volume)
    assert np.array_equal(_of(huge, 14)[115:], _of(plain, 14)[115:], equal_nan=True)


def test_talib_itself_is_spoiled_by_a_huge_bar() -> None:
    """Why MFI is not TA-Lib's: where this fails, TA-Lib has mended it and may be used again."""
    generator = np.random.default_rng(9)
    close, volume = 100 * np.exp(np.cumsum(generator.normal(0, 0.01, 500))), generator.random(500) + 1
    plain = talib.MFI(close * 1.001, close * 0.999, close, volume, 14)
    volume[100] = 1e18
    huge = talib.MFI(close * 1.001, close * 0.999, close, volume, 14)
    assert np.abs(huge - plain)[115:].max() > 1


def test_it_is_talibs_where_flow_is_ample_and_even() -> None:
    generator = np.random.default_rng(9)
    bars = bars_of(100 * np.exp(np.cumsum(generator.normal(0, 0.01, 5000))), volume=generator.random(5000) + 1)
    theirs = talib.MFI(bars.high, bars.low, bars.close, bars.volume, 14)
    assert np.allclose(_of(bars, 14), theirs, rtol=0, atol=1e-8, equal_nan=True)


@pytest.mark.parametrize("size", [0, 1, 2, 14])
def test_short_history_gives_nothing_but_nan(size: int) -> None:
    found = _of(bars_of(ramp(size)), 14)
    assert found.shape == (size,)
    assert np.isnan(found).all()
