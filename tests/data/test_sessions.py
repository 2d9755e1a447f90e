"""Stocks: bars inside exchange sessions, half days, holidays, daylight saving, splits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from tests.data.making import Frame, at, frame, load, refusal, times, values, write
from trader_cli.domain.timeframe import TradingHours

if TYPE_CHECKING:
    from pathlib import Path

REGULAR, EXTENDED = TradingHours.REGULAR, TradingHours.EXTENDED
NEW_YORK = "America/New_York"


def around_the_clock(first: str, last: str, timeframe: str = "5min") -> Frame:
    """Bars of every minute of the day, New York dates first..last, night and weekend included."""
    clock = pd.date_range(
        first, pd.Timestamp(last) + pd.Timedelta(days=1), freq=timeframe, tz=NEW_YORK, inclusive="left"
    )
    return at(frame(len(clock)), clock.tz_convert("UTC"))


def inside(rows: Frame, opens: str = "09:30", closes: str = "16:00", half_days: tuple[str, ...] = ()) -> Frame:
    """The rows that begin inside a session, by New York's clock; no holiday but 4 July."""
    local = rows["timestamp"].dt.tz_convert(NEW_YORK)
    date, clock = local.dt.strftime("%Y-%m-%d"), local.dt.strftime("%H:%M")
    end = np.where(date.isin(half_days) & (closes == "16:00"), "13:00", closes)
    return rows[(clock >= opens) & (clock < end) & (local.dt.day_of_week < 5) & (local.dt.strftime("%m-%d") != "07-04")]


WEEKS = {
    "a half day and a holiday": ("2025-06-30", "2025-07-08", ("2025-07-03",)),
    "clocks go back": ("2025-10-30", "2025-11-05", ()),
    "clocks go forward": ("2026-03-05", "2026-03-11", ()),
    "the half day after Thanksgiving": ("2025-11-28", "2025-12-02", ("2025-11-28",)),
}


@pytest.mark.parametrize("week", WEEKS)
def test_f065_only_bars_inside_the_sessions_are_kept(week: str, tmp_path: Path) -> None:
    first, last, half_days = WEEKS[week]
    rows = around_the_clock(first, last)
    series = load(write(rows, tmp_path / "x.parquet"), "5m", REGULAR, "AAPL")
    assert list(times(series)) == list(inside(rows, half_days=half_days)["timestamp"])
    assert (series.gaps, series.missing_bars) == (0, 0)
    local = times(series).tz_convert(NEW_YORK)
    days = (local.tz_localize(None).normalize() - pd.Timestamp("1970-01-01")) // pd.Timedelta(days=1)
    assert list(series.bars.session) == list(days)


@pytest.mark.parametrize("week", WEEKS)
def test_extended_hours_are_four_to_eight_on_session_days(week: str, tmp_path: Path) -> None:
    rows = around_the_clock(*WEEKS[week][:2])
    series = load(write(rows, tmp_path / "x.parquet"), "5m", EXTENDED, "AAPL")
    assert list(times(series)) == list(inside(rows, "04:00", "20:00")["timestamp"])
    assert series.gaps == 0


@pytest.mark.parametrize("week", WEEKS)
@pytest.mark.parametrize("wanted", ["15m", "1h", "4h"])
def test_f065_resampling_counts_from_the_sessions_opening(wanted: str, week: str, tmp_path: Path) -> None:
    first, last, half_days = WEEKS[week]
    rows = inside(around_the_clock(first, last), half_days=half_days).set_index("timestamp")
    local = rows.index.tz_convert(NEW_YORK)
    opening = local.normalize() + pd.Timedelta(hours=9, minutes=30)
    length = pd.Timedelta(wanted.replace("m", "min"))
    label = opening + (local - opening) // length * length
    rules = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    table = rows.groupby(label).agg(rules)
    series = load(write(around_the_clock(first, last), tmp_path / "x.parquet"), wanted, REGULAR, "AAPL")
    assert list(times(series)) == list(table.index.tz_convert("UTC"))
    np.testing.assert_allclose(values(series), table.to_numpy().T, rtol=1e-12)


