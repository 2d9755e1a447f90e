"""What the reader refuses, and that it names file, row and (in text) line."""

from __future__ import annotations

import gzip
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.making import COLUMNS, HEADER, Frame, frame, lines, load, refusal, write
from trader_cli.data.catalog import find
from trader_cli.domain.timeframe import Timeframe
from trader_cli.errors import DataError

FORMATS = ("x.parquet", "x.csv", "x.csv.gz")
BAD_ROWS = {
    "f054_nan": ("open", np.nan, "open is nan, which is no finite number"),
    "f054_infinity": ("high", np.inf, "high is inf, which is no finite number"),
    "f054_nan_volume": ("volume", np.nan, "volume is nan, which is no finite number"),
    "f055_zero_price": ("low", 0.0, "low is 0.0; a price must be above 0"),
    "f055_negative_price": ("close", -1.0, "close is -1.0; a price must be above 0"),
    "negative_volume": ("volume", -0.5, "volume is -0.5, below 0"),
    "high_below_low": ("high", 1.0, "high 1.0 is below low"),
    "open_outside": ("open", 200.0, "open 200.0 lies outside low"),
    "close_outside": ("close", 50.0, "close 50.0 lies outside low"),
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("fault", BAD_ROWS)
def test_f054_f055_a_bad_row_is_refused_by_file_and_row(fault: str, name: str, tmp_path: Path) -> None:
    column, value, rule = BAD_ROWS[fault]
    rows = frame(10)
    rows.loc[6, column] = value
    rows.loc[8, column] = value
    said = refusal(write(rows, tmp_path / name))
    assert said.startswith(f"{tmp_path / name}: row 7")
    assert rule in said
    assert ("(line 8)" in said) is (".csv" in name)


def test_the_first_bad_row_is_the_one_named(tmp_path: Path) -> None:
    rows = frame(10)
    rows.loc[7, "open"] = np.nan
    rows.loc[2, "volume"] = -1.0
    assert "row 3" in refusal(write(rows, tmp_path / "x.parquet"))


def test_f054_rounding_of_adjusted_prices_is_no_fault(tmp_path: Path) -> None:
    rows = frame(10)
    rows.loc[4, "close"] = rows.loc[4, "high"] * (1 + 1e-12)
    rows.loc[5, "open"] = rows.loc[5, "low"] * (1 - 1e-12)
    assert len(load(write(rows, tmp_path / "x.parquet")).bars) == 10


@pytest.mark.parametrize("name", FORMATS)
def test_f049_f050_newest_first_is_refused(name: str, tmp_path: Path) -> None:
    said = refusal(write(frame(10).iloc[::-1], tmp_path / name))
    assert "row 2" in said
    assert "older than the row before: unsorted" in said


@pytest.mark.parametrize("name", FORMATS)
def test_f049_a_duplicate_is_refused_even_when_identical(name: str, tmp_path: Path) -> None:
    rows = frame(10)
    said = refusal(write(pd.concat([rows.iloc[:5], rows.iloc[4:]]), tmp_path / name))
    assert "row 6" in said
    assert "2024-01-01T00:04:00Z is a duplicate of the row before" in said


@settings(max_examples=30)
@given(order=st.permutations(range(6)))
def test_f049_bars_in_any_other_order_are_refused(order: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = write(frame(6).iloc[order], tmp_path_factory.mktemp("order") / "x.parquet")
    if order == sorted(order):
        assert len(load(path).bars) == 6
    else:
        assert "unsorted" in refusal(path)


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("name", FORMATS)
def test_a_missing_column_is_named_beside_those_that_are_there(column: str, name: str, tmp_path: Path) -> None:
    said = refusal(
        write(frame(3).drop(columns=column), tmp_path / name) if column != "timestamp" else _no_time(tmp_path, name)
    )
    assert f"column {column} missing; there are: " in said
    assert all(other in said for other in COLUMNS if other != column)


def _no_time(folder: Path, name: str) -> Path:
    path = folder / name
    rows = frame(3).drop(columns="timestamp")
    if name.endswith("parquet"):
        rows.to_parquet(path, index=False)
    else:
        text = rows.to_csv(index=False).encode()
        path.write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    return path


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    assert "column open stands there twice" in refusal(lines(tmp_path / "x.csv", "1", header=f"{HEADER},open"))


@pytest.mark.parametrize("name", ["x.parquet", "x.csv"])
def test_f057_a_bar_off_the_grid_is_refused(name: str, tmp_path: Path) -> None:
    rows = frame(10)
    rows.loc[5, "timestamp"] += pd.Timedelta(seconds=30)
    said = refusal(write(rows, tmp_path / name))
    assert "row 6" in said
    assert "2024-01-01T00:05:30Z is off the grid of 1m bars" in said


def test_f057_days_that_begin_elsewhere_than_at_utc_midnight_are_off_the_grid(tmp_path: Path) -> None:
    assert "off the grid of 1d bars" in refusal(write(frame(10, "1d", "2024-01-01 05:00"), tmp_path / "x.csv"), "1d")


def test_f057_a_name_that_tells_another_timeframe_is_refused(tmp_path: Path) -> None:
    said = refusal(write(frame(10, "5m"), tmp_path / "BTCUSDT-1m.csv"))
    assert "its bars are 0:05:00 apart, but its name says 1m" in said


def test_f057_a_distance_that_is_no_timeframe_is_refused(tmp_path: Path) -> None:
    weekly = at_weeks(10)
    for name in ("x.csv", "AAPL-1d.csv"):
        assert "its bars are 7 days, 0:00:00 apart, which is no timeframe" in refusal(
            write(weekly, tmp_path / name), "1d"
        )


def at_weeks(count: int) -> Frame:
    return frame(count).assign(timestamp=pd.date_range("2024-01-01", periods=count, freq="7D", tz="UTC"))


def test_coarser_bars_are_refused_for_a_finer_timeframe(tmp_path: Path) -> None:
    path = write(frame(10, "1h"), tmp_path / "x.csv")
    assert "holds 1h bars, of which no 30m bars can be made" in refusal(path, "30m")
    assert "holds 3m bars, of which no 5m bars can be made" in refusal(write(frame(9, "3m"), tmp_path / "y.csv"), "5m")


def test_f057_mixed_epoch_units_are_refused(tmp_path: Path) -> None:
    row = "1,3,0.5,2,10"
    said = refusal(lines(tmp_path / "x.csv", f"1704067200000,{row}", f"1704067260,{row}"))
    assert "row 2 (line 3): the time is not in ms, as the first row's is" in said


@pytest.mark.parametrize("stamp", ["20240131", "0", "-5", "86400"])
def test_f057_a_number_too_small_for_an_epoch_is_refused(stamp: str, tmp_path: Path) -> None:
    assert "the time is no epoch" in refusal(lines(tmp_path / "x.csv", f"{stamp},1,3,0.5,2,10"))


@pytest.mark.parametrize(
    "stamp",
    ["2024-02-30", "yesterday", "01/02/2024", "2024-01-01T25:00:00", "nan", "1e9", "99999999999999999999999", "'"],
)
def test_f054_a_time_that_is_none_is_refused_by_row(stamp: str, tmp_path: Path) -> None:
    said = refusal(lines(tmp_path / "x.csv", "2024-01-01,1,3,0.5,2,10", f"{stamp},1,3,0.5,2,10"))
    assert "row 2 (line 3): the time is" in said


@pytest.mark.parametrize("stamp", ["1899-12-31", "2200-01-01", "9999999999999"])
def test_times_outside_three_centuries_are_refused(stamp: str, tmp_path: Path) -> None:
    assert "row 1 (line 2)" in refusal(lines(tmp_path / "x.csv", f"{stamp},1,3,0.5,2,10"))


def test_f054_missing_times_are_refused_by_row(tmp_path: Path) -> None:
    rows = frame(4)
    rows.loc[2, "timestamp"] = pd.NaT
    assert "row 3: the time is missing" in refusal(write(rows, tmp_path / "x.parquet"))
    said = refusal(lines(tmp_path / "x.csv", "2024-01-01,1,3,0.5,2,10", ",1,3,0.5,2,10"))
    assert "row 2 (line 3): the time is missing" in said


def test_f054_text_among_numbers_is_refused_by_line_also_behind_blank_lines(tmp_path: Path) -> None:
    path = lines(tmp_path / "x.csv", "", "2024-01-01,1,3,0.5,2,10", "", "2024-01-02,1,3,abc,2,10")
    assert "row 2 (line 5): low is 'abc', which is no number" in refusal(path, "1d")


def test_f054_a_number_with_underscores_is_none(tmp_path: Path) -> None:
    said = refusal(lines(tmp_path / "x.csv", "2024-01-01,1,3,0.5,2,1_0"), "1d")
    assert "Row #2" in said
    assert "1_0" in said


def test_a_row_of_another_length_is_refused_by_line(tmp_path: Path) -> None:
    path = lines(tmp_path / "x.csv", "2024-01-01,1,3,0.5,2,10", "2024-01-02,1,3,0.5,2")
    assert "row 2 (line 3): has 5 cells instead of 6" in refusal(path, "1d")


@pytest.mark.parametrize("kind", ["text", "truth", "list"])
def test_f054_parquet_columns_that_hold_no_numbers_are_refused(kind: str, tmp_path: Path) -> None:
    cell = {"text": "1.0", "truth": True, "list": [1.0]}[kind]
    rows = frame(3)
    rows["close"] = pd.Series([cell] * 3)
    assert "close: holds" in refusal(write(rows, tmp_path / "x.parquet"))


def test_times_of_a_senseless_type_are_refused(tmp_path: Path) -> None:
    rows = frame(3)
    rows["timestamp"] = [True, False, True]
    assert "timestamp: holds bool, not times" in refusal(write(rows, tmp_path / "x.parquet"))


def malformed(folder: Path) -> dict[str, Path]:
    """Files that are no market data at all."""
    whole = write(frame(500), folder / "whole.parquet").read_bytes()
    packed = write(frame(500), folder / "whole.csv.gz").read_bytes()
    csv = write(frame(5), folder / "whole.csv").read_bytes()
    contents = {
        "truncated.parquet": whole[: len(whole) // 2],
        "headless.parquet": whole[200:],
        "tail.parquet": whole[:4] + whole[-200:],
        "damaged.parquet": whole[:300] + bytes(200) + whole[500:],
        "text.parquet": csv,
        "empty.parquet": b"",
        "empty.csv": b"",
        "blank.csv": b"\n\n",
        "header-only.csv": HEADER.encode() + b"\n",
        "binary.csv": bytes(range(256)) * 10,
        "nul.csv": csv.replace(b"1", b"\0", 1),
        "latin1.csv": csv + "2024-01-01T00:05:00Z,1,1,1,1,\xe9\n".encode("latin-1"),
        "latin1-header.csv": "z\xe9it,open\n1,2\n".encode("latin-1"),
        "utf16.csv": csv.decode().encode("utf-16"),
        "quote.csv": HEADER.encode() + b'\n"2024-01-01,1,1,1,1,1\n',
        "long.csv": HEADER.encode() + b"\n" + b"9" * 10_000_000 + b"\n",
        "garbage.csv.gz": b"\x1f\x8b" + bytes(100),
        "plain.csv.gz": csv,
        "truncated.csv.gz": packed[: len(packed) // 2],
        "broken.csv.gz": packed[:50] + b"\xff" * 20 + packed[70:],
        "empty-inside.csv.gz": gzip.compress(b""),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "folder.parquet").mkdir()
    return {name: folder / name for name in [*contents, "missing.parquet"]}


def test_malformed_files_are_one_line_that_names_them(tmp_path: Path) -> None:
    for name, path in malformed(tmp_path).items():
        assert str(path) in refusal(path), name


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    assert "no bars of BTCUSDT" in refusal(tmp_path)


@settings(max_examples=60)
@given(content=st.binary(max_size=300), name=st.sampled_from(["x.parquet", "x.csv", "x.csv.gz", "x"]))
def test_any_bytes_are_refused_without_a_traceback(
    content: bytes, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("bytes") / name
    path.write_bytes(content)
    assert str(path) in refusal(path)


@settings(max_examples=60)
@given(place=st.integers(4, 10**6), damage=st.integers(1, 255))
def test_a_damaged_parquet_file_is_refused_or_read_never_a_crash(
    place: int, damage: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write(frame(30), tmp_path_factory.mktemp("damage") / "x.parquet")
    content = bytearray(path.read_bytes())
    content[4 + place % (len(content) - 4)] ^= damage
    path.write_bytes(content)
    with suppress(DataError):
        assert len(load(path).bars) <= 30


def test_an_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(frame(3), tmp_path / "x.csv")

    def denied(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    assert "cannot be read: Permission denied" in refusal(path)


def test_an_unlistable_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_: Path) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", denied)
    with pytest.raises(DataError, match="cannot be listed: Permission denied"):
        find(tmp_path, "BTCUSDT", Timeframe.M1)
