"""Exports of the common sources become our files; what cannot is refused and nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.data.making import COLUMNS, load, times, values
from trader_cli.app.data import Import, Target
from trader_cli.data.importing import Wishes
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.errors import DataError, TraderError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

CDD_DAILY = """\
Created on 10-17-2019,https://www.CryptoDataDownload.com
date,symbol,open,high,low,close,volume_btc,volume
2019-10-17,BTCUSD,7993.54,8070,7937.01,8034.32,1570.08,12537245.82
2019-10-16,BTCUSD,8162.44,8171.59,7908.86,7993.54,8123.72,65132771.81
2019-10-15,BTCUSD,8355,8420,8085.65,8162.44,7919.56,65109952.98
"""
CDD_HOURLY = """\
https://www.CryptoDataDownload.com
Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USD
2019-10-17 01-PM,BTCUSD,8000,8010,7990,8005,11,88000
2019-10-17 12-PM,BTCUSD,8000,8010,7990,8005,12,96000
2019-10-17 11-AM,BTCUSD,8000,8010,7990,8005,13,104000
2019-10-17 12-AM,BTCUSD,8000,8010,7990,8005,14,112000
"""
CDD_UNIX = """\
https://www.CryptoDataDownload.com
unix,date,symbol,open,high,low,close,Volume ETH,Volume USDT,tradecount
1704067260000,2024-01-01 00:01:00,ETH/USDT,2,3,1,2,5,10,7
1704067200000,2024-01-01 00:00:00,ETH/USDT,2,3,1,2,6,12,7
"""
ALPHA_VANTAGE = "timestamp,open,high,low,close,volume\n" + "".join(
    f"{time:%Y-%m-%d %H:%M:%S},10,11,9,10.5,{100 + number}\n"
    for number, time in enumerate(pd.date_range("2019-02-15 16:00", "2019-02-15 09:31", freq="-1min"))
)
YAHOO = """\
Date,Open,High,Low,Close,Adj Close,Volume
2024-01-02,187.15,188.44,183.89,185.64,184.94,82488700
2024-01-03,184.22,185.88,183.43,184.25,183.55,58414500
2024-01-04,182.15,183.09,180.88,181.91,181.22,71983600
"""
BINANCE = """\
1704067200000,42283.58,42298.62,42261.02,42298.61,35.92724,1704067259999,1519032.41,1327,23.18,980394.94,0
1704067260000,42298.62,42320.00,42298.61,42320.00,21.16779,1704067319999,895580.81,1348,13.57,574292.81,0
"""
BACKTRADER = """\
Date,Time,Open,High,Low,Close,Volume,OpenInterest
2006-01-02,09:05:00,3578.73,3587.88,3578.73,3582.99,0,0
2006-01-02,09:10:00,3583.01,3588.40,3583.01,3588.03,0,0
"""
STOOQ = """\
<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>
AAPL.US,D,20240102,000000,187.15,188.44,183.89,185.64,82488700,0
AAPL.US,D,20240103,000000,184.22,185.88,183.43,184.25,58414500,0
"""
DUKASCOPY = (
    """\
Local time;Open;High;Low;Close;Volume
""".replace("Local time", "time")
    + """\
