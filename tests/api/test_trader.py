"""The library as a user's own program calls it: the four ways of use that the toolkit was made for."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import tomli_w

from trader_cli import Trader
from trader_cli.conformance import market
from trader_cli.domain.clock import parse
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from trader_cli.backtest.result import Result
    from trader_cli.domain.event import Event
    from trader_cli.engine.view import View


@pytest.fixture(autouse=True)
def _at_the_top(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Two thousand hours of made-up markets, filed under the symbols of the examples."""
    import pandas as pd

    folder = tmp_path / "history"
    folder.mkdir()
    for seed, symbol in enumerate(["BTCUSDT", "ETHUSDT", "BTC_USD_PERP", "BTC_USD"]):
        bars = market(seed, 2000, timeframe=Timeframe.H1, hours=TradingHours.CONTINUOUS)
        columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
        pd.DataFrame({"timestamp": bars.open_time, **columns}).to_parquet(folder / f"{symbol}-1h.parquet")
    return folder


def write(folder: Path, name: str, **sections: dict[str, Any]) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(tomli_w.dumps(sections), encoding="utf-8")
    return path


def assert_traded(result: Result) -> None:
    assert result.metrics.trades == len(result.trades) > 0


def test_example_1_bybit_crypto_live_replayed_without_arming_or_keys(tmp_path: Path, history: Path) -> None:
    path = write(
        tmp_path,
        "bybit_crypto_live",
        variants={"broker": "bybit", "strategy": "momentum", "mode": "live", "asset_class": "crypto"},
        trading_symbols={"crypto": ["BTCUSDT", "ETHUSDT"]},
        session={"timeframe": "1h"},
    )
    trader = Trader.load(path)
    assert_traded(asyncio.run(trader.run(replay=history)))


def test_example_2_alpaca_stocks_paper_on_the_shipped_sample() -> None:
    trader = Trader.load("variants/demo_aapl_momentum.toml")

    async def session() -> Result:
        return await trader.run(replay="samples")

    assert_traded(asyncio.run(session()))


def test_example_3_binance_futures_rsi_trades_both_sides_with_leverage(tmp_path: Path, history: Path) -> None:
    path = write(
        tmp_path,
        "binance_futures_rsi",
        variants={"broker": "binance", "strategy": "rsi", "mode": "futures", "asset_class": "futures"},
        trading_symbols={"futures": ["BTC_USD_PERP"]},
        risk_settings={"default_leverage": 10, "max_drawdown": 1.0, "max_daily_loss": 1.0},
        costs={"funding_rate": 0.0001},
        session={"timeframe": "1h"},
    )
    result = asyncio.run(Trader.load(str(path)).run(replay=history))
    assert {str(trade.side) for trade in result.trades} == {"long", "short"}
    assert result.metrics.funding != 0


def test_example_4_a_variant_made_at_run_time_as_a_mapping_and_as_a_file(tmp_path: Path, history: Path) -> None:
    config: dict[str, dict[str, Any]] = {
        "variants": {"broker": "kraken", "strategy": "macd", "mode": "paper", "asset_class": "crypto"},
        "strategy_config": {"macd": {"fast_period": 8, "slow_period": 21}},
        "broker_config": {"test_mode": False},
        "trading_symbols": {"crypto": ["BTC/USD"]},
        "session": {"timeframe": "1h"},
    }
    from_mapping = asyncio.run(Trader.load(config).run(replay=history))
    from_file = asyncio.run(Trader.load(write(tmp_path, "kraken_crypto_macd", **config)).run(replay=history))
    assert_traded(from_mapping)
    assert from_file.trades == from_mapping.trades


def test_backtest_gives_the_document_of_the_program_as_a_typed_value(capsys: pytest.CaptureFixture[str]) -> None:
    from trader_cli.cli.main import main

    result = Trader.load("variants/demo_btc_rsi.toml").backtest("samples")
    assert main(["backtest", "demo_btc_rsi", "--data", "samples", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert {**result.document("demo_btc_rsi"), "run": printed["run"]} == printed


def test_a_run_and_a_backtest_of_the_same_span_are_the_same_trades() -> None:
    trader = Trader.load("demo_btc_rsi")
    start, end = parse("2018-09-01"), parse("2018-12-01")
    replayed = asyncio.run(trader.run(replay="samples", start=start, end=end))
    assert replayed.trades == trader.backtest("samples", start=start, end=end).trades != ()


def test_cycles_bound_a_run_and_an_onlooker_hears_every_event() -> None:
    class Ear:
        def __init__(self) -> None:
            self.heard: list[str] = []
            self.looks = 0

        def tell(self, event: Event) -> None:
            self.heard.append(str(event.kind))

        def leave(self, failure: str | None) -> None:
            pass

        def look(self, view: View, now: Any) -> None:
            assert view.snapshot(now).cycle == self.looks + 1
            self.looks += 1

    ear = Ear()
    result = asyncio.run(Trader.load("demo_btc_rsi").run(cycles=150, replay="samples", onlooker=ear))
    assert result.period.bars == ear.looks == ear.heard.count("cycle") == 150
    assert ear.heard[-1] == "end"


def test_several_traders_share_a_loop_and_a_stop_ends_them() -> None:
    async def sessions() -> list[Result | BaseException]:
        names = "demo_btc_rsi", "demo_aapl_momentum"
        tasks = [asyncio.ensure_future(Trader.load(name).run(replay="samples")) for name in names]
        await asyncio.sleep(0.05)
        tasks[0].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    stopped, finished = asyncio.run(sessions())
    assert isinstance(stopped, asyncio.CancelledError)
    assert not isinstance(finished, BaseException)
    assert_traded(finished)


def test_what_is_wrong_is_an_error_that_names_it() -> None:
    with pytest.raises(ConfigError, match="bybt"):
        Trader.load({"variants": {"broker": "bybt", "strategy": "rsi"}})
    with pytest.raises(UsageError, match="replay"):
        asyncio.run(Trader.load("binance_futures_live").run())
    with pytest.raises(UsageError, match="at least 1"):
        asyncio.run(Trader.load("demo_btc_rsi").run(cycles=0, replay="samples"))


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = "import sys, trader_cli; print({'numpy', 'pydantic', 'rich', 'numba', 'ccxt'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
