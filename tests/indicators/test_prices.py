"""VWAP over the session and over the last N bars."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators import literal
from tests.indicators.markets import markets, ramp
from trader_cli.conformance import bars_of, market
from trader_cli.domain.timeframe import Timeframe
from trader_cli.indicators import pandas_ta, rolling_vwap, session_vwap

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars


def _columns(bars: Bars) -> tuple[list[float], list[float], list[float], list[float]]:
    return bars.high.tolist(), bars.low.tolist(), bars.close.tolist(), bars.volume.tolist()


def _session(bars: Bars) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return session_vwap(bars.high, bars.low, bars.close, bars.volume, bars.session)


def _rolling(bars: Bars, length: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return rolling_vwap(bars.high, bars.low, bars.close, bars.volume, length)


def test_two_sessions_by_hand() -> None:
    # typical prices 10, 13 | 20; volumes 1, 2 | 4: 10, (10 + 26) / 3 = 12, then a new session: 20
    bars = bars_of([10.0, 13.0, 20.0], volume=[1, 2, 4])
    bars = replace(bars, high=bars.close, low=bars.close, session=np.array([1, 1, 2]))
    assert _session(bars).tolist() == [10.0, 12.0, 20.0]
    assert _rolling(bars, 2)[1:].tolist() == pytest.approx([12.0, (26 + 80) / 6])


@settings(max_examples=40)
@given(markets(max_size=120), st.sampled_from([Timeframe.H1, Timeframe.H8, Timeframe.M15]))
def test_a_session_is_averaged_by_itself_in_any_market(bars: Bars, timeframe: Timeframe) -> None:
    bars = bars_of(bars.close, volume=bars.volume, spread=0.001, timeframe=timeframe)
    first_rows = [int(np.searchsorted(bars.session, day)) for day in bars.session]
    expected = np.array(literal.vwap(*_columns(bars), first_rows))
    assert np.allclose(_session(bars), expected, rtol=1e-12, atol=0, equal_nan=True)


@settings(max_examples=40)
@given(markets(max_size=120), st.sampled_from([2, 7, 48]))
def test_the_last_bars_are_averaged_by_themselves_in_any_market(bars: Bars, length: int) -> None:
    expected = np.array(literal.vwap(*_columns(bars), [max(0, i - length + 1) for i in range(len(bars))]))
    expected[: length - 1] = np.nan
    assert np.allclose(_rolling(bars, length), expected, rtol=1e-12, atol=0, equal_nan=True)


def test_many_short_sessions_and_few_long_ones_are_added_up_alike() -> None:
    bars = market(3, size=2000)
    side_by_side = replace(bars, session=np.arange(2000) // 3)
    one_by_one = [bars.slice(start, min(start + 3, 2000)) for start in range(0, 2000, 3)]
    expected = np.concatenate(
        [_session(replace(part, session=np.zeros(len(part), dtype=np.int64))) for part in one_by_one]
    )
    assert np.array_equal(_session(side_by_side), expected, equal_nan=True)


def test_without_volume_there_is_no_average() -> None:
    bars = bars_of([1.0, 2.0, 3.0], volume=[0, 0, 5])
    assert np.isnan(_session(bars)).tolist() == [True, True, False]
    assert np.isnan(_rolling(bars, 2)).tolist() == [True, True, False]


@pytest.mark.parametrize("size", [0, 1])
def test_short_history_has_the_right_shape(size: int) -> None:
    bars = bars_of(ramp(size))
    assert _session(bars).shape == _rolling(bars, 5).shape == (size,)


def test_a_session_is_what_pandas_ta_gives() -> None:
    bars = market(4)
    assert np.allclose(_session(bars), pandas_ta("vwap", bars, anchor="D"), rtol=1e-9, atol=0, equal_nan=True)
