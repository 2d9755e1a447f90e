"""From a folder or a file to the markets of a variant, and what is said on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from tests.data.making import Frame, frame, write
from tests.variant.files import small
from trader_cli.app.markets import Loaded, Span, load_markets, terms_of
from trader_cli.domain.clock import parse, to_nanoseconds
from trader_cli.domain.timeframe import Timeframe
from trader_cli.errors import ConfigError, DataError, TraderError, UsageError
from trader_cli.variant.loading import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trader_cli.variant.model import Variant

ALL = Span()


def variant(
    folder: Path, *symbols: str, asset_class: str = "crypto", timeframe: str = "1h", sets: Sequence[str] = ()
) -> Variant:
    (folder / "own.toml").write_text(small(mode="backtest", asset_class=asset_class))
    listed = ", ".join(f'"{symbol}"' for symbol in symbols)
    overrides = (f"trading_symbols.{asset_class}=[{listed}]", f"session.timeframe={timeframe}", *sets)
    return load("own", variants_dir=folder, overrides=overrides, environment={}).variant


def loaded(chosen: Variant, source: Path, span: Span = ALL, detail: Timeframe | None = None) -> Loaded:
    return load_markets(chosen, source, span, detail=detail, announce=lambda _: None)


def refused(kind: type[TraderError], chosen: Variant, source: Path, span: Span = ALL, detail: str | None = None) -> str:
    with pytest.raises(kind) as caught:
        loaded(chosen, source, span, None if detail is None else Timeframe(detail))
    (problem,) = caught.value.problems
    return str(problem)


def rates(path: Path, start: str, count: int, rate: float = 0.001) -> Path:
    times = frame(count, "8h", start)[["timestamp"]]
    return write(times.assign(funding_rate=rate), path)


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Two known symbols over two days."""
    for symbol, seed in (("BTCUSDT", 1), ("ETH_USDT", 2)):
        write(frame(48, "1h", seed=seed), tmp_path / "bybit" / f"{symbol}-1h.parquet")
    return tmp_path


def test_markets_stand_in_the_order_of_the_symbols_and_each_is_announced(two: Path) -> None:
    told: list[str] = []
    found = load_markets(variant(two, "ETHUSDT", "BTCUSDT"), two, ALL, detail=None, announce=told.append)
    assert told == ["reading ETHUSDT", "reading BTCUSDT"]
    assert [market.symbol for market in found.markets] == ["ETHUSDT", "BTCUSDT"]
    assert [file.path.name for file in found.files] == ["ETH_USDT-1h.parquet", "BTCUSDT-1h.parquet"]
    assert found.warnings == ()
    assert all((market.mark, market.funding_due, market.detail) == (None, None, None) for market in found.markets)


def test_bars_from_the_end_on_are_left_out_and_those_before_the_start_warm_up(two: Path) -> None:
    span = Span.of("2024-01-01T12:00Z", "2024-01-02T00:00Z")
    for market in loaded(variant(two, "BTCUSDT", "ETHUSDT"), two, span).markets:
        assert len(market.bars) == 24
    for nothing in (Span.of(None, "2024-01-01"), Span.of("2024-01-03", None)):
        said = refused(DataError, variant(two, "BTCUSDT"), two, nothing)
        assert "no bars between --from and --to; it holds 2024-01-01T00:00:00Z to 2024-01-02T23:00:00Z" in said
        assert "BTCUSDT-1h.parquet" in said
    assert len(loaded(variant(two, "BTCUSDT"), two, Span.of("2024-01-02T23:00Z", None)).markets[0].bars) == 48


def test_a_single_file_serves_one_symbol(two: Path) -> None:
    path = two / "bybit" / "BTCUSDT-1h.parquet"
    assert loaded(variant(two, "DOGEUSDT"), path).markets[0].symbol == "DOGEUSDT"
    said = refused(UsageError, variant(two, "BTCUSDT", "ETHUSDT"), path)
    assert said.startswith(str(path))
    assert "trades 2 (BTCUSDT, ETHUSDT): name one with --symbol, or a folder" in said
    assert "there is no such file" in refused(DataError, variant(two, "BTCUSDT", "ETHUSDT"), two / "none.csv")


def test_what_is_to_be_known_names_its_symbol_where_there_are_several(two: Path) -> None:
    write(frame(48, "1h").drop(index=[3, 4, 9]), two / "bybit" / "DOGEUSDT-1h.parquet")
    hole = "2 gaps in the data, 3 bars missing; they were not filled"
    stranger = "the instrument book does not know DOGEUSDT: lot 1E-8, minimum notional 10 assumed"
    assert loaded(variant(two, "DOGEUSDT"), two).warnings == (hole, stranger)
    assert loaded(variant(two, "BTCUSDT", "DOGEUSDT"), two).warnings == (f"DOGEUSDT: {hole}", stranger)


