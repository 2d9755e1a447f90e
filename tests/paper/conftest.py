"""A venue on loopback, a broker plug-in that knows it, and a variant that trades there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.program import Outcome, trader
from tests.sandbox.plugin import install
from tests.sandbox.server import Venue, serving
from trader_cli.app.markets import terms_of
from trader_cli.backtest.run import backtest
from trader_cli.data.reading import load_bars
from trader_cli.domain.market import Market
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.variant.loading import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trader_cli.backtest.result import Result
    from trader_cli.domain.bars import Bars

ROOT = Path(__file__).resolve().parent.parent.parent
FIRST = 3_300
"""The first bar that is traded: some days before bitcoin halves in November 2018."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests talk to a server on this machine, and to nothing else."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1"]))


@pytest.fixture(scope="session")
def history() -> Bars:
    """BTC/USD by the hour."""
    return load_bars(ROOT / "samples", "BTC/USD", Timeframe.H1, TradingHours.CONTINUOUS).bars


@pytest.fixture
def venue(history: Bars, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Venue]:
    """The venue, just after the close of the bar `FIRST`, and its plug-in installed."""
    install(tmp_path, monkeypatch)
    with serving(Venue({"BTC/USD": history}, now=0)) as found:
        found.close_of(FIRST)
        yield found


@dataclass
class Desk:
    """The variants folder of one test, and the program."""

    folder: Path
    venue: Venue
    capsys: pytest.CaptureFixture[str]

    def variant(self, name: str = "sandy", /, **settings: Any) -> str:
        """Writes a variant that trades on the venue; `settings` by dotted key with `__` for the dot."""
        document: dict[str, dict[str, Any]] = {
            "variants": {"broker": "sandbox", "strategy": "rsi", "mode": "paper", "asset_class": "crypto"},
            "broker_config": {"endpoint": self.venue.url},
            "trading_symbols": {"crypto": ["BTC/USD"]},
            "session": {"timeframe": "1h"},
        }
        for key, value in settings.items():
            section, _, field = key.partition("__")
            document.setdefault(section, {})[field] = value
        lines = []
        for section, fields in document.items():
            lines.append(f"[{section}]")
            lines += [f"{field} = {json.dumps(value)}" for field, value in fields.items()]
        (self.folder / f"{name}.toml").write_text("\n".join(lines) + "\n")
        return name

    def trader(self, *arguments: object) -> Outcome:
        """Runs `trader ARGUMENTS` in this process."""
        return trader(self.capsys, "--variants-dir", self.folder, *arguments)

    def once(self, *arguments: object) -> Outcome:
        """One pass of the variant called `sandy`, as cron makes it."""
        return self.trader("paper", *(arguments or ("sandy",)), "--once", "--json")

    def events(self, outcome: Outcome, kind: str | None = None) -> list[dict[str, Any]]:
        """What a session told."""
        told = [json.loads(line) for line in outcome.out.splitlines()]
        return [event for event in told if kind is None or event["event"] == kind]


@pytest.fixture
def desk(venue: Venue, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    folder = tmp_path / "variants"
    folder.mkdir()
    return Desk(folder, venue, capsys)


def backtested(desk: Desk, history: Bars, name: str, first: int, last: int) -> Result:
    """What a backtest makes of the same bars."""
    variant = load(name, variants_dir=desk.folder, environment={}).variant
    told = history.slice(0, last + 1)
    start = int(history.open_time[first])
    return backtest([Market(told)], variant.strategy(), terms_of(variant, variant.symbols), start=start)