31.01.2024 22:00:00.000;1.08;1.09;1.07;1.085;100
31.01.2024 23:00:00.000;1.08;1.09;1.07;1.085;100
"""
)


def convert(
    folder: Path, *texts: str, venue: str | None = None, force: bool = False, **wishes: Any
) -> tuple[Target, ...]:
    """Imports texts as files of a folder into its subfolder `out`."""
    job = Import(folder / "out", venue, Wishes(**wishes), force)
    for number, text in enumerate(texts):
        path = folder / f"export{number}.csv"
        path.write_text(text)
        job.read(path)
    return job.write()


def one(folder: Path, text: str, **wishes: Any) -> tuple[Target, list[str]]:
    """The single file made of a text, its open times."""
    (target,) = convert(folder, text, **wishes)
    stamps = pq.read_table(target.path)["timestamp"].to_pylist()
    return target, [f"{stamp:%Y-%m-%d %H:%M}" for stamp in stamps]


def test_cryptodatadownload_daily_is_sorted_and_counts_coins_not_dollars(tmp_path: Path) -> None:
    target, stamps = one(tmp_path, CDD_DAILY, venue="coinbase")
    assert target.path == tmp_path / "out" / "coinbase" / "BTCUSD-1d.parquet"
    assert stamps == ["2019-10-15 00:00", "2019-10-16 00:00", "2019-10-17 00:00"]
    assert pq.read_table(target.path)["volume"].to_pylist() == [7919.56, 8123.72, 1570.08]
    assert target.exports[0].layout == "CryptoDataDownload"
    assert "newest first: sorted" in target.exports[0].steps


def test_cryptodatadownload_hours_have_twelve_hour_clocks(tmp_path: Path) -> None:
    target, stamps = one(tmp_path, CDD_HOURLY)
    assert stamps == ["2019-10-17 00:00", "2019-10-17 11:00", "2019-10-17 12:00", "2019-10-17 13:00"]
    assert list(target.candles.values[4]) == [14, 13, 12, 11]


def test_cryptodatadownload_with_epochs_prefers_them_and_knows_its_symbol(tmp_path: Path) -> None:
    target, stamps = one(tmp_path, CDD_UNIX)
    assert (target.symbol, target.path.name) == ("ETH/USDT", "ETH_USDT-1m.parquet")
    assert stamps == ["2024-01-01 00:00", "2024-01-01 00:01"]
    assert list(target.candles.values[4]) == [6, 5]


def test_alpha_vantage_is_new_york_time_labelled_at_the_close(tmp_path: Path) -> None:
    target, stamps = one(tmp_path, ALPHA_VANTAGE, symbol="AAPL")
    assert (stamps[0], stamps[-1], len(stamps)) == ("2019-02-15 14:30", "2019-02-15 20:59", 390)
    assert any("America/New_York, bars labelled at their close" in step for step in target.exports[0].steps)
    assert load(target.path, "1m", TradingHours.REGULAR, "AAPL").missing_bars == 0


def test_what_the_user_says_of_zone_and_label_is_believed(tmp_path: Path) -> None:
    text = "".join(f"2024-07-0{day} 10:{minute}:00,10,11,9,10.5,1\n" for day in (1, 2) for minute in ("05", "10", "15"))
    _, stamps = one(tmp_path, f"{','.join(COLUMNS)}\n{text}", symbol="X", timezone="Europe/Berlin", label="close")
    assert stamps[:3] == ["2024-07-01 08:00", "2024-07-01 08:05", "2024-07-01 08:10"]


def test_times_without_a_zone_are_utc_and_it_is_said(tmp_path: Path) -> None:
    target, stamps = one(tmp_path, BACKTRADER, symbol="ESTX")
    assert stamps == ["2006-01-02 09:05", "2006-01-02 09:10"]
    assert target.exports[0].steps == ("times name no zone: taken as UTC (--timezone says otherwise)",)


def test_f065_a_time_that_stands_twice_on_the_clock_is_refused_by_row(tmp_path: Path) -> None:
    rows = "".join(f"2024-11-03 {hour:02d}:00:00,10,11,9,10.5,1\n" for hour in range(4))
    with pytest.raises(DataError, match=r"row 2 \(line 3\): 2024-11-03T01:00:00 stands twice or never"):
        one(tmp_path, f"{','.join(COLUMNS)}\n{rows}", symbol="X", timezone="America/New_York")


def test_yahoo_keeps_prices_as_traded(tmp_path: Path) -> None:
    target, stamps = one(tmp_path, YAHOO, symbol="AAPL", venue="us")
    assert stamps == ["2024-01-02 00:00", "2024-01-03 00:00", "2024-01-04 00:00"]
    assert list(target.candles.values[3]) == [185.64, 184.25, 181.91]


def test_f054_a_yahoo_row_of_nulls_is_refused_by_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"row 4 \(line 5\): open is nan"):
        one(tmp_path, YAHOO + "2024-01-05,null,null,null,null,null,null\n", symbol="AAPL")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("unit", ["", "000"])
def test_binance_klines_need_no_header_in_ms_or_us(unit: str, tmp_path: Path) -> None:
    text = BINANCE.replace("0000,", f"0000{unit},")
    target, stamps = one(tmp_path, text, symbol="BTCUSDT", venue="binance")
    assert target.exports[0].layout == "Binance klines"
    assert stamps == ["2024-01-01 00:00", "2024-01-01 00:01"]
    assert list(target.candles.values[4]) == [35.92724, 21.16779]


def test_binance_files_tell_their_symbol_by_name(tmp_path: Path) -> None:
    path = tmp_path / "BTCUSDT-1m-2024-01-01.csv"
    path.write_text(BINANCE)
    job = Import(tmp_path / "out", None, Wishes())
    job.read(path)
    assert job.write()[0].path == tmp_path / "out" / "imported" / "BTCUSDT-1m.parquet"


def test_dates_without_dashes_and_bracketed_headers_are_read(tmp_path: Path) -> None:
    target, stamps = one(tmp_path, STOOQ)
    assert target.symbol == "AAPL.US"
    assert stamps == ["2024-01-02 00:00", "2024-01-03 00:00"]


def test_dotted_days_and_semicolons_are_read(tmp_path: Path) -> None:
    assert one(tmp_path, DUKASCOPY, symbol="EURUSD")[1] == ["2024-01-31 22:00", "2024-01-31 23:00"]


def test_days_that_begin_at_new_yorks_midnight_get_their_date(tmp_path: Path) -> None:
    rows = "".join(
        f"{stamp},10,11,9,10.5,1\n"
        for stamp in ("2024-03-07T05:00:00Z", "2024-03-08T05:00:00Z", "2024-03-11T04:00:00Z", "2024-03-12T04:00:00Z")
    )
    _, stamps = one(tmp_path, f"{','.join(COLUMNS)}\n{rows}", symbol="X")
    assert stamps == ["2024-03-07 00:00", "2024-03-08 00:00", "2024-03-11 00:00", "2024-03-12 00:00"]


def test_f049_identical_rows_are_dropped_and_told_different_ones_refused(tmp_path: Path) -> None:
    again = YAHOO + YAHOO.splitlines()[2] + "\n"
    target, stamps = one(tmp_path, again, symbol="AAPL")
    assert len(stamps) == 3
    assert "1 repeated rows dropped" in target.exports[0].steps
    with pytest.raises(DataError, match=r"row 4 \(line 5\): 2024-01-03T00:00:00Z stands there twice"):
        one(tmp_path, again[:-2] + "1\n", symbol="MSFT")


def test_new_york_times_labelled_at_the_open_are_seen_too(tmp_path: Path) -> None:
    minutes = pd.date_range("2025-07-01 09:30", "2025-07-01 15:59", freq="1min")
    rows = "".join(f"{time:%Y-%m-%d %H:%M},10,11,9,10.5,1\n" for time in minutes)
    target, stamps = one(tmp_path, f"{','.join(COLUMNS)}\n{rows}", symbol="X")
    assert (stamps[0], stamps[-1]) == ("2025-07-01 13:30", "2025-07-01 19:59")
    assert any("bars labelled at their open" in step for step in target.exports[0].steps)


def test_volume_from_counts_coins(tmp_path: Path) -> None:
    target, _ = one(tmp_path, CDD_HOURLY.replace("Volume BTC", "Volume From").replace("Volume USD", "Volume To"))
    assert list(target.candles.values[4]) == [14, 13, 12, 11]


def test_f057_days_that_begin_at_no_midnight_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"2024-03-0{day}T03:00:00Z,10,11,9,10.5,1\n" for day in range(1, 6))
    with pytest.raises(DataError, match=r"row 1 \(line 2\): 2024-03-01T03:00:00Z is off the grid of 1d bars"):
        one(tmp_path, f"{','.join(COLUMNS)}\n{rows}", symbol="X")


def test_f054_a_clock_unlike_the_others_is_refused_by_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"row 3 \(line 5\): the time is '2019-10-17 11h'"):
        one(tmp_path, CDD_HOURLY.replace("11-AM", "11h"))


def test_a_single_bar_needs_a_timeframe(tmp_path: Path) -> None:
    text = "\n".join(YAHOO.splitlines()[:2])
    with pytest.raises(DataError, match="a single bar, which tells no timeframe"):
        one(tmp_path, text, symbol="AAPL")
    assert one(tmp_path, text, symbol="AAPL", timeframe=Timeframe.D1)[1] == ["2024-01-02 00:00"]


def test_several_exports_of_one_series_become_one_file(tmp_path: Path) -> None:
    head, *rows = YAHOO.splitlines()
    first, second = "\n".join([head, *rows[:2]]), "\n".join([head, *rows[1:]])
    (target,) = convert(tmp_path, first, second, symbol="AAPL", timeframe=Timeframe.D1)
    assert len(target.candles) == 3
    with pytest.raises(DataError, match=r"export1.csv: row 1 \(line 2\): the bar of 2024-01-03.* differs"):
        convert(tmp_path, first, second.replace("58414500", "1"), symbol="MSFT", timeframe=Timeframe.D1)


def test_swapped_columns_are_refused(tmp_path: Path) -> None:
    swapped = YAHOO.replace("Open,High,Low", "Low,Open,High")
    with pytest.raises(DataError, match=r"row 1 \(line 2\): high 183.89 is below low 187.15"):
        one(tmp_path, swapped, symbol="AAPL")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "has no header with a time, open, high, low, close"),
        ("date,open,high,low,close\n2024-01-01,1,1,1,1\n", "has no volume column"),
        ("date,open,high,low,close,volume_a,volume_b\n2024-01-01,1,1,1,1,1,1\n", "has several volume columns"),
        ("date,open,high,low,close,volume\n", "holds no rows"),
        ("date,open,high,low,close,volume\n01/02/2024,1,1,1,1,1\n", "which is no ISO time"),
        ("date,symbol,open,high,low,close,volume\n2024-01-01,A,1,1,1,1,1\n2024-01-02,B,1,1,1,1,1\n", "several symbols"),
        ("", "is empty"),
        ("\0\0", "is binary"),
    ],
)
def test_an_export_that_cannot_be_understood_is_refused(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=said):
        convert(tmp_path, text)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "wishes", [{"symbol": "../x"}, {"symbol": ""}, {"venue": ".."}, {"venue": "a\\b"}, {"timezone": "Mars/Base"}]
)
def test_names_never_leave_the_data_folder(wishes: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        convert(tmp_path, BINANCE, **{"symbol": "BTCUSDT", **wishes})
    assert not (tmp_path / "out").exists()


def test_an_export_that_tells_no_symbol_asks_for_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--symbol"):
        convert(tmp_path, YAHOO)


def test_a_timeframe_the_bars_do_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="0:01:00 apart, but --timeframe says 5m"):
        convert(tmp_path, BINANCE, symbol="BTCUSDT", timeframe=Timeframe.M5)


def test_a_timeframe_of_the_name_that_the_bars_do_not_have_is_refused(tmp_path: Path) -> None:
    export = tmp_path / "BTCUSDT-5m.csv"
    export.write_text(BINANCE)
    with pytest.raises(DataError, match="0:01:00 apart, but its name says 5m"):
        Import(tmp_path / "out", None, Wishes()).read(export)


def test_a_file_is_replaced_only_by_force(tmp_path: Path) -> None:
    (target,) = convert(tmp_path, YAHOO, symbol="AAPL")
    before = target.path.read_bytes()
    with pytest.raises(UsageError, match="is there already; --force replaces it"):
        convert(tmp_path, YAHOO[:-2] + "1\n", symbol="AAPL")
    assert target.path.read_bytes() == before
    convert(tmp_path, YAHOO[:-2] + "1\n", symbol="AAPL", force=True)
    assert target.path.read_bytes() != before


def test_nothing_is_written_where_one_of_several_exports_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TraderError):
        convert(tmp_path, CDD_DAILY, "garbage")
    assert not (tmp_path / "out").exists()


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        convert(tmp_path, YAHOO, symbol="AAPL")
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_an_import_is_the_same_bytes_every_time(tmp_path: Path) -> None:
    (target,) = convert(tmp_path, CDD_DAILY)
    before = target.path.read_bytes()
    convert(tmp_path, CDD_DAILY, force=True)
    assert target.path.read_bytes() == before


def test_what_was_imported_loads(tmp_path: Path) -> None:
    (target,) = convert(tmp_path, CDD_UNIX, venue="binance")
    series = load(tmp_path / "out", "1m", symbol="ETHUSDT")
    assert (values(series) == target.candles.values).all()
    assert str(times(series)[0]) == "2024-01-01 00:00:00+00:00"


RAW = {
    "coinbase_BTCUSD_1d_cdd": (CDD_DAILY, 1770, "2014-12-01 00:00", "2019-10-17 00:00"),
    "alphavantage_AAPL_1min": (ALPHA_VANTAGE, 1948, "2019-02-11 14:30", "2019-02-15 20:59"),
    "backtrader_2006_5m_intraday": (BACKTRADER, 2142, "2006-01-02 09:05", "2006-01-30 17:30"),
}


@pytest.mark.parametrize("name", RAW)
def test_the_real_exports_are_imported_whole(name: str, real_data: Path, tmp_path: Path) -> None:
    """Where the larger data is not at hand, the same form, shortened."""
    text, rows, first, last = RAW[name]
    symbol = "BTCUSD" if "BTCUSD" in name else "X"
    real = next(real_data.rglob(f"{name}.csv.gz"), None)
    if real is None:
        assert one(tmp_path, text, symbol=symbol)[1]
        return
    job = Import(tmp_path / "out", None, Wishes(symbol=symbol))
    job.read(real)
    stamps = pq.read_table(job.write()[0].path)["timestamp"].to_pylist()
    assert (len(stamps), f"{stamps[0]:%Y-%m-%d %H:%M}", f"{stamps[-1]:%Y-%m-%d %H:%M}") == (rows, first, last)


def test_the_real_file_of_swapped_columns_is_refused(real_data: Path, tmp_path: Path) -> None:
    real = next(real_data.rglob("lumibot_SPY_1d_permuted_columns.csv.gz"), None)
    path = real or tmp_path / "swapped.csv"
    if real is None:
        path.write_text(YAHOO.replace("Open,High,Low", "Low,Open,High"))
    with pytest.raises(DataError, match=r"row 1 \(line 2\): high .* is below low"):
        Import(tmp_path / "out", None, Wishes(symbol="SPY")).read(path)
