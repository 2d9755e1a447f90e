"""On real bars, under the terms a user would set, every strategy's trades are those of the literal reference."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from tests.backtest import reference
from trader_cli.backtest.run import Terms, backtest
from trader_cli.data.book import fee_tier, instrument
from trader_cli.data.reading import load_bars
from trader_cli.domain.clock import from_nanoseconds
from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.risk import Costs, RiskSettings, Sizing
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.registry import STRATEGIES, strategy_class

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
MARKETS = {
    "crypto": ("kraken", "BTC/USD", Timeframe.H1, TradingHours.CONTINUOUS, AssetClass.CRYPTO),
    "stocks": ("alpaca", "AAPL", Timeframe.D1, TradingHours.REGULAR, AssetClass.STOCKS),
}
LEAST_TRADES = 5


def terms_of(asset_class: str, sizing: Sizing) -> Terms:
    broker, symbol, _, _, kind = MARKETS[asset_class]
    tier = fee_tier(broker, kind)
    return Terms(
        starting_balance=10_000,
        risk=RiskSettings(
            sizing=sizing,
            max_position_size=2_500,
            risk_per_trade=0.004,
            max_daily_loss=0.02,
            max_drawdown=1.0,
            cooldown_bars=2,
            trailing_stop=0.03,
            max_holding_bars=40,
        ),
        costs=Costs(taker_fee=tier.taker, maker_fee=tier.maker, slippage_bps=2),
        instrument=instrument(broker, kind, symbol),
    )


@pytest.mark.parametrize(("asset_class", "name"), list(product(MARKETS, STRATEGIES)))
def test_real_bars_make_the_references_trades(asset_class: str, name: str) -> None:
    _, symbol, timeframe, hours, _ = MARKETS[asset_class]
    bars = load_bars(SAMPLES, symbol, timeframe, hours).bars
    found = strategy_class(name)
    anchored = {"anchor": "rolling:30"} if name == "vwap" and timeframe is Timeframe.D1 else {}
    strategy = found(found.params_model.model_validate(anchored))
    wishes = strategy.signals(bars)
    sizes = {}
    for sizing in Sizing:
        terms = terms_of(asset_class, sizing)
        result = backtest(bars, strategy, terms)
        columns = (bars.open, bars.high, bars.low, bars.close, bars.session)
        rows = [
            dict(zip(("open", "high", "low", "close", "day"), row, strict=True)) for row in zip(*columns, strict=True)
        ]
        exits = {0: None, 1: "signal", 2: "threshold"}
        signals = [
            {"entry": int(entry), "exit": exits[int(leave)]}
            for entry, leave in zip(wishes.entry, wishes.exit_long, strict=True)
        ]
        names = terms.numbers()._asdict() | {"sizing": str(sizing)}
        expected = reference.simulate(rows, signals, names, 0, strategy.warmup(timeframe, hours))  # type: ignore[no-untyped-call]
        assert len(result.trades) == len(expected["trades"]) >= LEAST_TRADES
        for trade, (entry, leave, quantity, entry_price, exit_price, fees, reason) in zip(
            result.trades, expected["trades"], strict=True
        ):
            assert trade.entry_time == from_nanoseconds(bars.open_time[entry])
            assert trade.exit_time == from_nanoseconds(bars.open_time[leave])
            assert trade.exit_reason == reason
            np.testing.assert_allclose(
                [trade.quantity, trade.entry_price, trade.exit_price, trade.fees],
                [quantity, entry_price, exit_price, fees],
                rtol=1e-12,
            )
        np.testing.assert_allclose(result.equity, expected["equity"], rtol=1e-11)
        sizes[sizing] = [trade.quantity for trade in result.trades]
    assert sizes[Sizing.RISK] != sizes[Sizing.FIXED]
