"""The quality certificate: what `data check` finds, and its verdict."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from tests.data.making import COLUMNS, Frame, at, frame, write
from tests.data.test_refusals import malformed
from tests.data.test_sessions import around_the_clock, daily, inside
from trader_cli.app.data import certificates, disagreements, files_of
from trader_cli.data.certificate import Certificate, Verdict
from trader_cli.data.quality import likely_hours
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


def certificate(rows: Frame, path: Path, hours: TradingHours | None = None) -> Certificate:
    """What is said of a file of these rows."""
    (found,) = certificates(files_of([write(rows, path)]), hours)
    return found


def test_a_file_without_a_flaw_is_clean(tmp_path: Path) -> None:
    path = tmp_path / "BTCUSDT-1m.csv"
    found = certificate(frame(500), path)
    assert (found.verdict, found.rows, found.timeframe, found.hours) == (
        Verdict.CLEAN,
        500,
        Timeframe.M1,
        TradingHours.CONTINUOUS,
    )
    assert (found.start, found.end) == ("2024-01-01T00:00:00Z", "2024-01-01T08:19:00Z")
    assert (found.gaps, found.missing_bars, found.duplicates, found.zero_volume, found.outliers) == (0, 0, 0, 0, ())
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_f048_f056_holes_and_idle_bars_are_noted(tmp_path: Path) -> None:
    rows = frame(500).drop(index=[7, 8, 20])
    rows.loc[100:103, "volume"] = 0.0
    found = certificate(rows, tmp_path / "BTCUSDT-1m.csv")
    assert (found.verdict, found.gaps, found.missing_bars, found.zero_volume) == (Verdict.NOTES, 2, 3, 4)


@pytest.mark.parametrize(("factor", "count"), [(1.001, 0), (1.5, 1)])
def test_a_bar_far_beyond_the_usual_range_is_an_outlier(factor: float, count: int, tmp_path: Path) -> None:
    rows = frame(500)
    rows.loc[77, "high"] *= factor
    found = certificate(rows, tmp_path / "BTCUSDT-1m.csv")
    assert found.outliers == ("2024-01-01T01:17:00Z",) * count


def test_a_flat_market_has_no_outliers(tmp_path: Path) -> None:
    rows = frame(50)
    rows[COLUMNS[1:5]] = 5.0
    assert certificate(rows, tmp_path / "BTCUSDT-1m.csv").verdict is Verdict.CLEAN


def test_f059_a_split_makes_a_stock_suspect_and_names_the_day(tmp_path: Path) -> None:
    rows = daily("2025-08-04", "2025-08-29")
    rows.loc[9:, COLUMNS[1:5]] /= 4
    found = certificate(rows, tmp_path / "AAPL-1d.csv")
    assert (found.verdict, found.hours) == (Verdict.SUSPECT, TradingHours.REGULAR)
    assert [time for time, _ in found.splits] == ["2025-08-15T00:00:00Z"]
    assert "2025-08-15T00:00:00Z: the close moved -75" in str(found.problems[0])
    assert certificate(rows, tmp_path / "COIN-1d.csv", TradingHours.CONTINUOUS).verdict is Verdict.NOTES


def test_f049_duplicates_are_counted_in_a_refused_file(tmp_path: Path) -> None:
    rows = frame(20)
    found = certificate(rows.iloc[[*range(20), 0, 1, 2]], tmp_path / "BTCUSDT-1m.csv")
    assert (found.verdict, found.rows, found.duplicates) == (Verdict.REFUSED, 23, 3)
    assert found.problems[0].key == "row 21 (line 22)"


def test_every_malformed_file_gets_a_certificate_that_refuses_it(tmp_path: Path) -> None:
    for name, path in malformed(tmp_path).items():
        (found,) = certificates(files_of([path]), None)
        assert found.verdict is Verdict.REFUSED, name
        assert found.problems[0].file == str(path)


def test_bars_outside_the_hours_are_counted_apart(tmp_path: Path) -> None:
    rows = around_the_clock("2025-06-30", "2025-07-08", "30min")
    found = certificate(rows, tmp_path / "AAPL-30m.csv", TradingHours.REGULAR)
    assert found.outside_hours == len(rows) - (5 * 13 + 7)
    assert found.missing_bars == 0


MARKETS = {
    "coin by minute": (frame(3000), "1m", TradingHours.CONTINUOUS),
    "coin by day": (frame(30, "1d"), "1d", TradingHours.CONTINUOUS),
    "stock by day": (daily("2025-08-04", "2025-08-29"), "1d", TradingHours.REGULAR),
    "stock by minute": (inside(around_the_clock("2025-06-30", "2025-07-08")), "5m", TradingHours.REGULAR),
    "stock, long hours, winter": (
        inside(around_the_clock("2025-01-13", "2025-01-17"), "04:00", "20:00"),
        "5m",
        TradingHours.REGULAR,
    ),
    "a few days": (daily("2025-08-04", "2025-08-06"), "1d", TradingHours.CONTINUOUS),
    "currencies, from Sunday evening": (
        at(frame(120), pd.date_range("2025-01-12 22:00", periods=119, freq="h", tz="UTC")),
        "1h",
        TradingHours.CONTINUOUS,
    ),
}


@pytest.mark.parametrize("market", MARKETS)
def test_the_hours_of_a_market_are_seen_in_its_bars(market: str) -> None:
    rows, timeframe, hours = MARKETS[market]
    stamps = rows["timestamp"].dt.as_unit("ns").astype("int64").to_numpy()
    assert likely_hours(stamps, Timeframe(timeframe)) is hours


@pytest.mark.parametrize("jitter", [0, 13])
def test_funding_may_jitter_by_milliseconds(jitter: int, tmp_path: Path) -> None:
    stamps = pd.date_range("2025-05-25", periods=9, freq="8h", tz="UTC") + pd.Timedelta(milliseconds=jitter)
    rows = pd.DataFrame({"timestamp": stamps, "funding_rate": np.linspace(-1e-4, 1e-4, 9)})
    path = tmp_path / "BTC_USDT_USDT-8h-funding.parquet"
    assert certificate(rows, path).verdict is Verdict.CLEAN
    assert certificate(rows.iloc[::-1], path).verdict is Verdict.REFUSED
    rows.loc[4, "funding_rate"] = np.nan
    found = certificate(rows, path)
    assert found.problems[0].key == "row 5"


def test_mark_prices_have_no_volume_and_that_is_no_note(tmp_path: Path) -> None:
    rows = frame(50, "1h").assign(volume=0.0)
    assert certificate(rows, tmp_path / "BTC_USDT_USDT-1h-mark.parquet").verdict is Verdict.CLEAN


def test_f053_f062_parts_that_disagree_are_found_across_files(tmp_path: Path) -> None:
    rows = frame(60)
    write(rows.iloc[:40], tmp_path / "BTCUSDT-1m-202401.csv")
    write(rows.iloc[20:], tmp_path / "BTCUSDT-1m-202402.csv")
    found = list(certificates(files_of([tmp_path]), None))
    assert disagreements(found) == ()
    write(rows.iloc[20:].assign(volume=3.0), tmp_path / "BTCUSDT-1m-202402.csv")
    (problem,) = disagreements(certificates(files_of([tmp_path]), None))
    assert "differs from the one in" in problem.message


def test_a_folder_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no market data files"):
        files_of([tmp_path])


KNOWN_HOLES = {
    "BTC_USDT-1h": (28, 128),
    "ETH_USDT-1h": (27, 122),
    "LUNA_USDT-1h": (10, 455),
    "ADA_BTC-5m": (5, 40),
    "QQQ-1d": (1, 1588),
    "MSFT-1d-1986": (2, 2),
    "BTC_USD-1h": (0, 0),
}


@pytest.mark.parametrize("name", KNOWN_HOLES)
def test_f048_the_holes_of_real_files_are_the_known_ones(name: str, real_data: Path, root: Path) -> None:
    """Where the larger data is not at hand, the shipped sample, which has none."""
    path = next(real_data.rglob(f"{name}.parquet"), None)
    holes = KNOWN_HOLES[name] if path is not None else (0, 0)
    (found,) = certificates(files_of([path or root / "samples/coinbase/BTC_USD-1h.parquet"]), None)
    assert (found.gaps, found.missing_bars) == holes


def test_no_real_file_is_refused(real_data: Path) -> None:
    folders = {path.parent for path in real_data.rglob("*.parquet")}
    assert folders
    found = list(certificates(files_of(sorted(folders)), None))
    assert [one.problems for one in found if one.verdict is Verdict.REFUSED] == []
    suspects = {one.file.path.name for one in found if one.verdict is Verdict.SUSPECT}
    assert {name.split("-")[0] for name in suspects} <= {"AAPL", "MSFT", "QQQ", "us_AAPL"}
