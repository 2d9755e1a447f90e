"""The market data that ships."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from tests.data.making import load
from trader_cli.app.data import certificates, files_of
from trader_cli.domain.timeframe import TradingHours

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = {
    "coinbase/BTC_USD-1h.parquet": (
        "30b8ec14b18afea80d197537b8186661c6c8545e27c9f0d63c12d253890c0854",
        5832,
        "2018-07-01T00:00:00Z",
        "2019-02-28T23:00:00Z",
    ),
    "us/AAPL-1d.parquet": (
        "0dbb2b80e05f221b473ebde987e8228f35dd4a551be84854e4fc5a0d1e4520cf",
        2015,
        "2005-03-01T00:00:00Z",
        "2013-03-01T00:00:00Z",
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_the_file_that_was_chosen_and_passes_its_check(name: str, root: Path) -> None:
    path = root / "samples" / name
    (found,) = certificates(files_of([path]), None)
    assert (found.sha256, found.rows, found.start, found.end) == SAMPLES[name]
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (found.gaps, found.missing_bars, found.duplicates, found.problems) == (0, 0, 0, ())


def test_the_folder_of_samples_serves_both_symbols(root: Path) -> None:
    assert len(load(root / "samples", "1h", symbol="BTC/USD").bars) == 5832
    assert len(load(root / "samples", "1d", TradingHours.REGULAR, "AAPL").bars) == 2015
    assert load(root / "samples", "1d", TradingHours.REGULAR, "AAPL").warnings == ()


def test_every_sample_has_its_notice(root: Path) -> None:
    notice = (root / "samples" / "NOTICE.md").read_text()
    shipped = {str(path.relative_to(root / "samples")) for path in (root / "samples").rglob("*.parquet")}
    assert shipped == set(SAMPLES)
    assert all(f"`{name}`" in notice for name in shipped)
