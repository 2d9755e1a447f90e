"""`trader data fetch`: what gets into a file, and what is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.program import trader
from tests.fetch.conftest import COIN, CONTRACT, HOURS, LISTED, ns, stocked
from tests.sandbox.server import HOUR
from trader_cli.app.markets import Span, load_markets
from trader_cli.variant.loading import load

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fetch.conftest import Shop

DAY = 24 * HOUR


def test_f051_all_bars_that_have_closed_by_the_venues_time_are_there_and_no_other(shop: Shop) -> None:
    outcome = shop.fetch("--from", LISTED)
    assert outcome.code == 0, outcome.err
    told = shop.venue.history[COIN, "1h", "trades"]
    assert len(told) == HOURS + 1, "the venue shows the bar in progress too"
    assert shop.kept() == told[:-1]
    assert outcome.document == {
        "series": [
            {
                "path": str(shop.file),
                "venue": "bazaar",
                "symbol": "BTC_USDT",
                "timeframe": "1h",
                "kind": "trades",
                "rows": HOURS,
                "added": HOURS,
                "start": "2024-02-10T00:00:00Z",
                "end": "2024-03-31T23:00:00Z",
                "gaps": 0,
                "missing_bars": 0,
                "warnings": [],
            }
        ]
    }


def test_the_span_is_what_was_asked_for_to_the_bar(shop: Shop) -> None:
    assert shop.fetch("--from", "2024-03-01T05:30", "--to", "2024-03-09T12:00").code == 0
    times = [row[0] for row in shop.kept()]
    assert times == list(range(ns("2024-03-01T06:00"), ns("2024-03-09T12:00"), HOUR))


def test_unless_somebody_says_from_when_on_it_is_a_year(shop: Shop) -> None:
    assert shop.fetch().code == 0
    assert shop.asked()[0] == ns("2023-04-02")
    assert shop.notes()["asked_from"] == "2023-04-02T00:00:00Z"


def test_years_before_a_listing_are_passed_over_with_a_few_questions(shop: Shop) -> None:
    outcome = shop.fetch("--from", "2014-01-01")
    assert outcome.code == 0
    assert len(shop.kept()) == HOURS
    # one page at 2014, then days, a hundred a page: 3,692 days from 2014-01-04 to 2024-02-10
    assert shop.asked()[1] == ns(LISTED)
    assert len(shop.asked()) == 1 + 13
    assert len(shop.asked("1d")) == 37


def test_a_long_silence_in_the_middle_is_a_gap_and_not_the_end(shop: Shop) -> None:
    silent = (ns("2024-02-20T07:00"), ns("2024-03-11T03:00"))
    for timeframe, length in (("1h", HOUR), ("1d", DAY)):
        told = shop.venue.history[COIN, timeframe, "trades"]
        shop.venue.history[COIN, timeframe, "trades"] = [
            row for row in told if row[0] + length <= silent[0] or row[0] + length > silent[1]
        ]
    outcome = shop.fetch("--from", LISTED)
    assert outcome.code == 0, outcome.err
    found = outcome.document["series"][0]
    missing = HOURS - len(shop.venue.history[COIN, "1h", "trades"]) + 1
    assert (found["gaps"], found["missing_bars"]) == (1, missing)
    assert shop.kept() == shop.venue.history[COIN, "1h", "trades"][:-1]


def test_a_market_in_which_hardly_anything_happens_is_no_market_of_longer_bars(shop: Shop) -> None:
    told = shop.venue.history[COIN, "1h", "trades"]
    shop.venue.history[COIN, "1h", "trades"] = [row for place, row in enumerate(told) if place % 3 == 0 or place == 40]
    outcome = shop.fetch("--from", LISTED)
    assert outcome.code == 2
    assert "its bars are 3:00:00 apart, or multiples of it; those of 1h were asked for" in outcome.err
    thin = [row for place, row in enumerate(told) if place % 7 in {0, 5}]
    shop.venue.history[COIN, "1h", "trades"] = thin
    assert shop.fetch("--from", LISTED).code == 0


def test_what_a_venue_has_not_is_fetched_finer_and_said(shop: Shop) -> None:
    outcome = shop.fetch("--from", LISTED, timeframe="4h")
    assert outcome.code == 0
    assert shop.file.exists()
    assert "bazaar has no 4h bars: fetched are 1h ones" in outcome.err


def test_a_venue_that_shows_the_latest_bars_alone_says_so(shop: Shop) -> None:
    outcome = shop.fetch("--from", LISTED, asset_class="etf")
    assert outcome.code == 0
    # 150 bars with the one in progress: 149 closed ones, the first at 2024-03-25T19:00
    assert len(shop.kept()) == 149
    assert outcome.document["series"][0]["start"] == "2024-03-25T19:00:00Z"
    said = (
        "bazaar shows the newest 150 bars of 1h alone: it begins at 2024-03-25T19:00:00Z, not at 2024-02-10T00:00:00Z"
    )
    assert said in outcome.err


def test_one_symbols_trouble_leaves_the_others_alone(shop: Shop) -> None:
    stocked(shop.venue, "ETH/USDT", seed=3)
    shop.venue.listed = [COIN, "ETH/USDT", "SOL/USDT"]
    shop.venue.failing.add("SOL/USDT")
    outcome = shop.fetch("--from", LISTED, "--symbol", "SOL/USDT", "--symbol", "ETH/USDT", "--symbol", "XRP/USDT")
    assert outcome.code == 2, "the first failure: what the venue does not list"
    assert [one["symbol"] for one in outcome.document["series"]] == ["BTC_USDT", "ETH_USDT"]
    assert len(outcome.errors) == 2
    assert "lists no 'XRP/USDT'" in outcome.errors[0]
    assert '"code": "unavailable"' in outcome.errors[1]


def test_however_a_symbol_is_spelled_it_is_one_file(shop: Shop) -> None:
    shop.venue.listed = [COIN]
    assert shop.fetch("--from", "2024-03-30", symbol="BTCUSDT").code == 0
    assert shop.fetch("--from", "2024-03-29", symbol="btc-usdt").code == 0
    assert [path.name for path in shop.file.parent.iterdir()] == ["BTC_USDT-1h.parquet"]
    assert len(shop.kept()) == 72


def test_a_series_whose_first_bar_is_gone_is_not_continued_before_it(shop: Shop) -> None:
    assert shop.fetch("--from", "2024-03-30", "--to", "2024-03-31").code == 0
    before = shop.file.read_bytes()
    told = shop.venue.history[COIN, "1h", "trades"]
    shop.venue.history[COIN, "1h", "trades"] = [row for row in told if row[0] != ns("2024-03-30")]
    outcome = shop.fetch("--from", "2024-03-29", "--to", "2024-03-31")
    assert outcome.code == 2
    assert "bazaar does not tell the first row, of 2024-03-30T00:00:00Z, any more" in outcome.err
    assert shop.file.read_bytes() == before


def test_contracts_get_marks_and_funding_in_a_folder_of_their_own(shop: Shop) -> None:
    shop.venue.listed = [CONTRACT]
    outcome = shop.fetch("--from", LISTED, asset_class="futures", symbol="BTC_USD_PERP")
    assert outcome.code == 0, outcome.err
    found = [(one["path"], one["kind"], one["rows"]) for one in outcome.document["series"]]
    folder = shop.folder / "bazaar-futures"
    assert found == [
        (str(folder / "BTC_USDT_USDT-1h.parquet"), "trades", HOURS),
        (str(folder / "BTC_USDT_USDT-1h-mark.parquet"), "mark", HOURS),
        (str(folder / "BTC_USDT_USDT-8h-funding.parquet"), "funding", 51 * 3 + 1),
    ]
    settled = shop.kept(folder / "BTC_USDT_USDT-8h-funding.parquet")
    assert settled == shop.venue.history[CONTRACT, "", "funding"]
    before = [path.read_bytes() for path in sorted(folder.iterdir())]
    assert shop.fetch(asset_class="futures", symbol="BTC_USD_PERP").document["series"][2]["added"] == 0
    assert [path.read_bytes() for path in sorted(folder.iterdir())] == before


def test_hourly_settlements_make_an_hourly_file(shop: Shop) -> None:
    first = ns(LISTED)
    shop.venue.history[CONTRACT, "", "funding"] = [[first + hour * HOUR, 1e-5] for hour in range(HOURS)]
    assert shop.fetch("--from", LISTED, asset_class="futures", symbol=CONTRACT).code == 0
    path = shop.folder / "bazaar-futures" / "BTC_USDT_USDT-1h-funding.parquet"
    assert len(shop.kept(path)) == HOURS


def test_what_test_endpoints_tell_is_kept_apart(shop: Shop) -> None:
    assert shop.fetch("--from", "2024-03-30", "--set", "broker_config.test_mode=true").code == 0
    assert [path.name for path in shop.folder.iterdir()] == ["bazaar-test"]


def test_a_variant_says_what_is_fetched_and_several_of_them_fetch_it_once(shop: Shop, tmp_path: Path) -> None:
    for name, strategy in (("one", "rsi"), ("other", "macd")):
        (tmp_path / f"{name}.toml").write_text(
            f'[variants]\nbroker = "bazaar"\nstrategy = "{strategy}"\nmode = "live"\n'
            f'[broker_config]\nendpoint = "{shop.venue.url}"\n'
            f'[trading_symbols]\ncrypto = ["{COIN}"]\n[session]\ntimeframe = "1h"\n'
        )
    outcome = trader(
        shop.capsys, "data", "fetch", tmp_path / "one.toml", tmp_path / "other.toml", "--data", shop.folder
    )
    assert outcome.code == 0, outcome.err
    assert outcome.out == (f"{shop.file}: 1,224 rows (+1,224), 2024-02-10T00:00:00Z to 2024-03-31T23:00:00Z\n")


def test_what_was_fetched_is_what_a_backtest_finds(shop: Shop) -> None:
    assert shop.fetch("--from", LISTED).code == 0
    shop.venue.listed = [CONTRACT]
    assert shop.fetch("--from", LISTED, asset_class="futures", symbol="BTC_USD_PERP").code == 0
    for asset_class, symbol in (("crypto", "BTCUSDT"), ("futures", "BTC_USD_PERP")):
        cell = {"broker": "bazaar", "strategy": "rsi", "asset_class": asset_class, "symbol": (symbol,)}
        settings = ["session.timeframe=1h"]
        variant = load("", variants_dir=shop.folder, flags=cell, overrides=settings, environment={}).variant
        loaded = load_markets(variant, shop.folder, Span(), detail=None, announce=lambda _: None)
        market = loaded.markets[0]
        assert len(market.bars) == HOURS
        assert (market.mark is not None, market.funding_due is not None) == (asset_class == "futures",) * 2
        assert not [said for said in loaded.warnings if "mark" in said or "funding" in said]


def test_f072_a_venue_that_cannot_be_reached_is_one_line_and_leaves_nothing_behind(shop: Shop) -> None:
    nowhere = "broker_config.endpoint=http://127.0.0.1:9"
    outcome = shop.fetch("--set", nowhere, "--symbol", "ETH/USDT")
    assert outcome.code == 5
    assert outcome.document == {"series": []}
    assert len(outcome.errors) == 1
    assert "bazaar: cannot be reached (" in outcome.err
    assert not shop.folder.exists()


def test_a_disk_that_refuses_is_said_with_its_place(shop: Shop) -> None:
    shop.folder.mkdir()
    (shop.folder / "bazaar").write_text("a file where a folder is due")
    outcome = shop.fetch("--from", LISTED)
    assert outcome.code == 5
    assert '"code": "unavailable"' in outcome.err
    assert str(shop.folder / "bazaar") in outcome.err


def test_without_a_variant_a_broker_is_named(shop: Shop) -> None:
    outcome = trader(shop.capsys, "data", "fetch", "--symbol", COIN)
    assert outcome.code == 2
    assert "give --broker and --symbol" in outcome.err