@pytest.mark.parametrize(
    ("start", "end", "holes"),
    [
        (None, None, (2, 3)),
        ("2024-01-01T09:00Z", None, (1, 1)),  # a hole at the very beginning of what is judged
        ("2024-01-01T10:00Z", None, (0, 0)),
        (None, "2024-01-01T04:00Z", (1, 1)),  # within a hole
        ("2024-01-01T04:00Z", "2024-01-01T09:00Z", (1, 1)),
        ("2024-01-01T05:00Z", "2024-01-01T09:00Z", (0, 0)),
    ],
)
def test_gaps_are_counted_in_the_part_that_is_judged(
    start: str | None, end: str | None, holes: tuple[int, int], two: Path
) -> None:
    write(frame(48, "1h", seed=1).drop(index=[3, 4, 9]), two / "bybit" / "BTCUSDT-1h.parquet")
    warnings = loaded(variant(two, "BTCUSDT"), two, Span.of(start, end)).warnings
    said = f"{holes[0]} gaps in the data, {holes[1]} bars missing; they were not filled"
    assert warnings == ((said,) if holes[0] else ())


def test_gaps_of_finer_files_are_counted_up_to_the_end_of_the_last_bar(tmp_path: Path) -> None:
    write(frame(180, "1m").drop(index=[5, 100, 170]), tmp_path / "BTCUSDT-1m.parquet")
    chosen = variant(tmp_path, "BTCUSDT", timeframe="1h")
    (said,) = loaded(chosen, tmp_path, Span.of("2024-01-01T01:00Z", "2024-01-01T01:30Z")).warnings
    assert said.startswith("1 gaps in the data, 1 bars missing")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (frame(44, "1h", "2024-01-01T04:00"), None),
        (frame(43, "1h", "2024-01-01T05:00"), "from 2024-01-01T05:00:00Z to 2024-01-02T23:00:00Z"),
        (frame(44, "1h"), None),
        (frame(43, "1h"), "from 2024-01-01T00:00:00Z to 2024-01-02T18:00:00Z"),
    ],
)
def test_data_that_covers_less_than_nine_tenths_of_the_period_at_an_end_is_told(
    rows: Frame, said: str | None, tmp_path: Path
) -> None:
    write(frame(48, "1h"), tmp_path / "BTCUSDT-1h.parquet")
    write(rows, tmp_path / "ETHUSDT-1h.parquet")
    warnings = loaded(variant(tmp_path, "BTCUSDT", "ETHUSDT"), tmp_path).warnings
    period = "of a period from 2024-01-01T00:00:00Z to 2024-01-02T23:00:00Z"
    assert warnings == ((f"ETHUSDT: has bars {said} {period}",) if said else ())
    if said and "T05" in said:
        judged = Span.of("2024-01-01T05:00Z", None)
        assert loaded(variant(tmp_path, "BTCUSDT", "ETHUSDT"), tmp_path, judged).warnings == ()


def test_finer_bars_come_along_and_end_where_the_bars_do(tmp_path: Path) -> None:
    write(frame(12, "15m"), tmp_path / "BTCUSDT-15m.parquet")
    write(frame(180, "1m").iloc[:165].drop(index=range(60, 75)), tmp_path / "BTCUSDT-1m.parquet")
    chosen = variant(tmp_path, "BTCUSDT", timeframe="15m")
    found = loaded(chosen, tmp_path, Span.of(None, "2024-01-01T01:00Z"), Timeframe.M1)
    detail = found.markets[0].detail
    assert detail is not None
    assert (detail.timeframe, len(detail), len(found.markets[0].bars)) == (Timeframe.M1, 60, 4)
    assert found.warnings == ()
    (both,) = loaded(chosen, tmp_path, detail=Timeframe.M1).warnings
    assert both == "2 of the 15m bars have no 1m bars inside: in those the stop comes first"
    (late,) = loaded(chosen, tmp_path, Span.of("2024-01-01T02:00Z", None), Timeframe.M1).warnings
    assert late.startswith("1 of the 15m bars")
    assert loaded(chosen, tmp_path / "BTCUSDT-15m.parquet", detail=Timeframe.M5).markets[0].detail is not None


def test_one_symbol_without_finer_bars_is_told_and_the_others_have_theirs(two: Path) -> None:
    write(frame(48 * 60), two / "bybit" / "BTCUSDT-1m.parquet")
    chosen = variant(two, "BTCUSDT", "ETHUSDT")
    told = "ETHUSDT: no 1m bars inside any of its 1h bars: in all the stop comes first"
    for _ in ("no file of them", "a file of another time"):
        found = loaded(chosen, two, Span.of("2024-01-01T12:00Z", None), Timeframe.M1)
        assert found.warnings == (told,)
        first, second = (market.detail for market in found.markets)
        assert first is not None
        assert (len(first), second) == (48 * 60, None)
        write(frame(60 * 12), two / "bybit" / "ETH_USDT-1m.parquet")  # up to the first bar that is judged


