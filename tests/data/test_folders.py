"""Which files of a folder serve a symbol and a timeframe, and how parts become one series."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.data.making import COLUMNS, frame, load, refusal, times, values, write
from trader_cli.data.catalog import Kind, described


@pytest.mark.parametrize("place", ["", "bybit"])
@pytest.mark.parametrize("spelling", ["BTCUSDT", "BTC_USDT", "BTC-USDT", "btcusdt"])
@pytest.mark.parametrize("symbol", ["BTCUSDT", "BTC/USDT"])
def test_a_symbol_is_found_in_any_spelling_with_or_without_a_venue_folder(
    symbol: str, spelling: str, place: str, tmp_path: Path
) -> None:
    write(frame(7), tmp_path / place / f"{spelling}-1m.csv")
    write(frame(9), tmp_path / place / "ETHUSDT-1m.csv")
    assert len(load(tmp_path, symbol=symbol).bars) == 7


def test_the_bars_carry_the_symbol_as_the_user_wrote_it(tmp_path: Path) -> None:
    write(frame(3), tmp_path / "BTC_USDT-1m.csv")
    assert load(tmp_path, symbol="BTC/USDT").bars.symbol == "BTC/USDT"


def test_a_futures_name_finds_the_settled_file_and_not_the_spot_one(tmp_path: Path) -> None:
    write(frame(3), tmp_path / "BTC_USDT-1m.csv")
    write(frame(5), tmp_path / "BTC_USDT_USDT-1m.csv")
    assert len(load(tmp_path, symbol="BTC_USD_PERP").bars) == 5
    assert len(load(tmp_path, symbol="BTC/USDT:USDT").bars) == 5
    assert len(load(tmp_path, symbol="BTC/USDT").bars) == 3


def test_a_named_file_is_taken_whatever_its_name(tmp_path: Path) -> None:
    assert len(load(write(frame(4), tmp_path / "prices of tuesday.csv")).bars) == 4


def test_two_venues_with_one_symbol_are_refused(tmp_path: Path) -> None:
    write(frame(3), tmp_path / "bybit" / "BTCUSDT-1m.csv")
    write(frame(3), tmp_path / "okx" / "BTC_USDT-1m.csv")
    assert "from several venues (bybit, okx)" in refusal(tmp_path)
    assert len(load(tmp_path / "okx").bars) == 3


def test_a_symbol_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    write(frame(3), tmp_path / "bybit" / "ETHUSDT-1m.csv")
    assert "no bars of BTCUSDT at 1m or finer; there are: ETHUSDT-1m" in refusal(tmp_path)


def test_the_exact_timeframe_is_preferred_then_the_coarsest_that_divides(tmp_path: Path) -> None:
    for timeframe, count in (("1m", 180), ("5m", 36), ("30m", 6), ("1d", 3)):
        write(frame(count, timeframe), tmp_path / f"BTCUSDT-{timeframe}.csv")
    assert load(tmp_path, "5m").files[0].path.name == "BTCUSDT-5m.csv"
    assert load(tmp_path, "1h").files[0].path.name == "BTCUSDT-30m.csv"
    assert load(tmp_path, "15m").files[0].path.name == "BTCUSDT-5m.csv"
    assert load(tmp_path, "3m").files[0].path.name == "BTCUSDT-1m.csv"


def test_only_coarser_bars_are_refused(tmp_path: Path) -> None:
    write(frame(3, "1h"), tmp_path / "BTCUSDT-1h.csv")
    assert "no bars of BTCUSDT at 1m or finer; there are: BTCUSDT-1h" in refusal(tmp_path)


@pytest.mark.parametrize("kind", ["mark", "funding"])
def test_mark_and_funding_series_are_never_taken_for_trades(kind: str, tmp_path: Path) -> None:
    other = write(frame(9), tmp_path / f"BTCUSDT-1m-{kind}-202401.csv")
    assert "no bars of BTCUSDT" in refusal(tmp_path)
    assert f"holds {kind} data, not trades" in refusal(other)
    write(frame(4), tmp_path / "BTCUSDT-1m.csv")
    assert len(load(tmp_path).bars) == 4


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("BTC_USDT-1h.parquet", ("BTC_USDT", "1h", Kind.TRADES, "")),
        ("BTC-USDT-5m-2024.csv", ("BTC-USDT", "5m", Kind.TRADES, "2024")),
        ("BTC_USDT_USDT-8h-funding-202505.parquet", ("BTC_USDT_USDT", "8h", Kind.FUNDING, "202505")),
        ("X-1d-mark.csv.gz", ("X", "1d", Kind.MARK, "")),
        ("X-10m.csv", ("", None, Kind.TRADES, "")),
        ("notes.csv", ("", None, Kind.TRADES, "")),
        ("X-1d-extra.csv", ("", None, Kind.TRADES, "")),
    ],
)
def test_a_file_name_tells_symbol_timeframe_kind_and_part(name: str, expected: tuple[object, ...]) -> None:
    file = described(Path(name))
    assert (file.symbol, file.timeframe, file.kind, file.part) == expected


def test_parts_are_joined_and_identical_overlaps_merged(tmp_path: Path) -> None:
    rows = frame(100)
    write(rows.iloc[:40], tmp_path / "BTCUSDT-1m-202401.csv")
    write(rows.iloc[30:70], tmp_path / "BTC_USDT-1m-202402.parquet")
    write(rows.iloc[70:], tmp_path / "BTCUSDT-1m-2024.csv.gz")
    series = load(tmp_path)
    np.testing.assert_array_equal(values(series), rows[COLUMNS[1:]].to_numpy().T)
    assert list(times(series)) == list(rows["timestamp"])
    assert len(series.files) == 3
    assert series.gaps == 0


def test_f053_f062_parts_that_tell_different_things_are_refused_naming_both(tmp_path: Path) -> None:
    rows = frame(100)
    other = rows.iloc[30:].copy()
    other.loc[35, "volume"] += 1
    first = write(rows.iloc[:40], tmp_path / "BTCUSDT-1m-202401.csv")
    second = write(other, tmp_path / "BTCUSDT-1m-202402.csv")
    said = refusal(tmp_path)
    assert str(first) in said
    assert f"{second}: row 6 (line 7): the bar of 2024-01-01T00:35:00Z differs" in said


def test_each_part_is_known_by_its_own_checksum(tmp_path: Path) -> None:
    rows = frame(100)
    write(rows.iloc[:50], tmp_path / "BTCUSDT-1m-202401.csv")
    path = write(rows.iloc[50:], tmp_path / "BTCUSDT-1m-202402.csv")
    before = load(tmp_path).files
    assert [file.sha256 for file in before] == [sha256(file.path.read_bytes()).hexdigest() for file in before]
    write(rows.iloc[50:99], path)
    after = load(tmp_path).files
    assert (before[0] == after[0], before[1].path, before[1] == after[1]) == (True, path, False)


def test_f048_gaps_are_counted_and_never_filled(tmp_path: Path) -> None:
    rows = frame(100).drop(index=[10, 11, 12, 50])
    series = load(write(rows, tmp_path / "x.csv"))
    assert (series.gaps, series.missing_bars) == (2, 4)
    assert list(times(series)) == list(rows["timestamp"])


def test_f048_the_hole_between_two_parts_is_a_gap(tmp_path: Path) -> None:
    rows = frame(100)
    write(rows.iloc[:40], tmp_path / "BTCUSDT-1m-202401.csv")
    write(rows.iloc[60:], tmp_path / "BTCUSDT-1m-202402.csv")
    assert (load(tmp_path).gaps, load(tmp_path).missing_bars) == (1, 20)


def test_a_single_bar_is_of_its_names_timeframe_or_the_asked_one(tmp_path: Path) -> None:
    assert len(load(write(frame(1), tmp_path / "x.csv"), "1h").bars) == 1
    assert "holds 1h bars" in refusal(write(frame(1), tmp_path / "BTCUSDT-1h.csv"), "1m")


def test_a_handful_of_bars_with_holes_is_believed_by_name(tmp_path: Path) -> None:
    friday_and_monday = frame(2).assign(timestamp=pd.to_datetime(["2024-01-05", "2024-01-08"], utc=True))
    assert load(write(friday_and_monday, tmp_path / "BTCUSDT-1d.csv"), "1d").missing_bars == 2
    assert "which is no timeframe" in refusal(write(friday_and_monday, tmp_path / "x.csv"), "1d")


def test_f058_a_coins_move_is_no_split(tmp_path: Path) -> None:
    rows = frame(10, "1d")
    rows.loc[5:, COLUMNS[1:5]] *= 10
    assert load(write(rows, tmp_path / "x.csv"), "1d").warnings == ()
