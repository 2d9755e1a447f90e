"""A venue on loopback that is there now, and a variant that trades on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.cli.program import Outcome, trader
from tests.data.making import frame
from tests.sandbox.plugin import install
from tests.sandbox.server import HOUR, Venue, serving
from trader_cli.domain.bars import Bars
from trader_cli.domain.timeframe import Timeframe, TradingHours

if TYPE_CHECKING:
    from collections.abc import Iterator

SYMBOLS = ("BTC/USDT", "ETH/USDT")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests talk to a server on this machine, and to nothing else."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1"]))


def around(now: int, symbol: str) -> Bars:
    """Hourly bars from two days before a time (ns) to two days after."""
    told = frame(96, "1h")
    opened, high, low, close, volume = (told[name].to_numpy() for name in ("open", "high", "low", "close", "volume"))
    times = now // HOUR * HOUR + np.arange(-48, 48) * HOUR
    return Bars(symbol, Timeframe.H1, TradingHours.CONTINUOUS, times, opened, high, low, close, volume, times // HOUR)


@pytest.fixture
def venue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Venue]:
    """The venue, whose clock runs with this machine's."""
    install(tmp_path, monkeypatch)
    now = time_ns()
    with serving(Venue({symbol: around(now, symbol) for symbol in SYMBOLS}, now=now, since=now)) as found:
        found.listed = list(SYMBOLS)
        yield found


@dataclass
class Practice:
    """The program, and a variants folder of its own."""

    venue: Venue
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def variant(self, name: str = "patient", *, url: str = "", more: str = "") -> str:
        """Writes a variant that trades on the venue."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / f"{name}.toml").write_text(
            '[variants]\nbroker = "bazaar"\nstrategy = "rsi"\n'
            f'[broker_config]\nendpoint = "{url or self.venue.url}"\n'
            '[broker_config.credentials]\napi_key = "${PATIENT_KEY}"\napi_secret = "${PATIENT_SECRET}"\n'
            f'[trading_symbols]\ncrypto = ["BTC/USDT", "ETH/USDT"]\n[session]\ntimeframe = "1h"\n{more}'
        )
        return name

    def examined(self, *arguments: object) -> tuple[Outcome, dict[str, tuple[str, str]]]:
        """What the doctor says: the outcome, and each check's state and finding."""
        outcome = trader(self.capsys, "--variants-dir", self.folder, "doctor", "--json", *arguments)
        found = outcome.document["checks"]
        return outcome, {each["check"]: (each["state"], each["found"]) for each in found}


@pytest.fixture
def practice(venue: Venue, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Practice:
    return Practice(venue, tmp_path / "variants", capsys)
