"""A user's folder: variants, market data, and the program called as the user calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.backtest.test_markets_loading import rates
from tests.cli.program import Outcome, trader
from tests.data.making import frame, write
from tests.strategies.test_registry import PLUGIN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    type Program = Callable[..., Outcome]

SPOT = """
[variants]
broker = "kraken"
strategy = "rsi"

[trading_symbols]
crypto = ["BTC/USD"]

[session]
timeframe = "1h"

[broker_config.credentials]
api_key = "${KEY_OF_A_TEST}"
"""
PERPETUAL = """
[variants]
broker = "bybit"
strategy = "mine.py:Breakout"
asset_class = "futures"

[trading_symbols]
futures = ["BTC/USDT:USDT"]

[session]
timeframe = "1h"
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the user works: two variants, one of them with a strategy of its own, and their data."""
    variants, data = tmp_path / "variants", tmp_path / "data"
    variants.mkdir(mode=0o755)
    (variants / "spot.toml").write_text(SPOT)
    (variants / "perpetual.toml").write_text(PERPETUAL)
    (variants / "mine.py").write_text(PLUGIN)
    (variants / "mine.py").chmod(0o644)
    write(frame(600, "1h"), data / "BTC_USD-1h.csv")
    for ending, timeframe in (("1h", "1h"), ("1h-mark", "1h"), ("15m", "15m")):
        hours = 600 * 4 if timeframe == "15m" else 600
        write(frame(hours, timeframe, seed=2), data / "futures" / f"BTC_USDT_USDT-{ending}.csv")
    rates(data / "futures" / "BTC_USDT_USDT-8h-funding.csv", "2024-01-01", 76)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def program(desk: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    """Calls `trader` in that folder."""
    return lambda *arguments: trader(capsys, *arguments)


@pytest.fixture
def documents(program: Program) -> Callable[..., dict[str, Any]]:
    """The document of a call that ends well."""

    def called(*arguments: object) -> dict[str, Any]:
        outcome = program(*arguments, "--json")
        assert (outcome.code, outcome.err) == (0, "")
        return outcome.document  # type: ignore[no-any-return]

    return called
