"""What a venue may answer, and what nobody trades on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.feeds.trading import BEGINS, MINUTE, walk, walk_at
from tests.feeds.venue import duplicated, from_the_future, newest_first, off_the_grid, rows, spoiled
from trader_cli.data.closing import closing_times
from trader_cli.domain.clock import parse, to_nanoseconds
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.errors import DataError
from trader_cli.feeds.answers import closed_part

if TYPE_CHECKING:
    from tests.feeds.venue import Mischief

BARS = walk(30)
NOW = BEGINS + 30 * MINUTE
LAST = BEGINS + 29 * MINUTE
NAN = float("nan")

WRONG: dict[str, tuple[Mischief, str]] = {
    "f049 duplicate": (duplicated, "2024-03-04T10:29:00Z is a duplicate"),
    "f049 out of order": (lambda bars, _: rows(bars, [*range(28), 29, 28]), "2024-03-04T10:28:00Z is older than"),
    "f050 newest first": (newest_first, "2024-03-04T10:28:00Z is older than the row before: unsorted"),
    "f052 from the future": (from_the_future, "2024-03-05T10:29:00Z: lies in the future"),
    "f054 not a number": (spoiled(LAST, close=NAN), "the bar of 2024-03-04T10:29:00Z: close is nan"),
    "f054 infinite": (spoiled(LAST, high=float("inf")), "the bar of 2024-03-04T10:29:00Z: high is inf"),
    "f054 no volume": (spoiled(LAST, volume=NAN), "volume is nan"),
    "f055 zero price": (spoiled(LAST, low=0.0), "low is 0.0; a price must be above 0"),
    "f055 negative price": (spoiled(LAST, open=-1.0), "open is -1.0"),
    "f055 negative volume": (spoiled(LAST, volume=-1.0), "volume is -1.0"),
    "f055 high below low": (spoiled(LAST, high=1.0), "high 1.0 is below low"),
    "f055 close outside": (spoiled(LAST, close=500.0), "close 500.0 lies outside"),
    "f057 off the grid": (off_the_grid, "2024-03-04T10:00:01Z is off the grid of 1m bars"),
    "f057 milliseconds for nanoseconds": (
        lambda bars, _: replace(bars, open_time=bars.open_time // 1_000_000 + 1),
        "1970-01-01T00:28:29",
    ),
    "f057 another timeframe": (
        lambda bars, _: replace(bars, open_time=NOW - Timeframe.H1.nanoseconds * np.arange(30, 0, -1)),
        "its bars are 1:00:00 apart, but what was asked for says 1m",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_f049_f050_f052_f054_f055_f057_a_bad_answer_is_refused_by_symbol_and_time(case: str) -> None:
    mischief, said = WRONG[case]
    with pytest.raises(DataError) as caught:
        closed_part(mischief(BARS, NOW), NOW)
    assert "the venue's answer for BTC/USD" in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize("step", range(0, 120, 7))
def test_f051_a_bar_that_has_not_closed_is_not_there(step: int) -> None:
    now = BEGINS + step * 10**9
    closed = closed_part(BARS.until(now), now)
    assert len(closed) == step // 60
    assert closed_part(BARS.until(BEGINS), BEGINS + MINUTE - 1).open_time.tolist() == []
    assert closed_part(BARS.until(BEGINS), BEGINS + MINUTE).open_time.tolist() == [BEGINS]


def test_f052_a_clock_that_is_a_little_behind_the_venues_makes_no_trouble() -> None:
    assert len(closed_part(BARS, LAST - 10 * 10**9)) == 28


def test_f051_a_bar_in_progress_may_still_be_without_numbers() -> None:
    assert len(closed_part(spoiled(LAST, open=NAN, high=NAN, low=NAN, close=NAN)(BARS, NOW), NOW - 1)) == 29


def test_f048_bars_without_a_trade_are_gaps_and_nothing_else() -> None:
    thin = rows(BARS, [0, 3, 4, 9, 15, 16, 29])
    assert closed_part(thin, NOW).open_time.tolist() == thin.open_time.tolist()


def test_of_a_stock_only_bars_inside_the_hours_count_and_they_begin_with_the_session() -> None:
    opens = to_nanoseconds(parse("2024-03-04T14:30:00Z"))
    hour = Timeframe.H1.nanoseconds
    day = walk_at(opens + hour * np.arange(-3, 9), timeframe=Timeframe.H1, hours=TradingHours.REGULAR)
    closed = closed_part(day, opens + 9 * hour)
    assert closed.open_time.tolist() == [opens + hour * place for place in range(7)]
    assert closing_times(closed.open_time, Timeframe.H1, TradingHours.REGULAR)[-1] == opens + 6.5 * hour
    with pytest.raises(DataError, match="does not begin a whole number of 1h bars after the opening"):
        closed_part(replace(day, open_time=day.open_time + hour // 2), opens + 9 * hour)
