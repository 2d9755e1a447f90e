"""Going on where a file ends, before where it begins, and after anything that came in between."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import pytest
from filelock import FileLock

from tests.data.making import frame
from tests.fetch.conftest import COIN, HOURS, LISTED, STOCK, by_the_day, ns, rows
from tests.sandbox.server import HOUR, Away
from trader_cli.app import series
from trader_cli.data.candles import Candles
from trader_cli.data.storing import write_candles

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fetch.conftest import Shop
    from tests.sandbox.server import Rows


def away(_: Rows) -> Rows:
    """The venue goes under maintenance."""
    raise Away


def as_it_is(told: Rows) -> Rows:
    """A page like any other."""
    return told


@pytest.fixture
def undisturbed(shop: Shop) -> bytes:
    """The file that is fetched in one go."""
    assert shop.fetch("--from", LISTED).code == 0
    whole = shop.file.read_bytes()
    shop.file.unlink()
    shop.venue.pages.clear()
    return whole


def test_only_what_is_missing_is_asked_for(shop: Shop, undisturbed: bytes) -> None:
    assert shop.fetch("--from", LISTED, "--to", "2024-03-20").code == 0
    shop.venue.pages.clear()
    assert shop.fetch().code == 0
    # the last bar once more, and the 12 days after it: 288 hours in 3 pages
    assert [start - ns("2024-03-19T23:00") for start in shop.asked()] == [0, 100 * HOUR, 200 * HOUR]
    assert shop.file.read_bytes() == undisturbed
    shop.venue.pages.clear()
    assert shop.fetch("--from", LISTED).document["series"][0]["added"] == 0
    assert len(shop.asked()) == 1
    assert shop.file.read_bytes() == undisturbed


def test_an_earlier_beginning_adds_what_was_before(shop: Shop, undisturbed: bytes) -> None:
    assert shop.fetch("--from", "2024-03-20").code == 0
    shop.venue.pages.clear()
    assert shop.fetch("--from", LISTED).document["series"][0]["added"] == HOURS - 12 * 24
    assert [start for start in shop.asked() if ns("2024-03-20") < start < ns("2024-03-31T23:00")] == []
    assert shop.file.read_bytes() == undisturbed


@pytest.mark.parametrize("begun", [None, "2024-03-20"], ids=["a new file", "before a file"])
def test_wherever_a_venue_goes_away_the_next_run_ends_with_the_same_bytes(
    shop: Shop, undisturbed: bytes, begun: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series, "CHUNK_PAGES", 3)
    for pages in count():
        shop.file.unlink(missing_ok=True)
        if begun is not None:
            assert shop.fetch("--from", begun).code == 0
        shop.venue.mischief = [*[as_it_is] * pages, away]
        outcome = shop.fetch("--from", LISTED)
        shop.venue.mischief.clear()
        if outcome.code == 0:
            break
        assert outcome.code == 5
        if shop.file.exists():
            times = [row[0] for row in shop.kept()]
            assert times == list(range(int(times[0]), int(times[-1]) + 1, HOUR)), "never a hole nobody asked about"
        assert shop.fetch("--from", LISTED).code == 0
        assert shop.file.read_bytes() == undisturbed
    assert pages >= 13, "it asks for so many pages"


def test_what_was_fetched_before_a_failure_is_kept(shop: Shop) -> None:
    shop.venue.mischief = [*[as_it_is] * 5, away]
    assert shop.fetch("--from", LISTED).code == 5
    assert len(shop.kept()) == 500


def test_f053_a_bar_that_is_told_otherwise_now_is_kept_as_it_was_and_said(shop: Shop) -> None:
    assert shop.fetch("--from", LISTED, "--to", "2024-03-20").code == 0
    before = shop.kept()
    told = shop.venue.history[COIN, "1h", "trades"]
    told[len(before) - 1] = [*before[-1][:5], before[-1][5] + 1]
    outcome = shop.fetch()
    assert outcome.code == 0
    assert "1 rows are told otherwise now, the first that of 2024-03-19T23:00:00Z: kept as they were" in outcome.err
    assert shop.kept()[: len(before)] == before


def test_f062_prices_that_were_adjusted_anew_are_not_mixed_with_those_before(shop: Shop) -> None:
    stocks = {"asset_class": "stocks", "timeframe": "1d", "symbol": STOCK}
    assert shop.fetch("--from", "2024-02-01", "--to", "2024-03-20", **stocks).code == 0
    path = shop.folder / "bazaar" / "AAPL-1d.parquet"
    assert shop.notes(path)["adjustment"] == "split"
    assert shop.notes(path)["source"] == "bazaar booth"
    before = path.read_bytes()
    told = shop.venue.history[STOCK, "1d", "trades"]
    halved = [[time, *(price / 2 for price in prices), volume * 2] for time, *prices, volume in told]
    shop.venue.history[STOCK, "1d", "trades"] = halved
    for more in ([], ["--from", "2024-01-02", "--to", "2024-03-20"]):
        outcome = shop.fetch(*more, **stocks)
        assert outcome.code == 2
        assert "prices were adjusted anew since; move it away and fetch it again" in outcome.err
        assert path.read_bytes() == before


def test_f062_a_file_that_is_adjusted_otherwise_is_not_continued(shop: Shop) -> None:
    assert shop.fetch("--from", "2024-03-30").code == 0
    raw = shop.file.read_bytes()
    shop.venue.history[COIN, "1d", "trades"] = by_the_day(frame(HOURS, "1h", LISTED))
    target = shop.file.with_name("BTC_USDT-1d.parquet")
    assert shop.fetch("--from", "2024-03-01", timeframe="1d").code == 0
    before = target.read_bytes()
    outcome = shop.fetch("--from", "2024-02-20", asset_class="stocks", timeframe="1d")
    assert outcome.code == 2
    assert "its source is 'bazaar', fetched would be 'bazaar booth': they are not mixed" in outcome.err
    assert (target.read_bytes(), shop.file.read_bytes()) == (before, raw)


def test_a_file_from_elsewhere_is_left_alone(shop: Shop) -> None:

    told = np.array(rows(frame(50, "1h", LISTED)))
    write_candles(Candles(told[:, 0].astype(np.int64), told[:, 1:].T), shop.file, {"source": "an export"})
    before = shop.file.read_bytes()
    outcome = shop.fetch("--from", LISTED)
    assert outcome.code == 2
    assert "was not made by `trader data fetch`" in outcome.err
    assert shop.file.read_bytes() == before


def test_two_processes_do_not_fetch_into_one_file(shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(series, "locks_dir", lambda: tmp_path / "locks")
    with series.alone_with(shop.file):
        held = next((tmp_path / "locks").iterdir())
    with FileLock(held):
        outcome = shop.fetch("--from", LISTED)
    assert outcome.code == 6
    assert "another process fetches into this file" in outcome.err


def test_what_a_killed_process_left_half_written_is_cleared_away(shop: Shop) -> None:
    shop.file.parent.mkdir(parents=True)
    left = shop.file.with_name(f".{shop.file.name}.4711.part")
    left.write_bytes(b"PAR1 and no more")
    assert shop.fetch("--from", "2024-03-30").code == 0
    assert [path.name for path in shop.file.parent.iterdir()] == [shop.file.name]
