"""The trap series gives the trades that an independent implementation found."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from trader_cli.backtest.run import backtest
from trader_cli.data.reading import load_bars
from trader_cli.domain.clock import iso, parse, to_nanoseconds
from trader_cli.domain.instrument import Instrument
from trader_cli.domain.market import Market
from trader_cli.domain.risk import Costs, RiskSettings, Sizing
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.registry import strategy_class
from trader_cli.rules.terms import Terms

if TYPE_CHECKING:
    from pathlib import Path

TERMS = Terms(
    starting_balance=1_000_000,
    risk=RiskSettings(
        sizing=Sizing.FIXED,
        max_position_size=10_000,
        max_total_exposure=1e12,
        max_daily_loss=1.0,
        max_drawdown=1.0,
        take_profit=0.05,
        stop_loss=0.02,
    ),
    costs=Costs(taker_fee=0.001, maker_fee=0.001, slippage_bps=0),
    instruments=(Instrument("TRAPUSDT", Decimal("0.01"), Decimal("1e-10"), Decimal("1e-10"), Decimal(0)),),
)


def test_the_trap_series_gives_its_443_trades_field_by_field(root: Path) -> None:
    golden = root / "tests" / "golden"
    with (golden / "traps-1m-trades.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    rsi = strategy_class("rsi")
    strategy = rsi(rsi.params_model.model_validate({"upper_threshold": 1.0, "lower_threshold": 0.0}))
    series = load_bars(golden / "traps-1m.parquet", "TRAPUSDT", Timeframe.M1, TradingHours.CONTINUOUS)
    result = backtest([Market(series.bars)], strategy, TERMS, start=to_nanoseconds(parse("2024-01-01T06:40:00Z")))

    assert len(result.trades) == len(expected) == 443
    for trade, row in zip(result.trades, expected, strict=True):
        assert (trade.symbol, trade.side) == (row["symbol"], row["side"])
        assert (iso(trade.entry_time), iso(trade.exit_time)) == (row["entry_time"], row["exit_time"])
        assert trade.exit_reason == row["exit_reason"]
        assert trade.quantity == pytest.approx(float(row["quantity"]), rel=1e-8)
        assert trade.entry_price == pytest.approx(float(row["entry_price"]), rel=1e-9)
        assert trade.exit_price == pytest.approx(float(row["exit_price"]), rel=1e-9)
        assert trade.fees == pytest.approx(float(row["fees"]), rel=1e-8)
        assert trade.pnl == pytest.approx(float(row["pnl"]), rel=1e-6)
        assert trade.return_fraction == pytest.approx(float(row["return"]), rel=1e-6)
