"""MACD: TA-Lib's, every average seeded with a simple mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators import literal
from tests.indicators.markets import markets, ramp
from trader_cli.conformance import market
from trader_cli.indicators import macd, pandas_ta

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars


def test_four_bars_by_hand() -> None:
    # fast 2, slow 3, signal 2; closes 1, 2, 6, 4
    # bar 2: fast mean of bars 1, 2 = 4; slow mean of bars 0..2 = 3; MACD 1
    # bar 3: fast 4 + (4 - 4) x 2/3 = 4; slow 3 + (4 - 3) x 2/4 = 3.5; MACD 0.5; signal (1 + 0.5) / 2 = 0.75
    line, signal, histogram = macd(np.array([1.0, 2.0, 6.0, 4.0]), 2, 3, 2)
    assert np.isnan(line[:3]).all()
    assert (line[3], signal[3], histogram[3]) == pytest.approx((0.5, 0.75, -0.25), rel=1e-14)


@settings(max_examples=60)
@given(markets(), st.sampled_from([(12, 26, 9), (2, 3, 2), (5, 35, 50)]))
def test_it_is_the_book_in_any_market(bars: Bars, periods: tuple[int, int, int]) -> None:
    expected = np.array(literal.macd(bars.close.tolist(), *periods))
    found = macd(bars.close, *periods)[2]
    highest = np.maximum.accumulate(bars.close)
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    assert (np.nan_to_num(np.abs(found - expected)) <= 1e-12 * highest).all()


@pytest.mark.parametrize("size", [0, 1, 26, 33])
def test_short_history_gives_nothing_but_nan(size: int) -> None:
    for found in macd(ramp(size), 12, 26, 9):
        assert found.shape == (size,)
        assert np.isnan(found).all()


def test_it_starts_where_the_signal_line_does() -> None:
    found = macd(ramp(34), 12, 26, 9)[2]
    assert np.isnan(found[:33]).all()
    assert not np.isnan(found[33])


def test_it_is_what_pandas_ta_gives() -> None:
    bars = market(4)
    ours = macd(bars.close, 12, 26, 9)
    for mine, column in zip(ours, ("MACD_", "MACDs_", "MACDh_"), strict=True):
        theirs = pandas_ta("macd", bars, column=column, fast=12, slow=26, signal=9)
        assert np.allclose(mine, theirs, rtol=0, atol=1e-9, equal_nan=True)