def test_days_made_of_minutes_are_labelled_by_their_date(tmp_path: Path) -> None:
    path = write(around_the_clock("2025-06-30", "2025-07-08"), tmp_path / "x.parquet")
    series = load(path, "1d", REGULAR, "AAPL")
    dates = ["2025-06-30", "2025-07-01", "2025-07-02", "2025-07-03", "2025-07-07", "2025-07-08"]
    assert list(times(series)) == list(pd.to_datetime(dates, utc=True))
    assert list(series.bars.session * 86_400_000_000_000) == list(series.bars.open_time)


def test_a_session_that_the_series_enters_late_makes_no_day(tmp_path: Path) -> None:
    rows = inside(around_the_clock("2025-06-30", "2025-07-02")).iloc[1:-1]
    series = load(write(rows, tmp_path / "x.parquet"), "1d", REGULAR, "AAPL")
    assert [str(time.date()) for time in times(series)] == ["2025-07-01"]


def test_f048_holes_are_counted_inside_the_sessions_alone(tmp_path: Path) -> None:
    rows = inside(around_the_clock("2025-06-30", "2025-07-02"))
    series = load(write(rows.drop(index=rows.index[[5, 6, 77, 78]]), tmp_path / "x.csv"), "5m", REGULAR, "AAPL")
    assert (series.gaps, series.missing_bars) == (2, 4)


def daily(first: str, last: str) -> Frame:
    days = pd.bdate_range(first, last, tz="UTC")
    return at(frame(len(days)), days)


def test_f048_a_daily_series_misses_sessions_not_holidays(tmp_path: Path) -> None:
    rows = daily("2025-06-30", "2025-07-11")
    whole = rows[rows["timestamp"] != "2025-07-04"]
    assert load(write(whole, tmp_path / "a.csv"), "1d", REGULAR, "AAPL").missing_bars == 0
    holed = whole.drop(index=whole.index[[2, 3, 6]])
    series = load(write(holed, tmp_path / "b.csv"), "1d", REGULAR, "AAPL")
    assert (series.gaps, series.missing_bars) == (2, 3)
    assert list(times(series)) == list(holed["timestamp"])


def test_a_daily_bar_of_a_holiday_is_kept_and_told(tmp_path: Path) -> None:
    series = load(write(daily("2025-06-30", "2025-07-11"), tmp_path / "x.csv"), "1d", REGULAR, "AAPL")
    assert len(series.bars) == 10
    assert series.warnings == ("1 daily bars are of days on which the exchange was closed",)


@pytest.mark.parametrize("hours", [REGULAR, EXTENDED])
@pytest.mark.parametrize("year", [1905, 1969, 2001, 2150])
def test_the_calendar_covers_every_year_a_file_may_hold(year: int, hours: TradingHours, tmp_path: Path) -> None:
    days = daily(f"{year}-01-20", f"{year}-02-06")
    assert len(load(write(days, tmp_path / "d.csv"), "1d", hours, "AAPL").bars) == len(days)
    minutes = around_the_clock(f"{year}-01-20", f"{year}-01-26", "30min")
    assert len(load(write(minutes, tmp_path / "m.csv"), "30m", hours, "AAPL").bars) > 30


@pytest.mark.parametrize("edge", ["1900-01-01", "2199-12-20"])
def test_the_first_and_the_last_year_are_no_trap(edge: str, tmp_path: Path) -> None:
    days = pd.date_range(edge, periods=8, tz="UTC")
    assert len(load(write(at(frame(8), days), tmp_path / "x.csv"), "1d", REGULAR, "AAPL").bars) == 8


def test_bars_of_the_night_alone_are_refused(tmp_path: Path) -> None:
    said = refusal(write(frame(60, "1m", "2024-01-02 05:00"), tmp_path / "x.csv"), "1m", REGULAR, "AAPL")
    assert "no bar begins inside the exchange's regular hours; are its times UTC?" in said


