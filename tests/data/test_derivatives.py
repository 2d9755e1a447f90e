"""Mark prices and funding: which files, which prices, which amounts. All figures are worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from tests.data.making import COLUMNS, Frame, frame, lines, load, refusal, write
from trader_cli.data.catalog import Kind, beside, find_finer
from trader_cli.data.contracts import Contract, contract_of
from trader_cli.data.funding import Settlements, load_settlements
from trader_cli.data.marks import last_known
from trader_cli.data.times import HOUR
from trader_cli.domain.timeframe import Timeframe
from trader_cli.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from trader_cli.domain.bars import Bars

NIGHT = "2024-01-01T22:00"
TRADES, MARKS, RATES = "BTC_USDT_USDT-1h.csv", "BTC_USDT_USDT-1h-mark.csv", "BTC_USDT_USDT-8h-funding.csv"


def prices(opens: list[float], start: str = NIGHT, timeframe: str = "1h") -> Frame:
    """Bars that close 1 above their open; the low is 5 below it, the high 6 above."""
    rows = pd.DataFrame({"timestamp": frame(len(opens), timeframe, start)["timestamp"], "open": opens})
    return rows.assign(high=rows.open + 6, low=rows.open - 5, close=rows.open + 1, volume=0.0)[COLUMNS]


def bars_of(rows: Frame, path: Path, timeframe: str = "1h") -> Bars:
    return load(write(rows, path), timeframe).bars


def rates(path: Path, *rows: str) -> Path:
    return lines(path, *rows, header="timestamp,funding_rate")


def contract(folder: Path, bars: Bars, rate: float | None = None, trades: str = TRADES) -> Contract:
    return contract_of(bars, folder / trades, int(bars.open_time[0]), rate)


def settled(path: Path) -> Settlements:
    return load_settlements(beside(path.with_name(TRADES), Kind.FUNDING))


def hours(*after: float) -> NDArray[np.int64]:
    """Hours after the opening of the first bar of `NIGHT`, in ns."""
    return np.array([pd.Timestamp(NIGHT, tz="UTC").as_unit("ns").value + int(each * HOUR) for each in after])


@pytest.mark.parametrize(
    ("time", "row"),
    [
        ("2024-01-02T00:00:00Z", 2),
        ("2024-01-02T00:00:00.020Z", 2),
        ("2024-01-01T23:59:59.980Z", 2),
        ("2024-01-02T00:00:29.999Z", 2),
        ("2024-01-02T00:00:30Z", 3),
        ("2024-01-01T22:00:00.013Z", None),
        ("2024-01-01T21:00:00Z", None),
        ("2024-01-02T01:00:00Z", 3),
        ("2024-01-02T02:00:00Z", None),
    ],
)
def test_a_settlement_is_due_at_the_first_opening_that_is_no_earlier_to_the_minute(
    time: str, row: int | None, tmp_path: Path
) -> None:
    bars = bars_of(prices([100, 110, 120, 130]), tmp_path / TRADES)
    write(prices([1000, 1000, 1000, 1000]), tmp_path / MARKS)
    rates(tmp_path / RATES, "2023-12-31T16:00:00Z,0", f"{time},0.001", "2024-01-03T00:00:00Z,0")
    owed = [0.0] * 4
    if row is not None:
        owed[row] = 1.0
    np.testing.assert_array_equal(contract(tmp_path, bars).funding_due, owed)


def test_funding_is_reckoned_on_the_mark_price_of_its_moment_else_on_the_opening(tmp_path: Path) -> None:
    bars = bars_of(prices([100, 110, 120, 130]), tmp_path / TRADES)
    rates(tmp_path / RATES, "2024-01-02T00:00:00Z,0.001", "2024-01-02T01:00:00Z,-0.002")
    np.testing.assert_allclose(contract(tmp_path, bars).funding_due, [0, 0, 0.12, -0.26], rtol=1e-15)
    write(prices([200, 210], "2024-01-01T23:00"), tmp_path / MARKS)
    # 00:00: the mark price of 210; 01:00: the mark bar's close of 211, known at its end
    np.testing.assert_allclose(contract(tmp_path, bars).funding_due, [0, 0, 0.21, -0.422], rtol=1e-15)
    write(prices([500, 510], "2024-01-01T16:00", "8h"), tmp_path / "BTC_USDT_USDT-8h-mark-202401.csv")
    np.testing.assert_allclose(contract(tmp_path, bars).funding_due, [0, 0, 0.21, -0.422], rtol=1e-15)
    (tmp_path / MARKS).unlink()
    # marks of longer bars serve at their openings; elsewhere the bars know a later price
    np.testing.assert_allclose(contract(tmp_path, bars).funding_due, [0, 0, 0.51, -0.26], rtol=1e-15)


def test_what_was_settled_in_a_hole_is_owed_after_it_at_the_price_known_last(tmp_path: Path) -> None:
    bars = bars_of(prices([100.0] * 13).iloc[[0, 11, 12]], tmp_path / TRADES)  # 22:00, 09:00, 10:00
    rates(tmp_path / RATES, "2024-01-02T00:00:00Z,0.001", "2024-01-02T08:00:00Z,0.002")
    np.testing.assert_allclose(contract(tmp_path, bars).funding_due, [0, 0.303, 0], rtol=1e-15)
    write(prices([300], "2024-01-02T00:00"), tmp_path / MARKS)
    np.testing.assert_allclose(contract(tmp_path, bars).funding_due, [0, 0.3 + 0.602, 0], rtol=1e-15)


def test_nothing_after_a_settlement_has_a_part_in_its_price(tmp_path: Path) -> None:
    bars = bars_of(prices([100, 200], "2024-01-01", "1d"), tmp_path / "BTCUSDT-1d.csv", "1d")
    rates(
        tmp_path / "BTCUSDT-8h-funding.csv",
        "2024-01-01T08:00:00Z,0.001",
        "2024-01-01T16:00:00Z,0.002",
        "2024-01-02T00:00:00Z,0.004",
    )
    owed = contract(tmp_path, bars, trades="BTCUSDT-1d.csv").funding_due
    np.testing.assert_allclose(owed, [0, 0.1 + 0.2 + 0.8], rtol=1e-15)


def test_the_price_known_last_is_an_open_once_begun_and_a_close_once_ended(tmp_path: Path) -> None:
    first = bars_of(prices([10, 20]), tmp_path / "x.csv")
    other = bars_of(prices([70]), tmp_path / "y.csv")
    found = last_known(hours(-1, 0, 0.5, 1, 1.9, 2, 9), [other, first])
    np.testing.assert_array_equal(found, [np.nan, 70, 70, 71, 71, 21, 21])


def test_mark_prices_stand_in_the_rows_of_the_bars_and_what_they_lack_is_the_bars_own(tmp_path: Path) -> None:
    bars = bars_of(prices([100, 110, 120, 130]), tmp_path / TRADES)
    write(prices([210, 220], "2024-01-01T23:00"), tmp_path / MARKS)
    found = contract(tmp_path, bars, 0.0)
    assert found.mark is not None
    np.testing.assert_array_equal(found.mark.open_time, bars.open_time)
    assert found.mark.open.tolist() == [100, 210, 220, 130]
    assert found.mark.low.tolist() == [95, 205, 215, 125]
    assert found.mark.high.tolist() == [106, 216, 226, 136]
    assert found.mark.close.tolist() == [101, 211, 221, 131]
    assert found.notes == (
        "no mark prices for 2 bars from 2024-01-01T22:00:00Z to 2024-01-02T01:00:00Z: their own prices stand in",
    )


def test_finer_mark_prices_are_resampled_and_coarser_ones_cannot_serve(tmp_path: Path) -> None:
    bars = bars_of(prices([100, 110]), tmp_path / TRADES)
    write(prices([500], "2024-01-01T16:00", "8h"), tmp_path / "BTC_USDT_USDT-8h-mark.csv")
    coarse = contract(tmp_path, bars, 0.0)
    assert coarse.mark is None
    assert coarse.notes == ("no mark prices at 1h or finer, only at 8h: liquidations go by the bars' own prices",)
    write(prices([90.0] * 8, timeframe="15m"), tmp_path / "BTC_USDT_USDT-15m-mark.csv")
    write(prices([17, 19, 18, 15], timeframe="30m"), tmp_path / "BTC_USDT_USDT-30m-mark.csv")
    fine = contract(tmp_path, bars, 0.0)
    assert fine.mark is not None
    assert (fine.mark.open.tolist(), fine.mark.high.tolist(), fine.mark.close.tolist()) == (
        [17, 18],
        [25, 24],
        [20, 16],
    )
    assert fine.notes == ()


def test_without_mark_prices_a_line_says_what_goes_by_the_bars(tmp_path: Path) -> None:
    bars = bars_of(prices([100, 110]), tmp_path / TRADES)
    found = contract(tmp_path, bars, 0.0)
    assert found.mark is None
    assert found.notes == ("no mark prices: liquidations and funding go by the bars' own prices",)


def test_a_declared_rate_is_settled_three_times_a_day_where_no_rates_are_known(tmp_path: Path) -> None:
    bars = bars_of(prices([100.0] * 49, "2024-01-01"), tmp_path / TRADES)
    owed = contract(tmp_path, bars, 0.01).funding_due
    assert np.flatnonzero(owed).tolist() == [8, 16, 24, 32, 40, 48]
    assert owed[8] == 1.0
    rates(tmp_path / RATES, "2024-01-01T12:00:00Z,0.02", "2024-01-01T20:00:00Z,0.03", "2024-01-02T04:00:00Z,0")
    found = contract(tmp_path, bars, 0.01)
    assert {int(row): float(found.funding_due[row]) for row in np.flatnonzero(found.funding_due)} == {
        8: 1.0,
        12: 2.0,
        20: 3.0,
        32: 1.0,
        40: 1.0,
        48: 1.0,
    }
    assert found.notes[1:] == (
        "no funding rates before 2024-01-01T12:00:00Z and after 2024-01-02T04:00:00Z: costs.funding_rate is"
        " charged there",
    )


def test_a_declared_rate_comes_never_on_top_of_a_known_one(tmp_path: Path) -> None:
    bars = bars_of(prices([100.0] * 33, "2024-01-01"), tmp_path / TRADES)
    rates(tmp_path / RATES, "2024-01-01T16:00:00Z,0.02", "2024-01-02T00:00:00Z,0.03")
    owed = contract(tmp_path, bars, 0.01).funding_due
    assert owed[[8, 16, 24, 32]].tolist() == [1.0, 2.0, 3.0, 1.0]


def test_without_rates_and_without_a_declared_one_both_remedies_are_named(tmp_path: Path) -> None:
    bars = bars_of(prices([100, 110]), tmp_path / TRADES)
    remedies = "put BTC_USDT_USDT-8h-funding.parquet beside its bars, or set costs.funding_rate"
    with pytest.raises(DataError, match=remedies) as refused:
        contract(tmp_path, bars)
    assert refused.value.problems[0].file == str(tmp_path)
    path = rates(tmp_path / RATES, "2023-12-30T00:00:00Z,0.001", "2023-12-30T08:00:00Z,0.001")
    bars = bars_of(prices([100.0] * 3), tmp_path / TRADES)  # a settlement was due at 00:00
    with pytest.raises(DataError, match=remedies) as refused:
        contract(tmp_path, bars)
    assert refused.value.problems[0].file == str(path)


def test_one_rate_at_the_last_opening_is_enough(tmp_path: Path) -> None:
    bars = bars_of(prices([100.0] * 13, "2024-01-01T12:00"), tmp_path / TRADES)
    rates(tmp_path / RATES, "2024-01-02T00:00:00Z,0.001")
    found = contract(tmp_path, bars)
    assert found.funding_due.tolist() == [*[0] * 12, 0.1]
    assert found.notes[1] == "no funding rates before 2024-01-02T00:00:00Z: nothing is charged there"


def test_rates_that_had_nothing_to_settle_while_the_bars_last_are_enough(tmp_path: Path) -> None:
    bars = bars_of(prices([100.0] * 2), tmp_path / TRADES)  # 22:00 and 23:00
    rates(tmp_path / RATES, "2024-01-01T08:00:00Z,0.001", "2024-01-01T16:00:00Z,0.001")
    found = contract(tmp_path, bars)
    assert found.funding_due.tolist() == [0, 0]
    assert len(found.notes) == 1  # of the mark prices


def test_only_the_judged_bars_are_worth_a_word(tmp_path: Path) -> None:
    bars = bars_of(prices([100.0] * 30, "2024-01-01"), tmp_path / TRADES)
    write(prices([100.0] * 6, "2024-01-02"), tmp_path / MARKS)
    rates(tmp_path / RATES, "2024-01-02T00:00:00Z,0.001")
    late = contract_of(bars, tmp_path / TRADES, int(bars.open_time[20]), None)
    assert late.notes == (
        "no mark prices for 4 bars from 2024-01-01T20:00:00Z to 2024-01-01T23:00:00Z: their own prices stand in",
    )
    early = contract_of(bars, tmp_path / TRADES, int(bars.open_time[10]), None)
    assert early.notes[1] == "no funding rates before 2024-01-02T00:00:00Z: nothing is charged there"


@pytest.mark.parametrize(
    ("span", "missing"),
    [
        ((0, 200), (0, 3, 6)),
        ((-48, 200), (5, 3, 6)),
        ((-8, 200), (0, 3, 6)),
        ((-9, 200), (1, 3, 6)),
        ((0, 152), (0, 3, 0)),
        ((0, 160), (0, 3, 1)),
        ((0, 159), (0, 3, 0)),
        ((40, 60), (0, 2, 0)),
        ((49, 55), (0, 0, 0)),
        ((48, 64), (0, 2, 0)),
        ((-80, -40), (5, 0, 0)),
        ((300, 320), (0, 0, 3)),
    ],
)
def test_missing_settlements_are_those_due_in_the_span(span: tuple[int, int], missing: tuple[int, int, int]) -> None:
    known = np.array([*range(0, 48, 8), *range(72, 160, 8)]) * HOUR  # 48, 56 and 64 fell out
    settlements = Settlements(known, np.zeros(len(known)), 8 * HOUR)
    start, end = (hour * HOUR for hour in span)
    assert tuple(settlements.missing(start, end)) == missing


def test_a_hole_among_the_rates_is_told(tmp_path: Path) -> None:
    bars = bars_of(prices([100.0] * 49, "2024-01-01"), tmp_path / TRADES)
    times = ("2024-01-01T00", "2024-01-01T08", "2024-01-02T08", "2024-01-02T16", "2024-01-03T00")
    rates(tmp_path / RATES, *(f"{time}:00:00Z,0.001" for time in times))
    said = contract(tmp_path, bars).notes[-1]
    assert said == "2 settlements are missing among the funding rates; nothing is charged for them"
    named_1h = (tmp_path / RATES).rename(tmp_path / "BTC_USDT_USDT-1h-funding.csv")
    assert contract(tmp_path, bars).notes[-1] == said  # the usual distance counts where the name's is shorter
    assert settled(named_1h).interval == 8 * HOUR


@pytest.mark.parametrize(
    ("rows", "place", "rule"),
    [
        (["2024-01-01T08:00:00Z,0", "2024-01-01T00:00:00Z,0"], "row 2 (line 3)", "not newer than the row before"),
        (["2024-01-01T08:00:00Z,0", "2024-01-01T08:00:00.009Z,0"], "row 2 (line 3)", "not newer than the row before"),
        (["2024-01-01T08:00:00Z,nan"], "row 1 (line 2)", "no finite rate"),
        (["2024-01-01T08:00:00Z,inf"], "row 1 (line 2)", "no finite rate"),
        (["2024-01-01T00:00:00Z,0.1", "2024-01-01T08:00:00Z,-0.11"], "row 2 (line 3)", "beyond 10%"),
        (["2024-01-01T08:00:00Z,much"], "row 1 (line 2)", "'much', which is no number"),
        (["soon,0"], "row 1 (line 2)", "no ISO time"),
    ],
)
def test_rates_that_are_not_sound_are_refused_by_file_and_row(
    rows: list[str], place: str, rule: str, tmp_path: Path
) -> None:
    path = rates(tmp_path / RATES, *rows)
    with pytest.raises(DataError) as refused:
        settled(path)
    (problem,) = refused.value.problems
    assert (problem.file, problem.key) == (str(path), place)
    assert rule in problem.message


def test_parts_of_funding_are_joined_to_the_minute_and_must_agree(tmp_path: Path) -> None:
    first = rates(tmp_path / RATES, "2024-01-01T00:00:00Z,0.001", "2024-01-01T08:00:00Z,0.002")
    second = tmp_path / "BTC_USDT_USDT-8h-funding-202401.csv"
    rates(second, "2024-01-01T08:00:00.013Z,0.002", "2024-01-01T16:00:00.001Z,0.003")
    found = settled(first)
    assert (np.diff(found.times) == 8 * HOUR).all()
    assert found.rates.tolist() == [0.001, 0.002, 0.003]
    rates(second, "2024-01-01T08:00:00.013Z,0.0021")
    with pytest.raises(DataError, match="the settlement of 2024-01-01T08:00:00Z differs from the one in"):
        settled(first)


def test_mark_prices_that_are_not_sound_are_refused_like_bars(tmp_path: Path) -> None:
    bars = bars_of(prices([100, 110]), tmp_path / TRADES)
    path = write(prices([100, -1]), tmp_path / MARKS)
    with pytest.raises(DataError, match="row 2") as refused:
        contract(tmp_path, bars, 0.0)
    assert refused.value.problems[0].file == str(path)


def test_what_belongs_to_a_file_of_trades_stands_in_its_folder_under_its_symbol(tmp_path: Path) -> None:
    own = [
        rates(tmp_path / "bybit" / name, "2024-01-01T00:00:00Z,0")
        for name in ("BTC-USDT-USDT-4h-funding-2023.csv", "BTC_USDT_USDT-8h-funding.csv")
    ]
    for stranger in ("bybit/ETH_USDT_USDT-8h-funding.csv", "bybit/BTC_USDT-8h-funding.csv", RATES, f"okx/{RATES}"):
        rates(tmp_path / stranger, "2024-01-01T00:00:00Z,0")
    write(prices([1, 2]), tmp_path / "bybit" / MARKS)
    assert [file.path for file in beside(tmp_path / "bybit" / TRADES, Kind.FUNDING)] == own
    assert beside(tmp_path / "bybit" / "notes of tuesday.csv", Kind.FUNDING) == ()
    other_form = rates(tmp_path / "bybit" / "ADA_USDT_PERP-8h-funding.csv", "2024-01-01T00:00:00Z,0")
    assert [file.path for file in beside(tmp_path / "bybit" / "ADA_USDT_USDT-1h.csv", Kind.FUNDING)] == [other_form]
    usdc = tmp_path / "bybit" / "BTC_USDC_USDC-1h.csv"
    assert beside(usdc, Kind.FUNDING) == ()  # the rates of another settlement coin are not its own


def test_finer_bars_are_those_the_coarse_ones_were_made_of_or_stand_beside_them(tmp_path: Path) -> None:
    hourly = write(frame(48, "1h"), tmp_path / "BTCUSDT-1h.csv")
    assert "put BTCUSDT-15m.parquet beside it" in _no_finer(hourly)
    for timeframe in ("1m", "5m", "30m"):
        write(frame(60, timeframe), tmp_path / f"BTCUSDT-{timeframe}.csv")
    write(frame(60, "15m"), tmp_path / "ETHUSDT-15m.csv")
    write(frame(60, "15m"), tmp_path / "BTCUSDT-15m-mark.csv")
    assert [file.path.name for file in find_finer([hourly], Timeframe.M15)] == ["BTCUSDT-5m.csv"]
    minutes = tmp_path / "BTCUSDT-1m.csv"
    assert [file.path for file in find_finer([minutes], Timeframe.M15)] == [minutes]
    nameless = write(frame(60, "1h"), tmp_path / "x.csv")
    assert [file.path for file in find_finer([nameless], Timeframe.M15)] == [nameless]
    assert "holds 1h bars" in refusal(nameless, "15m")


def _no_finer(path: Path) -> str:
    with pytest.raises(DataError) as refused:
        find_finer([path], Timeframe.M15)
    assert refused.value.problems[0].file == str(path)
    return str(refused.value)
