"""A venue on loopback with history to fetch: a coin that was listed on a Saturday, its contract, and a stock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.cli.program import Outcome, trader
from tests.data.making import at, frame
from tests.sandbox.plugin import install
from tests.sandbox.server import HOUR, Venue, serving
from trader_cli.app import paging
from trader_cli.domain.clock import parse, to_nanoseconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.data.making import Frame
    from tests.sandbox.server import Rows

LISTED, NOW = "2024-02-10", "2024-04-01T00:30"
"""51 days lie between: 1,224 hourly bars have closed, in 13 pages of 100."""

COIN, CONTRACT, STOCK = "BTC/USDT", "BTC/USDT:USDT", "AAPL"
HOURS = 51 * 24


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests talk to a server on this machine, and to nothing else."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1"]))


def ns(time: str) -> int:
    """A time in the unit of columns."""
    return to_nanoseconds(parse(time))


def rows(told: Frame) -> Rows:
    """Bars as the venue tells them."""
    times = told["timestamp"].dt.tz_localize(None).astype("datetime64[ns]").astype("int64")
    values = told[["open", "high", "low", "close", "volume"]].to_numpy().tolist()
    return [[int(time), *row] for time, row in zip(times, values, strict=True)]


def by_the_day(told: Frame) -> Rows:
    """The same in daily bars."""
    how = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    return rows(told.resample("1D", on="timestamp").agg(how).reset_index())


def stocked(venue: Venue, symbol: str = COIN, seed: int = 1) -> None:
    """Gives the venue a coin's hours and days; the hour in progress is the last of them."""
    hours = frame(HOURS + 1, "1h", LISTED, seed)
    venue.history[symbol, "1h", "trades"] = rows(hours)
    venue.history[symbol, "1d", "trades"] = by_the_day(hours)


@pytest.fixture
def venue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Venue]:
    """The venue, and its plug-in installed. What makes no sense is asked for again at once."""
    install(tmp_path, monkeypatch)
    monkeypatch.setattr(paging, "PAUSE_SECONDS", 0.0)
    with serving(Venue({}, now=ns(NOW))) as found:
        found.lengths = {"1m": HOUR // 60, "1h": HOUR, "1d": 24 * HOUR}
        stocked(found)
        contract = frame(HOURS + 1, "1h", LISTED, seed=2)
        found.history[CONTRACT, "1h", "trades"] = rows(contract)
        found.history[CONTRACT, "1d", "trades"] = by_the_day(contract)
        found.history[CONTRACT, "1h", "mark"] = [[*row[:5], 0.0] for row in rows(contract)]
        found.history[CONTRACT, "1d", "mark"] = by_the_day(contract)
        settlements = pd.date_range(LISTED, NOW, freq="8h", tz="UTC")
        found.history[CONTRACT, "", "funding"] = [
            [int(time.value), 1e-4 * (1 + row % 3)] for row, time in enumerate(settlements)
        ]
        days = pd.bdate_range("2024-01-02", "2024-03-28", tz="UTC")
        found.history[STOCK, "1d", "trades"] = rows(at(frame(len(days), "1d"), days))
        yield found


@dataclass
class Shop:
    """The program, pointed at the venue and at a data folder of its own."""

    venue: Venue
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def arguments(self, *more: object, asset_class: str = "crypto", timeframe: str = "1h") -> list[str]:
        """What `trader` is called with."""
        endpoint = f"broker_config.endpoint={self.venue.url}"
        fixed = ["--broker", "bazaar", "--asset-class", asset_class, "--timeframe", timeframe, "--set", endpoint]
        return ["data", "fetch", *fixed, "--data", str(self.folder), *map(str, more)]

    def fetch(self, *more: object, symbol: str = COIN, **how: Any) -> Outcome:
        """Fetches one symbol, with a JSON document."""
        return trader(self.capsys, *self.arguments("--symbol", symbol, "--json", *more, **how))

    @property
    def file(self) -> Path:
        """Where the coin's hours are."""
        return self.folder / "bazaar" / "BTC_USDT-1h.parquet"

    def asked(self, timeframe: str = "1h", kind: str = "trades") -> list[int]:
        """From when on pages of the coin's hours were asked for."""
        return [start for _, length, of, start in self.venue.pages if (length, of) == (timeframe, kind)]

    def kept(self, path: Path | None = None) -> Rows:
        """What stands in a file, as the venue tells it."""
        table = pq.read_table(path or self.file)
        times = table["timestamp"].cast("int64").to_numpy() * 1_000_000
        values = np.array([column.to_numpy() for column in table.columns[1:]]).T
        return [[int(time), *row] for time, row in zip(times, values.tolist(), strict=True)]

    def notes(self, path: Path | None = None) -> dict[str, str]:
        """The notes in a file's metadata."""
        found = pq.read_schema(path or self.file).metadata
        return {name.decode(): text.decode() for name, text in found.items()}


@pytest.fixture
def shop(venue: Venue, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shop:
    return Shop(venue, tmp_path / "data", capsys)
