"""What another process sees of a trader through the journal is what the trader sees of itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from tests.data.making import write
from trader_cli import settings
from trader_cli.app.journaling import driven, opened_journal, replay_book, replay_record
from trader_cli.app.markets import Past, Span
from trader_cli.app.replaying import Replay, loaded_for
from trader_cli.app.watching import Watch
from trader_cli.domain.symbols import file_name
from trader_cli.engine import switches
from trader_cli.variant.loading import load_mapping

if TYPE_CHECKING:
    from pathlib import Path

    from trader_cli.domain.event import Event
    from trader_cli.engine.snapshot import Snapshot
    from trader_cli.engine.view import View
    from trader_cli.variant.model import Variant

RISK = {
    "max_position_size": 2_500,
    "max_total_exposure": 6_000,
    "max_concurrent_positions": 3,
    "max_daily_loss": 0.01,
    "max_drawdown": 0.03,
    "trailing_stop": 0.015,
    "cooldown_bars": 2,
    "max_holding_bars": 40,
}
EAGER: dict[str, dict[str, Any]] = {
    "rsi": {"oversold_level": 40, "overbought_level": 60, "upper_threshold": 0.65, "lower_threshold": 0.35},
    "momentum": {"lookback_period": 8, "threshold_buy": 1.0, "threshold_sell": -1.0, "volatility_filter": 1.0},
    "macd": {"threshold": 0.0005},
    "vwap": {"anchor": "rolling:30", "deviation": 0.004},
}
CASES = [
    ("bybit", "momentum", "crypto", {}, {"max_daily_loss"}),
    ("okx", "macd", "crypto", {"max_drawdown": 1.0}, set()),
    ("binance", "rsi", "futures", {"default_leverage": 3}, set()),
    (
        "bybit",
        "vwap",
        "futures",
        {"default_leverage": 2, "max_daily_loss": 1.0, "max_drawdown": 0.01},
        {"max_drawdown"},
    ),
    ("alpaca", "momentum", "stocks", {"max_position_size": 4_000}, set()),
]
"""The last are the limits that trip."""
BEGINS, DAYS = "2024-06-03", 46
SPAN = Span(datetime(2024, 7, 10, tzinfo=UTC), None)


def variant_of(broker: str, strategy: str, asset_class: str, risk: dict[str, Any]) -> Variant:
    cell = {"broker": broker, "strategy": strategy, "mode": "paper", "asset_class": asset_class}
    document = {
        "trader_name": "watched",
        "variants": cell,
        "strategy_config": {strategy: EAGER[strategy]},
        "risk_settings": RISK | risk,
        "session": {"timeframe": "15m"},
        "costs": {"funding_rate": 0.0001},
    }
    return load_mapping(document, environment={}).variant


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bars of every symbol; one in twenty is missing."""
    folder = tmp_path_factory.mktemp("history")
    symbols = {
        symbol for broker, strategy, kind, *_ in CASES for symbol in variant_of(broker, strategy, kind, {}).symbols
    }
    for seed, symbol in enumerate(sorted(symbols)):
        random = np.random.default_rng(seed)
        count = DAYS * 96
        close = np.round(100 * np.exp(np.cumsum(random.normal(0, 5e-3, count))), 2)
        opened = np.concatenate(([100.0], close[:-1]))
        columns = {
            "timestamp": pd.date_range(BEGINS, periods=count, freq="15min", tz="UTC"),
            "open": opened,
            "high": np.maximum(opened, close) * 1.002,
            "low": np.minimum(opened, close) / 1.002,
            "close": close,
            "volume": random.exponential(50, count),
        }
        write(pd.DataFrame(columns)[random.random(count) > 0.05], folder / f"{file_name(symbol)}-15m.parquet")
    return folder


@dataclass
class Comparing:
    """Looks through the journal whenever the session shows itself, and keeps both pictures."""

    watch: Watch
    variant: Variant
    thrown_at: int
    pairs: list[tuple[Snapshot, Snapshot]]

    def tell(self, event: Event) -> None:
        """Nothing is kept of it."""

    def leave(self, failure: str | None) -> None:
        """Nothing is kept of it."""

    def look(self, view: View, now: datetime) -> None:
        """Every third cycle; at one of them the kill switch is thrown, some cycles later it is released."""
        cycle = view.session.books.cycle
        if cycle % 3 == 0:
            seen = self.watch.look(datetime.now(UTC)).snapshot
            assert seen is not None
            self.pairs.append((view.snapshot(now), seen))
            assert_same_row(view, self.watch, now)
        if cycle == self.thrown_at:
            switches.throw(settings.halts_dir(), self.variant.name, flatten=cycle % 2 == 0)
        if cycle == self.thrown_at + 8:
            switches.release(settings.halts_dir(), self.variant.name)


def assert_same_row(view: View, watch: Watch, now: datetime) -> None:
    """Seen among others, it is the same as well."""
    book = view.title.variant
    (row, other) = Watch([book, "other"], watch._variants_dir).look(datetime.now(UTC)).standings
    own = view.standing()
    assert replace(row, data_time=None, decided_at=None) == replace(own, data_time=None, decided_at=None)
    assert other.decision == "has never traded"


@pytest.mark.parametrize(("broker", "strategy", "asset_class", "risk", "halts"), CASES)
def test_a_look_at_the_journal_shows_what_the_session_shows(
    broker: str,
    strategy: str,
    asset_class: str,
    risk: dict[str, Any],
    halts: set[str],
    history: Path,
    tmp_path: Path,
) -> None:
    """Field by field: money, positions with their levels, orders, trades, limits, halts."""
    variant = variant_of(broker, strategy, asset_class, risk)
    (tmp_path / "other.toml").write_text('trader_name = "other"\n[variants]\nbroker = "okx"\nstrategy = "rsi"\n')
    past = Past(history, SPAN, speed=1e9)
    comparing = Comparing(Watch(["watched"], tmp_path), variant, 150, [])
    with driven(replay_book(variant)):
        loaded = loaded_for(variant, past, lambda _: None)
        with opened_journal() as journal, replay_record(journal, variant, past, loaded) as record:
            asyncio.run(Replay(variant, past, loaded, record).run(comparing, 400))
    assert len(comparing.pairs) >= 60
    for own, seen in comparing.pairs:
        assert seen.driver is not None
        assert seen.driver.state == "running"
        told: dict[str, Any] = {"cycles": None, "source": seen.source, "driver": seen.driver, "warnings": ()}
        expected = replace(own, **told, realized_pnl=seen.realized_pnl)
        for field in fields(expected):
            assert getattr(seen, field.name) == getattr(expected, field.name), field.name
        assert seen.realized_pnl == pytest.approx(own.realized_pnl, abs=1e-9)
    last = [seen for _, seen in comparing.pairs]
    assert last[-1].trade_count >= 5
    assert any(seen.pending for seen in last)
    assert any(seen.refusals for seen in last)
    assert {halt.reason for seen in last for halt in seen.halts} >= {"kill_switch"} | halts
    held = [position for seen in last for position in seen.positions]
    assert any(abs(p.stop - p.entry_price) < 0.9 * abs(0.02 * p.entry_price) for p in held), "a trailing stop has moved"
    assert asset_class != "futures" or {position.side.sign for position in held} == {1, -1}