def test_where_no_symbol_has_finer_bars_it_is_refused_and_names_the_first_file(two: Path) -> None:
    for symbol in ("BTCUSDT", "ETH_USDT"):
        write(frame(60 * 12), two / "bybit" / f"{symbol}-1m.parquet")
    said = refused(DataError, variant(two, "BTCUSDT", "ETHUSDT"), two, Span.of("2024-01-01T12:00Z", None), detail="1m")
    assert said.startswith(str(two / "bybit" / "BTCUSDT-1m.parquet"))
    assert "it holds 2024-01-01T00:00:00Z to 2024-01-01T11:59:00Z" in said


def test_finer_bars_that_are_wrong_are_refused_whoever_else_has_some(two: Path) -> None:
    write(frame(48 * 60), two / "bybit" / "BTCUSDT-1m.parquet")
    write(frame(48 * 60).assign(low=-1.0), two / "bybit" / "ETH_USDT-1m.parquet")
    assert "ETH_USDT-1m.parquet" in refused(DataError, variant(two, "BTCUSDT", "ETHUSDT"), two, detail="1m")


@pytest.mark.parametrize("detail", ["1h", "15m", "8h"])
def test_detail_is_finer_than_the_bars(detail: str, two: Path) -> None:
    said = refused(UsageError, variant(two, "BTCUSDT", timeframe="15m"), two, detail=detail)
    assert said == f"--detail {detail}: must be finer than the bars (15m), and divide them"


def test_detail_divides_the_bars(two: Path) -> None:
    assert "--detail 8h" in refused(UsageError, variant(two, "BTCUSDT", timeframe="12h"), two, detail="8h")


def test_finer_bars_that_are_not_there_are_refused_with_the_remedy(two: Path) -> None:
    said = refused(DataError, variant(two, "BTCUSDT"), two, detail="1m")
    assert "put BTCUSDT-1m.parquet beside it" in said
    assert said.startswith(str(two / "bybit" / "BTCUSDT-1h.parquet"))


@pytest.fixture
def perpetual(tmp_path: Path) -> Path:
    """A contract with its mark prices and rates, another venue's beside them."""
    bars = frame(48, "1h")
    write(bars, tmp_path / "bybit" / "BTC_USDT_USDT-1h.parquet")
    write(bars.assign(close=bars.close * 1.0001), tmp_path / "bybit" / "BTC_USDT_USDT-1h-mark.parquet")
    rates(tmp_path / "bybit" / "BTC_USDT_USDT-8h-funding.parquet", "2024-01-01", 6)
    rates(tmp_path / "okx" / "BTC_USDT_USDT-8h-funding.parquet", "2024-01-01", 6, rate=0.05)
    return tmp_path


def test_a_contract_has_marks_and_funding_of_its_own_venue_and_spot_has_neither(perpetual: Path) -> None:
    found = loaded(variant(perpetual, "BTC_USD_PERP", asset_class="futures"), perpetual)
    (market,) = found.markets
    assert found.warnings == ()
    assert market.mark is not None
    np.testing.assert_array_equal(market.mark.close, market.bars.close * 1.0001)
    assert market.funding_due is not None
    settled = np.arange(8, 48, 8)
    np.testing.assert_allclose(market.funding_due[settled], market.bars.open[settled] * 0.001, rtol=1e-15)
    assert np.count_nonzero(market.funding_due) == len(settled)
    (spot,) = loaded(variant(perpetual, "BTC/USDT:USDT"), perpetual).markets
    assert (spot.mark, spot.funding_due) == (None, None)


def test_a_file_finds_what_stands_beside_it_by_its_own_name_alone(perpetual: Path) -> None:
    chosen = variant(perpetual, "BTC_USD_PERP", asset_class="futures")
    path = perpetual / "bybit" / "BTC_USDT_USDT-1h.parquet"
    assert loaded(chosen, path).markets[0].mark is not None
    nameless = path.rename(path.with_name("prices.parquet"))
    said = refused(DataError, chosen, nameless)
    assert "put BTC_USD_PERP-8h-funding.parquet beside its bars, or set costs.funding_rate" in said
    declared = variant(perpetual, "BTC_USD_PERP", asset_class="futures", sets=["costs.funding_rate=-0.002"])
    (market,) = loaded(declared, nameless).markets
    assert market.mark is None
    assert market.funding_due is not None
    assert market.funding_due[8] == market.bars.open[8] * -0.002


