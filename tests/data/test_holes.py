"""What is missing in a part of a series is what should be there and is not, counted one by one."""

from __future__ import annotations

from functools import cache
from itertools import groupby

import numpy as np
import pandas as pd
import pytest
from exchange_calendars import get_calendar
from hypothesis import given, settings
from hypothesis import strategies as st

from trader_cli.data.holes import Holes
from trader_cli.data.placing import place
from trader_cli.domain.timeframe import Timeframe, TradingHours

CASES = [
    (Timeframe.H1, TradingHours.CONTINUOUS),
    (Timeframe.D1, TradingHours.CONTINUOUS),
    (Timeframe.M30, TradingHours.REGULAR),
    (Timeframe.H4, TradingHours.REGULAR),
    (Timeframe.D1, TradingHours.REGULAR),
    (Timeframe.H2, TradingHours.EXTENDED),
]
FIRST, LAST = "2024-02-28", "2024-03-20"  # New York's clocks go forward in between


@cache
def whole(timeframe: Timeframe, hours: TradingHours) -> list[int]:
    """The open times of all bars of three weeks, from a calendar that is not ours. Units: ns."""
    length = pd.Timedelta(timeframe.duration)
    if hours is TradingHours.CONTINUOUS:
        return [time.value for time in pd.date_range(FIRST, LAST, freq=length)]
    calendar = get_calendar("XNYS")
    found: list[int] = []
    for day in calendar.sessions_in_range(FIRST, LAST):
        if timeframe is Timeframe.D1:
            found.append(day.value)
            continue
        opens, closes = calendar.session_open(day), calendar.session_close(day)
        if hours is TradingHours.EXTENDED:
            opens, closes = (pd.Timestamp(day.date(), tz="America/New_York") + pd.Timedelta(hours=at) for at in (4, 20))
        found += [time.value for time in pd.date_range(opens, closes, freq=length, inclusive="left")]
    return found


@pytest.mark.parametrize(("timeframe", "hours"), CASES)
@settings(max_examples=60)
@given(data=st.data())
def test_holes_within_a_part_are_those_that_a_count_finds(
    timeframe: Timeframe, hours: TradingHours, data: st.DataObject
) -> None:
    should = whole(timeframe, hours)
    dropped = data.draw(st.sets(st.integers(1, len(should) - 2), max_size=len(should) // 2))
    there = np.array([time for row, time in enumerate(should) if row not in dropped])
    edges = st.integers(should[0] - 10**13, should[-1] + 10**13) | st.sampled_from(should)
    start, end = sorted((data.draw(edges), data.draw(edges)))
    runs = [
        sum(start <= should[row] < end for row in run)
        for is_missing, group in groupby(range(len(should)), lambda row: row in dropped)
        if is_missing and (run := list(group))
    ]
    holes = Holes.between(there, place(there, timeframe, hours), timeframe, hours)
    assert holes.within(start, end) == (sum(count > 0 for count in runs), sum(runs))
