"""One series in every form a file may have: the reader finds the same bars in each."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.making import COLUMNS, Frame, frame, lines, load, refusal, times, values, write
from trader_cli.data.source import File
from trader_cli.domain.timeframe import Timeframe

UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
ROW = "1,3,0.5,2,10"


def epochs(rows: Frame, unit: str) -> Any:
    return rows["timestamp"].dt.as_unit("ns").astype("int64") // (10**9 // UNITS[unit])


@st.composite
def markets(draw: st.DrawFn) -> Frame:
    timeframe = draw(st.sampled_from(list(Timeframe)))
    first = draw(st.integers(0, 12_000))
    count = draw(st.integers(1, 12))
    rows = frame(count, timeframe, str(pd.Timestamp("1980-01-01") + pd.Timedelta(days=first)), draw(st.integers(0, 99)))
    rows.attrs["timeframe"] = str(timeframe)
    return rows


@settings(max_examples=25)
@given(markets())
def test_every_form_of_a_file_holds_the_same_bars(rows: Frame) -> None:
    timeframe = rows.attrs["timeframe"]
    naive = rows["timestamp"].dt.tz_localize(None)
    forms = {
        "iso.csv": rows,
        "iso.csv.gz": rows,
        "naive.csv": rows.assign(timestamp=naive.dt.strftime("%Y-%m-%d %H:%M:%S")),
        "offset.csv": rows.assign(timestamp=rows["timestamp"].dt.tz_convert("Asia/Kolkata").astype(str)),
        "stamp.parquet": rows,
        "naive.parquet": rows.assign(timestamp=naive),
        "text.parquet": rows.assign(timestamp=rows["timestamp"].astype(str)),
        "local.parquet": rows.assign(timestamp=rows["timestamp"].dt.tz_convert("America/New_York")),
        **{f"{unit}.csv": rows.assign(timestamp=epochs(rows, unit)) for unit in UNITS},
        **{f"{unit}.parquet": rows.assign(timestamp=epochs(rows, unit)) for unit in UNITS},
        **{f"{unit}-unit.parquet": rows.assign(timestamp=naive.dt.as_unit(unit)) for unit in UNITS},
    }
    with TemporaryDirectory() as folder:
        for name, form in forms.items():
            series = load(write(form, Path(folder) / name), timeframe)
            assert list(times(series)) == list(rows["timestamp"]), name
            np.testing.assert_array_equal(values(series), rows[COLUMNS[1:]].to_numpy().T, err_msg=name)


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64()])
def test_date_types_are_days(kind: pa.DataType, tmp_path: Path) -> None:
    rows = frame(4, "1d")
    table = pa.Table.from_pandas(rows, preserve_index=False)
    dates = pa.array([time.date() for time in rows["timestamp"]], pa.date32()).cast(kind)
    pq.write_table(table.set_column(0, "timestamp", dates), tmp_path / "days.parquet")
    assert list(times(load(tmp_path / "days.parquet", "1d"))) == list(rows["timestamp"])


def test_dictionary_text_and_other_number_types_are_read(tmp_path: Path) -> None:
    rows = frame(6)
    rows["volume"] = rows["volume"].astype("int64")
    rows["high"] = rows["high"].astype("float32") + np.float32(1)
    rows["timestamp"] = rows["timestamp"].astype(str).astype("category")
    series = load(write(rows, tmp_path / "x.parquet"))
    assert len(series.bars) == 6
    assert series.bars.volume.dtype == np.float64


def test_row_groups_are_one_series(tmp_path: Path) -> None:
    rows = frame(1000)
    rows.to_parquet(tmp_path / "x.parquet", index=False, row_group_size=64)
    np.testing.assert_array_equal(values(load(tmp_path / "x.parquet")), rows[COLUMNS[1:]].to_numpy().T)


@pytest.mark.parametrize(
    "stamps",
    [
        ("2024-01-01", "2024-01-02", "2024-01-03"),
        ("2024-01-01T00:00Z", "2024-01-02 00:00", "2024-01-03"),
        ("2024-01-01T00:00:00.000000000Z", "2024-01-02T00:00:00.000Z", "2024-01-03T00:00:00+00:00"),
        (" 2024-01-01 ", "2024-01-02T05:30:00+05:30", "2024-01-02T19:00:00-0500"),
        ("1704067200.0", "1704153600.0", "1704240000.0"),
        ("1704067200000", "1704153600000", "1704240000000"),
    ],
)
def test_iso_texts_may_be_mixed_and_naive_ones_are_utc(stamps: tuple[str, ...], tmp_path: Path) -> None:
    series = load(lines(tmp_path / "x.csv", *(f"{stamp},{ROW}" for stamp in stamps)), "1d")
    assert [str(time.date()) for time in times(series)] == ["2024-01-01", "2024-01-02", "2024-01-03"]


def test_float_epochs_of_whole_seconds_are_read_and_others_refused(tmp_path: Path) -> None:
    rows = frame(3)
    rows["timestamp"] = epochs(rows, "s").astype(float)
    assert len(load(write(rows, tmp_path / "x.parquet")).bars) == 3
    rows.loc[1, "timestamp"] += 0.5
    assert "row 2: the time is no whole number" in refusal(write(rows, tmp_path / "y.parquet"))


def test_further_columns_are_left_unread(tmp_path: Path) -> None:
    rows = frame(3).assign(adj_close="none", quote_volume=np.nan)
    assert len(load(write(rows, tmp_path / "x.csv")).bars) == 3
    assert len(load(write(rows, tmp_path / "x.parquet")).bars) == 3


def test_byte_order_marks_windows_line_ends_and_blank_lines_are_tolerated(tmp_path: Path) -> None:
    plain = write(frame(5), tmp_path / "plain.csv")
    windows = tmp_path / "windows.csv"
    windows.write_bytes(b"\xef\xbb\xbf" + plain.read_bytes().replace(b"\n", b"\r\n") + b"\r\n")
    np.testing.assert_array_equal(values(load(plain)), values(load(windows)))


def test_a_file_without_a_known_ending_is_told_by_its_bytes(tmp_path: Path) -> None:
    rows = frame(5)
    for name in ("x.csv", "x.csv.gz", "x.parquet"):
        plain = write(rows, tmp_path / name)
        plain = plain.rename(tmp_path / f"{name.replace('.', '-')}")
        assert len(load(plain).bars) == 5


def test_the_checksum_is_of_the_bytes_on_disk(tmp_path: Path) -> None:
    import hashlib

    path = write(frame(5), tmp_path / "x.csv.gz")
    assert load(path).files == (File(path, hashlib.sha256(path.read_bytes()).hexdigest()),)


def test_sessions_of_a_market_without_close_are_utc_days(tmp_path: Path) -> None:
    series = load(write(frame(50, "1h"), tmp_path / "x.parquet"), "1h")
    days = (times(series).normalize() - pd.Timestamp("1970-01-01", tz="UTC")) // pd.Timedelta(days=1)
    assert list(series.bars.session) == list(days)