def test_rates_are_judged_against_the_span(perpetual: Path) -> None:
    rates(perpetual / "bybit" / "BTC_USDT_USDT-8h-funding.parquet", "2024-01-01", 3)
    chosen = variant(perpetual, "BTC_USD_PERP", asset_class="futures")
    late = "no funding rates after 2024-01-01T16:00:00Z: nothing is charged there"
    assert loaded(chosen, perpetual).warnings == (late,)
    assert loaded(chosen, perpetual, Span.of(None, "2024-01-02T00:00Z")).warnings == ()
    assert "set costs.funding_rate" in refused(DataError, chosen, perpetual, Span.of("2024-01-01T16:00Z", None))


def test_cutting_the_end_changes_nothing_before_it(perpetual: Path) -> None:
    chosen = variant(perpetual, "BTC_USD_PERP", asset_class="futures")
    whole, cut = (
        loaded(chosen, perpetual, span).markets[0].funding_due for span in (ALL, Span.of(None, "2024-01-01T20:00Z"))
    )
    assert whole is not None
    assert cut is not None
    np.testing.assert_array_equal(whole[: len(cut)], cut)


def test_an_inverse_contract_is_refused_with_the_reason(perpetual: Path) -> None:
    sound = variant(perpetual, "BTC_USD_PERP", asset_class="futures")
    listed = sound.trading_symbols.model_copy(update={"futures": ("ETH_USD_PERP", "BTC/USD:BTC")})
    chosen = sound.model_copy(update={"trading_symbols": listed})
    said = refused(ConfigError, chosen, perpetual)
    assert (
        said
        == "trading_symbols.futures: 'BTC/USD:BTC' is an inverse contract (settled in BTC); only linear ones are traded"
    )


def test_terms_are_those_of_the_variant_and_of_each_symbol(tmp_path: Path) -> None:
    sets = ["risk_settings.default_leverage=5", "session.starting_balance=2500"]
    terms = terms_of(
        variant(tmp_path, "BTC_USD_PERP", asset_class="futures", sets=sets), ["ETH_USD_PERP", "NEW_USD_PERP"]
    )
    assert (terms.leverage, terms.is_margined, terms.starting_balance) == (5, True, 2500)
    assert [(one.symbol, one.known) for one in terms.instruments] == [("ETH_USD_PERP", True), ("NEW_USD_PERP", False)]
    unlevered = terms_of(variant(tmp_path, "BTC_USD_PERP", asset_class="futures"), ["BTC_USD_PERP"])
    assert (unlevered.leverage, unlevered.is_margined) == (1, True)
    spot = terms_of(variant(tmp_path, "BTCUSDT", sets=sets), ["BTCUSDT"])
    assert (spot.leverage, spot.is_margined) == (1, False)


def test_fractional_shares_reach_the_instruments(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(small(broker="alpaca", mode="backtest", asset_class="stocks"))
    for fractional, lot in (("false", 1.0), ("true", 1e-9)):
        chosen = load(
            "own", variants_dir=tmp_path, overrides=[f"risk_settings.fractional_shares={fractional}"], environment={}
        ).variant
        assert float(terms_of(chosen, ["AAPL"]).instruments[0].lot) == lot


def test_real_contracts_have_their_past(real_data: Path, tmp_path: Path) -> None:
    folder = real_data / "repo" / "binance-usdm"
    if not folder.is_dir():
        pytest.skip("needs the larger data of TRADER_TEST_DATA")
    chosen = variant(tmp_path, "BTC/USDT:USDT", "ETH/USDT:USDT", asset_class="futures")
    found = loaded(chosen, folder, Span.of("2020-01-01", "2025-07-01"))
    assert found.warnings == ()
    bitcoin, _ = found.markets
    assert bitcoin.mark is not None
    assert bitcoin.funding_due is not None
    marks = pd.read_parquet(folder / "BTC_USDT_USDT-1h-mark.parquet").set_index("timestamp").open
    settled = pd.read_parquet(folder / "BTC_USDT_USDT-8h-funding.parquet").set_index("timestamp").funding_rate
    owed = (marks * settled).dropna()["2020":]  # every settlement falls on a full hour
    start = np.searchsorted(bitcoin.bars.open_time, to_nanoseconds(parse("2020-01-01")))
    ours = bitcoin.funding_due[start:]
    assert np.count_nonzero(ours) == len(owed[owed != 0])
    np.testing.assert_allclose(ours.sum(), owed.sum(), rtol=1e-12)

    minutes = loaded(variant(tmp_path, "ADA/USDT:USDT", asset_class="futures", timeframe="1m"), folder)
    assert minutes.warnings[:2] == (
        "no mark prices at 1m or finer, only at 8h: liquidations go by the bars' own prices",
        "no funding rates after 2025-06-24T00:00:00Z: nothing is charged there",
    )
    assert minutes.markets[0].funding_due is not None
    rows = np.flatnonzero(minutes.markets[0].funding_due)
    assert (minutes.markets[0].bars.open_time[rows] % Timeframe.H8.nanoseconds == 0).all()
