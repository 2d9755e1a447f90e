"""Finer bars made coarser, against pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.making import Frame, frame, load, refusal, times, values, write
from trader_cli.domain.timeframe import Timeframe

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

COLUMNS = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}


def expected(rows: Frame, own: str, wanted: str) -> Frame:
    """What pandas makes of it; buckets that the series enters late or leaves early are cut off."""
    length, step = pd.Timedelta(Timeframe(wanted).duration), pd.Timedelta(Timeframe(own).duration)
    indexed = rows.set_index("timestamp")
    buckets = indexed.resample(length, origin="epoch").agg(COLUMNS).dropna()
    whole = (buckets.index >= indexed.index[0]) & (buckets.index + length <= indexed.index[-1] + step)
    return buckets[whole]


@settings(max_examples=40)
@given(
    pair=st.sampled_from([(a, b) for a in Timeframe for b in Timeframe if a is not b and a.divides(b)]),
    start=st.integers(0, 3000),
    holes=st.sets(st.integers(0, 299), max_size=40),
    count=st.integers(2, 300),
)
def test_coarser_bars_are_what_pandas_makes_of_finer_ones(
    pair: tuple[Timeframe, Timeframe],
    start: int,
    holes: set[int],
    count: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    own, wanted = pair
    rows = frame(count, own, str(pd.Timestamp("2024-01-01") + start * own.duration))
    kept = rows.drop(index=[hole for hole in holes if 1 < hole < count])
    path = write(kept, tmp_path_factory.mktemp("fine") / f"BTCUSDT-{own}.parquet")
    table = expected(kept, own, wanted)
    if table.empty:
        assert f"its {own} bars make no whole {wanted} bar" in refusal(path, wanted)
        return
    series = load(path, wanted)
    assert list(times(series)) == list(table.index)
    np.testing.assert_allclose(values(series), table.to_numpy().T, rtol=1e-12)
    np.testing.assert_array_equal(values(series)[:4], table.to_numpy().T[:4])


def test_a_bucket_that_was_never_whole_is_dropped_at_either_end(tmp_path: Path) -> None:
    rows = frame(150, "1m", "2024-01-01 00:01")
    series = load(write(rows, tmp_path / "x.csv"), "1h")
    assert [time.isoformat() for time in times(series)] == ["2024-01-01T01:00:00+00:00"]


def test_f048_a_hole_inside_a_bucket_is_still_counted(tmp_path: Path) -> None:
    series = load(write(frame(120).drop(index=[70, 71]), tmp_path / "x.csv"), "1h")
    assert len(series.bars) == 2
    assert (series.gaps, series.missing_bars) == (1, 2)


def test_real_bars_resample_as_pandas_does(real_data: Path) -> None:
    paths = sorted(real_data.rglob("BTC_USD*-1h.parquet"))
    assert paths
    for path in paths:
        rows = pd.read_parquet(path)
        series = load(path, "4h")
        table = expected(rows, "1h", "4h")
        assert list(times(series)) == list(table.index)
        np.testing.assert_allclose(values(series), table.to_numpy().T, rtol=1e-12)
