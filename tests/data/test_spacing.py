"""A file's timeframe: what its bars' distances say, and its name, and the variant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.data.making import frame, write
from trader_cli.data.reading import load_bars
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

THIN = sorted({*range(0, 90, 3), 1, 40})
"""Minutes with a trade: most neighbours stand three minutes apart, as bars of 3m would."""


@pytest.mark.parametrize("name", ["THIN-1m.parquet", "whatever.parquet"])
def test_f048_a_thin_market_keeps_its_minutes_and_counts_its_holes(tmp_path: Path, name: str) -> None:
    path = write(frame(90).iloc[THIN], tmp_path / name)
    series = load_bars(path, "THIN", Timeframe.M1, TradingHours.CONTINUOUS)
    assert len(series.bars) == len(THIN)
    assert series.missing_bars == 88 - len(THIN)  # minutes 0 to 87


def test_f057_a_name_that_its_bars_never_confirm_is_refused(tmp_path: Path) -> None:
    path = write(frame(50, "5m"), tmp_path / "X-1m.parquet")
    with pytest.raises(DataError, match="0:05:00 apart, but its name says 1m"):
        load_bars(path, "X", Timeframe.M1, TradingHours.CONTINUOUS)
