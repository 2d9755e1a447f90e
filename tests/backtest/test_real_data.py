"""On real bars, under the terms a user would set, every strategy's trades are those of the literal reference."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.backtest.literal import assert_same, read_aloud
from trader_cli.backtest.kernel import simulate
from trader_cli.data.book import fee_tier, instrument
from trader_cli.data.reading import load_bars
from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.market import Market
from trader_cli.domain.risk import Costs, RiskSettings, Sizing
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.registry import STRATEGIES, strategy_class
from trader_cli.rules.terms import Terms

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars
    from trader_cli.strategies.base import Strategy

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
MARKETS = {
    "crypto": ("kraken", "BTC/USD", Timeframe.H1, TradingHours.CONTINUOUS, AssetClass.CRYPTO),
    "stocks": ("alpaca", "AAPL", Timeframe.D1, TradingHours.REGULAR, AssetClass.STOCKS),
}
LEAST_TRADES = 5
LATER = 500
"""Bars by which the second symbol of an account is ahead of the first: as unlike as two symbols are."""


def terms_of(asset_class: str, sizing: Sizing, symbols: int = 1, **futures: Any) -> Terms:
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
            max_concurrent_positions=1,
            allow_short=bool(futures),
        ),
        costs=Costs(taker_fee=tier.taker, maker_fee=tier.maker, slippage_bps=2),
        instruments=(instrument(broker, kind, symbol),) * symbols,
        **futures,
    )


def bars_and_strategy(asset_class: str, name: str) -> tuple[Bars, Strategy[Any]]:
    _, symbol, timeframe, hours, _ = MARKETS[asset_class]
    found = strategy_class(name)
    anchored = {"anchor": "rolling:30"} if name == "vwap" and timeframe is Timeframe.D1 else {}
    return load_bars(SAMPLES, symbol, timeframe, hours).bars, found(found.params_model.model_validate(anchored))


def quantities(markets: list[Market], strategy: Strategy[Any], terms: Terms) -> list[float]:
    """Of the trades that kernel and reference agree on."""
    bars = markets[0].bars
    arguments = markets, [strategy.signals(market.bars) for market in markets], terms.numbers(), terms.grids()
    warmup = strategy.warmup(bars.timeframe, bars.hours)
    outcome = simulate(*arguments, warmup=warmup)
    assert_same(outcome, read_aloud(*arguments, warmup=warmup))
    assert len(outcome.trades) >= LEAST_TRADES
    return outcome.trades[:, 4].tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize(("asset_class", "name"), list(product(MARKETS, STRATEGIES)))
def test_real_bars_make_the_references_trades(asset_class: str, name: str) -> None:
    bars, strategy = bars_and_strategy(asset_class, name)
    found = [quantities([Market(bars)], strategy, terms_of(asset_class, sizing)) for sizing in Sizing]
    assert found[0] != found[1]


@pytest.mark.parametrize("name", STRATEGIES)
def test_two_contracts_of_one_account_make_the_references_trades(name: str) -> None:
    bars, strategy = bars_and_strategy("crypto", name)
    ahead = bars.slice(LATER, len(bars))
    markets = [Market(bars.slice(0, len(ahead))), Market(replace(ahead, open_time=bars.open_time[: len(ahead)]))]
    terms = terms_of("crypto", Sizing.RISK, symbols=2, leverage=5, is_margined=True)
    quantities(markets, strategy, terms)
