"""A venue's rows become bars, and coarser bars of finer ones; what is not over is not shown as over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_cli.brokers.making import as_candles, as_rates, made, spliced
from trader_cli.data.candles import Candles
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.errors import DataError

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars

MINUTE = Timeframe.M1.nanoseconds
BEGINS = 1_772_409_600 * 1_000_000_000
"""2026-03-02T00:00:00Z."""


def minutes(count: int, first: int = 0) -> Candles:
    """Minute n opens at n + 1 and closes at n + 2, with a volume of 1."""
    n = np.arange(first, first + count, dtype=np.float64)
    return Candles(BEGINS + n.astype(np.int64) * MINUTE, np.stack((n + 1, n + 3, n + 0.5, n + 2, np.ones(count))))


def coarse(candles: Candles, now: int, limit: int = 10) -> Bars:
    return made(candles, "X", Timeframe.M1, Timeframe.M3, TradingHours.CONTINUOUS, BEGINS + now * MINUTE, limit)


def opened(bars: Bars) -> list[int]:
    """When bars open, in minutes."""
    return [int(time - BEGINS) // MINUTE for time in bars.open_time]


@pytest.mark.parametrize(("count", "now", "expected"), [(6, 6, [0, 3]), (7, 6, [0, 3, 6]), (8, 7, [0, 3, 6])])
def test_a_coarser_bar_is_there_once_it_is_over_or_in_progress(count: int, now: int, expected: list[int]) -> None:
    assert opened(coarse(minutes(count), now)) == expected


def test_f052_a_coarser_bar_whose_last_minute_is_not_there_yet_is_not_there_either() -> None:
    """It would pass for closed with the close of a minute before."""
    assert opened(coarse(minutes(5), 6)) == [0]
    assert opened(coarse(minutes(5), 5)) == [0, 3]


def test_a_bar_in_progress_holds_what_is_known_of_it() -> None:
    bars = coarse(minutes(5), 5)
    row = [float(column[-1]) for column in (bars.open, bars.high, bars.low, bars.close, bars.volume)]
    assert row == [4.0, 7.0, 3.5, 6.0, 2.0]


def test_what_begins_in_the_middle_of_a_coarser_bar_does_not_stand_for_it() -> None:
    assert opened(coarse(minutes(8, first=1), 9)) == [3, 6]


@given(st.integers(1, 40), st.integers(0, 3), st.integers(1, 8))
def test_the_latest_are_kept_and_never_too_many(count: int, ahead: int, limit: int) -> None:
    bars = coarse(minutes(count), count - 1 + ahead, limit)
    assert len(bars) <= limit
    assert opened(bars) == opened(coarse(minutes(count), count - 1 + ahead, 100))[-limit:]


def test_f054_what_is_no_number_is_none() -> None:
    found = as_candles([[BEGINS // 1_000_000, 1, 2, 0.5, None, 3]], "here")
    assert np.isnan(found.values[3, 0])
    assert as_candles([[BEGINS // 1_000_000, 1, 2, 0.5, 1, None]], "here", has_volume=False).values[4, 0] == 0


@pytest.mark.parametrize(
    "rows", [[[None, 1, 2, 0.5, 1, 3]], [[1, 2, 3]], [["x", 1, 2, 0.5, 1, 3]], "text", [1, 2], None]
)
def test_rows_that_are_none_are_refused(rows: object) -> None:
    with pytest.raises(DataError, match="here"):
        as_candles(rows, "here")


def test_no_rows_are_no_bars() -> None:
    assert len(as_candles([], "here")) == 0


def test_pages_are_one_series_from_where_it_was_asked_for() -> None:
    found = spliced([minutes(3), minutes(3, first=3)], BEGINS + MINUTE)
    assert ((found.open_time - BEGINS) // MINUTE).tolist() == [1, 2, 3, 4, 5]


def test_rates_come_in_order_on_the_minute() -> None:
    told = [{"timestamp": 7_200_012.0, "fundingRate": 0.2}, {"timestamp": 3_600_004, "fundingRate": -0.1}]
    found = as_rates(told, "here")
    assert found.open_time.tolist() == [3_600_000_000_000, 7_200_000_000_000]
    assert found.values.tolist() == [[-0.1, 0.2]]


@pytest.mark.parametrize(
    "told", [[{"timestamp": None, "fundingRate": 1}], [{}], [{"timestamp": 1, "fundingRate": "x"}], 3]
)
def test_f040_rates_that_are_none_are_refused(told: object) -> None:
    with pytest.raises(DataError, match="here"):
        as_rates(told, "here")