def test_f057_new_york_times_taken_for_utc_are_told(tmp_path: Path) -> None:
    rows = inside(around_the_clock("2025-06-30", "2025-07-02"))
    misread = rows["timestamp"].dt.tz_convert(NEW_YORK).dt.tz_localize(None).dt.tz_localize("UTC")
    right = load(write(rows, tmp_path / "right.csv"), "5m", REGULAR, "AAPL")
    wrong = load(write(rows.assign(timestamp=misread), tmp_path / "wrong.csv"), "5m", REGULAR, "AAPL")
    assert right.warnings == ()
    assert wrong.warnings == ("no bar stands in the last quarter of any session: are the times UTC?",)


def test_hours_by_the_clock_lose_the_bar_before_the_opening_and_it_is_told(tmp_path: Path) -> None:
    rows = around_the_clock("2025-06-30", "2025-07-02", "60min")
    path = write(inside(rows, "09:00"), tmp_path / "x.csv")
    series = load(path, "1h", REGULAR, "AAPL")
    assert {time.strftime("%H:%M") for time in times(series).tz_convert(NEW_YORK)} == {
        f"{hour}:00" for hour in range(10, 16)
    }
    assert series.gaps == 0
    assert series.warnings[0].startswith("3 of 21 bars begin before the session's opening and end after it")
    assert "do not begin at the session's opening, so no 2h bars" in refusal(path, "2h", REGULAR, "AAPL")


def test_f057_bars_on_two_grids_of_the_session_are_refused_by_row(tmp_path: Path) -> None:
    clock = pd.to_datetime(["2025-06-30 14:30", "2025-06-30 15:30", "2025-06-30 16:30", "2025-06-30 18:00"], utc=True)
    said = refusal(write(at(frame(4), clock), tmp_path / "x.csv"), "1h", REGULAR, "AAPL")
    assert "row 4 (line 5): 2025-06-30T18:00:00Z is off the grid" in said
    clock = pd.to_datetime(["2025-06-30 14:30", "2025-06-30 15:30", "2025-06-30 16:40"], utc=True)
    assert "row 3 (line 4)" in refusal(write(at(frame(3), clock), tmp_path / "y.csv"), "1h", REGULAR, "AAPL")


@pytest.mark.parametrize(("factor", "suspect"), [(0.5, True), (0.61, False), (1.39, False), (2.0, True)])
def test_f059_f062_a_jump_above_forty_percent_is_told_as_a_split_and_only_that(
    factor: float, suspect: bool, tmp_path: Path
) -> None:
    rows = daily("2025-08-04", "2025-08-15")
    columns = ["open", "high", "low", "close"]
    rows[columns] = 100.0
    rows.loc[5:, columns] *= factor
    warnings = load(write(rows, tmp_path / "x.csv"), "1d", REGULAR, "AAPL").warnings
    assert [("2025-08-11" in line, "an unadjusted split?" in line) for line in warnings] == [(True, True)] * suspect


def test_real_stock_days_miss_no_session(real_data: Path) -> None:
    paths = sorted(real_data.rglob("AAPL-1d.parquet"))
    assert paths
    for path in paths:
        series = load(path, "1d", REGULAR, "AAPL")
        assert (series.gaps, series.missing_bars) == (0, 0)


@pytest.mark.parametrize("name", ["made-5m", "AAPL-5m", "MSFT-5m", "TSLA-5m", "SPY-5m", "QQQ-5m"])
def test_f065_real_five_minute_sessions_have_their_seventy_eight_bars(
    name: str, real_data: Path, tmp_path: Path
) -> None:
    """Half days 2025-07-03, 2025-11-28, 2025-12-24; clocks change on 2025-11-02 and 2026-03-08."""
    made = write(around_the_clock("2025-06-25", "2026-03-11"), tmp_path / "made-5m.parquet")
    path = next(real_data.rglob(f"{name}.parquet"), made)
    series = load(path, "5m", REGULAR, name)
    local = times(series).tz_convert(NEW_YORK)
    counts = pd.Series(1, index=local.strftime("%Y-%m-%d")).groupby(level=0).sum()
    half_days = ["2025-07-03", "2025-11-28", "2025-12-24"]
    assert (counts[half_days] == 42).all()
    last_is_partial = counts.drop(half_days).iloc[:-1]
    assert (last_is_partial == 78).all()
    assert (local.strftime("%H:%M") >= "09:30").all()
    assert (local.strftime("%H:%M") < "16:00").all()
