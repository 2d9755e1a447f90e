"""Stretches of real markets, and the variants that trade them: what law P1 is shown on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from trader_cli.app.markets import Span
from trader_cli.domain.timeframe import Timeframe
from trader_cli.variant.loading import load_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trader_cli.domain.risk import Sizing
    from trader_cli.variant.model import Variant

STRATEGIES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "momentum": {"lookback_period": 8, "threshold_buy": 1.0, "threshold_sell": -1.0, "volatility_filter": 1.0},
        "rsi": {"oversold_level": 40, "overbought_level": 60, "upper_threshold": 0.65, "lower_threshold": 0.35},
        "macd": {"threshold": 0.0005},
        "mfi": {"oversold_level": 30, "overbought_level": 70},
        "vwap": {"anchor": "rolling:30", "deviation": 0.004},
    }
)
"""Eager parameters: a case in which nothing is traded proves nothing."""

RISK: Mapping[str, Any] = MappingProxyType(
    {
        "max_position_size": 2_500,
        "max_total_exposure": 1e9,
        "risk_per_trade": 0.004,
        "max_daily_loss": 0.02,
        "max_drawdown": 1.0,
    }
)
"""At a stop 2 % away sizing by risk trades some 2000, below the cap, and by how much changes with the equity."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A stretch of real data: which symbols of which folder from when to when, and on what terms.

    `folder` starts at the samples, or where `is_shipped` is False at the larger data of TRADER_TEST_DATA.
    """

    broker: str
    asset_class: str
    symbols: tuple[str, ...]
    timeframe: str
    folder: str
    start: str
    end: str
    detail: Timeframe | None = None
    risk: Mapping[str, Any] = field(default_factory=dict)
    costs: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    is_shipped: bool = False

    @property
    def span(self) -> Span:
        """The part that is judged; what lies before it warms up."""
        start, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (self.start, self.end))
        return Span(start, end)

    @property
    def is_futures(self) -> bool:
        """Whether contracts are traded, so that shorts must occur."""
        return self.asset_class == "futures"

    def source(self, samples: Path, larger: Path) -> Path:
        """Where the data lies."""
        return (samples if self.is_shipped else larger) / self.folder

    def variant(self, strategy: str, sizing: Sizing) -> Variant:
        """The variant that trades this scene."""
        document = {
            "trader_name": "scene",
            "variants": {
                "broker": self.broker,
                "strategy": strategy,
                "mode": "backtest",
                "asset_class": self.asset_class,
            },
            "strategy_config": {strategy: {**STRATEGIES[strategy], **self.params.get(strategy, {})}},
            "trading_symbols": {self.asset_class: list(self.symbols)},
            "risk_settings": {**RISK, **self.risk, "sizing": str(sizing)},
            "session": {"timeframe": self.timeframe},
            "costs": dict(self.costs),
        }
        return load_mapping(document, environment={}).variant


COINS = "BTC/USDT", "ETH/USDT", "SOL/USDT", "ADA/USDT"
PERPETUALS = "BTC/USDT:USDT", "ETH/USDT:USDT"

SCENES: Mapping[str, Scene] = MappingProxyType(
    {
        "spot, one symbol: BTC halves in November 2018": Scene(
            *("kraken", "crypto", ("BTC/USD",), "1h", "coinbase", "2018-10-25", "2019-01-10"),
            risk={"trailing_stop": 0.015, "cooldown_bars": 3},
            is_shipped=True,
        ),
        "spot, several symbols: holes and the crash of May 2021": Scene(
            *("binance", "crypto", COINS, "1h", "repo/binance", "2021-04-19", "2021-05-24"),
            risk={"max_concurrent_positions": 3, "max_holding_bars": 30, "max_drawdown": 0.08},
        ),
        "spot, both sides: LUNA ends, and another coin takes its name": Scene(
            *("binance", "crypto", ("LUNA/USDT", "BTC/USDT"), "1h", "repo/binance", "2022-04-20", "2022-06-10"),
            risk={"allow_short": True, "take_profit": 0.5, "stop_loss": 0.1, "risk_per_trade": 0.02},
        ),
        "spot, finer bars decide: August 2024 by the minute": Scene(
            *("binance", "crypto", ("ETH/USDT", "BTC/USDT"), "1h", "repo/binance", "2024-07-28", "2024-08-20"),
            detail=Timeframe.M1,
            risk={"take_profit": 0.01, "stop_loss": 0.005, "trailing_stop": 0.004, "risk_per_trade": 0.001},
        ),
        "stocks, one symbol: AAPL by day, with the flash crash of 2010": Scene(
            *("alpaca", "stocks", ("AAPL",), "1d", "us", "2005-06-01", "2013-03-01"),
            risk={"stop_loss": 0.05, "risk_per_trade": 0.01, "cooldown_bars": 2, "max_holding_bars": 20},
            is_shipped=True,
        ),
        "stocks, several symbols: a holiday, a half day, the end of summer time": Scene(
            *("alpaca", "stocks", ("AAPL", "MSFT", "TSLA"), "15m", "repo/us-stocks", "2025-10-27", "2025-12-05"),
            risk={
                "fractional_shares": True,
                "allow_short": True,
                "take_profit": 0.02,
                "stop_loss": 0.01,
                "risk_per_trade": 0.002,
            },
            costs={"slippage_bps": 3},
            params={"momentum": {"threshold_buy": 0.4, "threshold_sell": -0.4}},
        ),
        "futures, one symbol, leverage 20: March 2020": Scene(
            *("binance", "futures", PERPETUALS[:1], "1h", "repo/binance-usdm", "2020-02-20", "2020-04-05"),
            risk={"default_leverage": 20, "stop_loss": 0.0445, "take_profit": 0.1, "risk_per_trade": 0.01},
        ),
        "futures, several symbols, leverage 5: March 2020": Scene(
            *("bybit", "futures", PERPETUALS, "1h", "repo/binance-usdm", "2020-02-20", "2020-04-01"),
            risk={"default_leverage": 5, "trailing_stop": 0.03, "stop_loss": 0.1, "risk_per_trade": 0.02},
        ),
        "futures, several symbols, unlevered, by the minute": Scene(
            *(
                "okx",
                "futures",
                ("SOL/USDT:USDT", "ADA/USDT:USDT"),
                "1m",
                "repo/binance-usdm",
                "2025-06-12T20",
                "2025-06-13T12",
            ),
            risk={"take_profit": 0.01, "stop_loss": 0.005, "risk_per_trade": 0.001, "cooldown_bars": 10},
            params={
                "momentum": {"threshold_buy": 0.3, "threshold_sell": -0.3},
                "vwap": {"deviation": 0.002},
                "macd": {"threshold": 0.0001},
            },
        ),
    }
)
