"""The six venues' history, as simulated ones tell it: every bar that has closed, to the last digit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.cli.program import trader
from tests.readers.cases import BEGINS, CASES, HISTORY, Case, settled
from tests.venues.server import serving
from trader_cli.data.catalog import venue_folder
from trader_cli.data.times import iso
from trader_cli.registry import broker_class

if TYPE_CHECKING:
    from pathlib import Path

    from tests.readers.cases import Rows


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    """Each asset class of each venue."""
    found: Case = request.param
    return found


def kept(path: Path) -> list[tuple[float, ...]]:
    """The rows of a file."""
    table = pq.read_table(path)
    times = table["timestamp"].cast("int64").to_numpy() * 1_000_000
    return list(zip(times.tolist(), *(column.to_pylist() for column in table.columns[1:]), strict=True))


def told(case: Case, rows: Rows) -> list[tuple[float, ...]]:
    """The same of a venue's own rows; volumes are told in coins."""
    size = case.market.contract_size
    return [(row[0], *map(float, row[1:5]), float(row[5] * size)) for row in rows]


def test_what_is_fetched_is_the_venues_history_and_fetched_again_it_stays_the_same(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALPACA_API_KEY", "a-key")
    monkeypatch.setenv("ALPACA_API_SECRET", "a-secret")
    fixed = ("--broker", case.broker, "--asset-class", case.asset_class, "--symbol", case.symbol, "--timeframe", "1m")
    with serving(case.front(case.exchange())) as venue:
        where = ("--set", f"broker_config.endpoint={venue.url}", "--data", tmp_path)
        outcome = trader(capsys, "data", "fetch", *fixed, *where, "--from", iso(BEGINS), "--json")
        assert outcome.code == 0, outcome.err
        series = outcome.document["series"]
        files = {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")}
        again = trader(capsys, "data", "fetch", *fixed, *where, "--json")
    assert [one["added"] for one in again.document["series"]] == [0] * len(series)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")} == files
    assert {path.parent.name for path in files} == {venue_folder(case.broker, case.asset_class)}
    expected = case.rows[:HISTORY]
    found = kept(tmp_path / series[0]["path"])
    shown = broker_class(case.broker).capabilities(case.asset_class)
    assert shown is not None
    if shown.history_bars is not None:
        assert f"{case.broker} shows the newest {shown.history_bars} bars of 1m alone" in outcome.err
        expected = expected[1 - shown.history_bars :]  # one of them is in progress
    assert found == told(case, expected)
    assert (series[0]["gaps"], series[0]["missing_bars"]) == (0, 0)
    kinds = ["trades", *["mark"] * shown.has_marks, *["funding"] * shown.has_funding]
    assert [one["kind"] for one in series] == kinds
    paths = {one["kind"]: tmp_path / one["path"] for one in series}
    if shown.has_marks:
        np.testing.assert_allclose(kept(paths["mark"]), told(case, case.mark_rows[:HISTORY]), rtol=1e-12)
    if shown.has_funding:
        assert kept(paths["funding"]) == [(time, float(rate)) for time, rate in settled() if BEGINS <= time <= case.now]
        assert paths["funding"].name.endswith("-8h-funding.parquet")
