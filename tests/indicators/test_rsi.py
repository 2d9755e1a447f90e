"""RSI: Wilder's, with 50 where nothing moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators import literal
from tests.indicators.markets import markets, ramp
from trader_cli.conformance import market
from trader_cli.indicators import pandas_ta, rsi

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars


def test_three_bars_by_hand() -> None:
    # changes +1, -0.5, +1; period 2
    # bar 2: gain (1 + 0) / 2 = 0.5, loss (0 + 0.5) / 2 = 0.25: 100 x 0.5 / 0.75 = 66.666...
    # bar 3: gain (0.5 x 1 + 1) / 2 = 0.75, loss (0.25 x 1 + 0) / 2 = 0.125: 100 x 0.75 / 0.875 = 85.714...
    found = rsi(np.array([10.0, 11.0, 10.5, 11.5]), 2)
    assert np.isnan(found[:2]).all()
    assert found[2:].tolist() == pytest.approx([200 / 3, 600 / 7], rel=1e-15)


@settings(max_examples=60)
@given(markets(), st.sampled_from([2, 3, 14, 50]))
def test_it_is_wilders_average_in_any_market(bars: Bars, period: int) -> None:
    expected = np.array(literal.rsi(bars.close.tolist(), period))
    assert np.allclose(rsi(bars.close, period), expected, rtol=0, atol=1e-7, equal_nan=True)


def test_a_market_that_never_moved_is_balanced() -> None:
    found = rsi(np.full(100, 7.0), 14)
    assert np.isnan(found[:14]).all()
    assert (found[14:] == 50).all()


def test_a_market_is_balanced_once_no_close_moved_for_three_periods() -> None:
    close = np.array([5.0, 6.0, *[6.0] * 20, 7.0, *[7.0] * 20])  # moves at bars 1 and 22; period 3: calm for 9 bars
    found = rsi(close, 3)
    assert found[9] == 100  # bars 1..9 hold the move
    assert found[10:22].tolist() == [50.0] * 12  # bars 2..10 do not, and so on
    assert found[22:31].tolist() == [100.0] * 9
    assert found[31:].tolist() == [50.0] * 12


def test_before_the_first_move_it_is_balanced_however_short_history_is() -> None:
    found = rsi(np.array([5.0, 5.0, 5.0, 5.0, 4.0]), 3)
    assert found[3:].tolist() == [50.0, 0.0]


def test_the_first_bar_after_three_calm_periods_is_balanced() -> None:
    close = np.array([5.0, 6.0, *[6.0] * 9, 7.0])  # moves at bars 1 and 11; period 3: bar 10 ends 9 calm bars
    assert rsi(close, 3)[9:].tolist() == [100.0, 50.0, 100.0]


@pytest.mark.parametrize("price", [1e-100, 1e-12, 1e-8, 1.0, 1e12])
def test_the_unit_of_price_does_not_matter(price: float) -> None:
    """TA-Lib before 0.8 took average moves below 1e-14 for none."""
    close = market(3).close
    assert np.allclose(rsi(close * price, 14), rsi(close, 14), rtol=0, atol=1e-7, equal_nan=True)


@pytest.mark.parametrize("size", [0, 1, 2, 14])
def test_short_history_gives_nothing_but_nan(size: int) -> None:
    found = rsi(ramp(size), 14)
    assert found.shape == (size,)
    assert np.isnan(found).all()


def test_one_bar_more_than_the_period_is_enough() -> None:
    found = rsi(ramp(15), 14)
    assert np.isnan(found[:14]).all()
    assert found[14] == 100


def test_it_is_what_pandas_ta_gives_where_markets_move() -> None:
    bars = market(4)
    ours = rsi(bars.close, 14)
    theirs = pandas_ta("rsi", bars, length=14)
    moving = ours != 50
    assert moving.mean() > 0.5
    assert np.allclose(ours[moving], theirs[moving], rtol=0, atol=1e-9, equal_nan=True)


def test_it_does_not_write_into_its_input() -> None:
    close = market(1).close
    before = close.copy()
    rsi(close, 14)
    assert np.array_equal(close, before)
