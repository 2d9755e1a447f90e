"""What the cases stand on: the compiled C programs, the series, a folder of variants. All in bench/.build."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from bench import data, rules
from bench.timing import ROOT, BenchError

if TYPE_CHECKING:
    from pathlib import Path

BUILD = ROOT / "bench" / ".build"
COMPILE = ("cc", "-O3", "-march=native", "-Wall", "-Wextra", "-Werror", "-pthread")

LISTED_VARIANTS = 300
CELLS = (
    ("bybit", "rsi", "paper", "crypto"),
    ("binance", "macd", "futures", "futures"),
    ("okx", "momentum", "backtest", "crypto"),
    ("kraken", "mfi", "live", "crypto"),
    ("alpaca", "vwap", "paper", "stocks"),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything lies."""

    program: Path
    columns: Path
    parquet: Path
    variant: Path
    variants: Path
    sha256: str
    program_sweep: Path
    program_dense: Path
    program_levels: Path
    program_macd: Path
    columns_swept: Path
    sha256_swept: str
    program_together: Path
    columns_together: Path
    sha256_together: str

    def trades(self, engine: str) -> Path:
        """Where an engine writes its trades, or what they come to."""
        return BUILD / f"{engine.replace(' ', '-')}.trades"


def compiled_c(name: str, folder: Path = BUILD, *flags: str) -> Path:
    """The C program `name`.c, compiled for this machine but for what `flags` say."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    done = subprocess.run(
        [*COMPILE, *flags, "-o", str(program), str(ROOT / "bench" / f"{name}.c"), "-lm"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BenchError(f"{name}.c does not compile: {done.stderr.strip()}")
    return program


def built() -> Stage:
    """Makes everything anew, which takes some seconds."""
    columns = data.generated()
    swept = data.generated(rules.SWEEP_BARS)
    together = data.generated_together(rules.SYMBOLS, rules.SYMBOL_BARS)
    stage = Stage(
        program=compiled_c("w1"),
        columns=BUILD / "w1-columns",
        parquet=BUILD / "W1USDT-1m.parquet",
        variant=BUILD / "w1.toml",
        variants=BUILD / "variants",
        sha256=columns.sha256(),
        program_sweep=compiled_c("w2"),
        program_dense=compiled_c("w2_dense"),
        program_levels=compiled_c("w2_levels"),
        program_macd=compiled_c("w2_macd"),
        columns_swept=BUILD / "w2-columns",
        sha256_swept=swept.sha256(),
        program_together=compiled_c("w3"),
        columns_together=BUILD / "w3-columns",
        sha256_together=together.sha256(),
    )
    columns.write(stage.columns)
    swept.write(stage.columns_swept)
    together.write(stage.columns_together)
    _write_parquet(columns, stage.parquet)
    stage.variant.write_text(W1_VARIANT, encoding="utf-8")
    stage.variants.mkdir(exist_ok=True)
    for number in range(LISTED_VARIANTS):
        (stage.variants / f"listed-{number:03}.toml").write_text(_listed_variant(number), encoding="utf-8")
    return stage


def _write_parquet(columns: data.Columns, path: Path) -> None:
    """The series as the program reads it: CONTRACT section 5."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    prices = {field.name: getattr(columns, field.name) for field in fields(columns)}
    count = len(columns.close)
    time = pa.array(data.times(count), pa.timestamp("ns", tz="UTC"))
    pq.write_table(pa.table({"timestamp": time, **prices, "volume": np.ones(count)}), path)


W1_VARIANT = f"""\
trader_name = "w1"

[variants]
broker = "bybit"
strategy = "rsi"
mode = "backtest"

[strategy_config.rsi]
period = {rules.W1.period}
oversold_level = {rules.W1.oversold}
overbought_level = {rules.W1.overbought}
upper_threshold = 1.0
lower_threshold = 0.0

[trading_symbols]
crypto = ["W1USDT"]

[risk_settings]
sizing = "fixed"
max_position_size = {rules.NOTIONAL}
max_total_exposure = {rules.START_CASH}
take_profit = {rules.TAKE_PROFIT}
stop_loss = {rules.STOP_LOSS}
max_daily_loss = 1.0
max_drawdown = 1.0

[session]
timeframe = "1m"
starting_balance = {rules.START_CASH}

[costs]
taker_fee = {rules.FEE}
maker_fee = {rules.FEE}
slippage_bps = 0
"""


def _listed_variant(number: int) -> str:
    """One of many variants, no two alike, of the length people write."""
    broker, strategy, mode, asset_class = CELLS[number % len(CELLS)]
    symbols = {"crypto": '["BTCUSDT", "ETHUSDT"]', "futures": '["BTC_USD_PERP"]', "stocks": '["AAPL", "MSFT"]'}
    return f"""\
trader_name = "listed-{number:03}"
version = "1"

[variants]
broker = "{broker}"
strategy = "{strategy}"
mode = "{mode}"
asset_class = "{asset_class}"

[strategy_config.rsi]
period = {5 + number % 40}
oversold_level = 30
overbought_level = 70

[strategy_config.macd]
fast_period = 12
slow_period = {20 + number % 20}
signal_period = 9

[broker_config.credentials]
api_key = "${{KEY_{number}}}"
api_secret = "${{SECRET_{number}}}"

[trading_symbols]
{asset_class} = {symbols[asset_class]}

[risk_settings]
max_position_size = {500 + number}
max_total_exposure = 3000
max_concurrent_positions = 8
risk_per_trade = 0.02
take_profit = 0.05
stop_loss = 0.02

[session]
timeframe = "15m"
poll_seconds = 30
"""
