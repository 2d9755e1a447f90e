"""The strategies under test: every registered one, by default and with other parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trader_cli.registry import strategy_class, strategy_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trader_cli.domain.bars import Bars, Floats
    from trader_cli.strategies.base import Strategy

UNUSUAL: Mapping[str, tuple[Mapping[str, object], ...]] = {
    "macd": ({"fast_period": 2, "slow_period": 3, "signal_period": 2}, {"signal_period": 40, "threshold": 0.0}),
    "mfi": ({"period": 2}, {"period": 100}),
    "momentum": ({"lookback_period": 2}, {"lookback_period": 101, "threshold_buy": -1}),
    "rsi": ({"period": 2}, {"period": 5, "upper_threshold": 1.0, "lower_threshold": 0.0}),
    "vwap": ({"anchor": "rolling:2"}, {"anchor": "rolling:100", "deviation": 0.0}),
}


def build(name: str, **params: Any) -> Strategy[Any]:
    """The strategy of that name."""
    found = strategy_class(name)
    return found(found.params_model(**params))


def every_strategy() -> list[Strategy[Any]]:
    """All that are registered, each with its defaults and with each of its unusual parameter sets."""
    return [build(name, **params) for name in strategy_names() for params in ({}, *UNUSUAL.get(name, ()))]


def label(strategy: Strategy[Any]) -> str:
    """The name of a test case."""
    changed = strategy.params.model_dump(exclude_defaults=True)
    return "-".join([strategy.name, *(f"{key}={value}" for key, value in changed.items())])


def law_p3(bars: Bars) -> Mapping[str, Floats | float]:
    """By how much law P3 lets each value differ: 1e-9 of 100 or of the close, 1e-13 of the close for MACD."""
    return {
        "rsi": 1e-7,
        "mfi": 1e-7,
        "vwap": 1e-9 * bars.close,
        "close_to_vwap": 1e-9,
        "macd": 1e-13 * bars.close,
        "signal": 1e-13 * bars.close,
        "histogram_fraction": 1e-13,
    }
