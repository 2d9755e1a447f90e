"""Laws P2 and P3, shapes and purity, for every registered strategy unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings

from tests.indicators.markets import markets
from tests.strategies.cases import build, every_strategy, label, law_p3
from trader_cli import conformance
from trader_cli.conformance import bars_of, market
from trader_cli.domain.timeframe import Timeframe, TradingHours

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars, Floats
    from trader_cli.strategies.base import Strategy

EVERY = pytest.mark.parametrize("strategy", every_strategy(), ids=label)


@EVERY
@pytest.mark.parametrize("seed", [1, 2])
def test_every_strategy_conforms(strategy: Strategy[Any], seed: int) -> None:
    bars = market(seed)
    conformance.check(strategy, bars, tolerance=law_p3(bars))


@EVERY
@settings(max_examples=20)
@given(bars=markets(max_size=250))
def test_p2_no_strategy_sees_the_future_in_any_market(strategy: Strategy[Any], bars: Bars) -> None:
    conformance.has_shape(strategy, bars)
    conformance.is_causal(strategy, bars)


@EVERY
@settings(max_examples=20)
@given(bars=markets(min_size=760, max_size=900, reach=10))
def test_p3_the_window_is_enough_in_any_market(strategy: Strategy[Any], bars: Bars) -> None:
    conformance.window_is_enough(strategy, bars, tolerance=law_p3(bars))


def _after_large_moves(window: int, kind: str, period: int = 14) -> Floats:
    """Three windows of closes; moves of the first are, some or all, a million times those that follow."""
    generator = np.random.default_rng(11)
    moves = generator.choice([-1.0, 1.0], 3 * window)
    if kind == "one":
        moves[window - 1] *= 1e6
    else:
        moves[:window] *= 1e6
    if kind == "all, then seldom any":
        moves[window:] *= np.arange(2 * window) % (3 * period - 1) == 0
    walk = np.cumsum(moves)
    close: Floats = walk - walk.min() + 1e6
    return close


@pytest.mark.parametrize("kind", ["one", "all", "all, then seldom any"])
@pytest.mark.parametrize("period", [2, 14, 100, 400])
def test_p3_rsi_forgets_moves_a_million_times_larger(period: int, kind: str) -> None:
    strategy = build("rsi", period=period)
    window = strategy.window(Timeframe.M1, TradingHours.CONTINUOUS)
    bars = bars_of(_after_large_moves(window, kind, period))
    places = range(2 * window - 3, 2 * window + 40)
    conformance.window_is_enough(strategy, bars, tolerance=law_p3(bars), places=places)


@pytest.mark.parametrize("periods", [(12, 26, 9), (2, 3, 2), (12, 26, 26), (5, 35, 100)])
@pytest.mark.parametrize("kind", ["one", "every other", "all"])
def test_p3_macd_forgets_prices_a_million_times_larger(periods: tuple[int, int, int], kind: str) -> None:
    names = ("fast_period", "slow_period", "signal_period")
    strategy = build("macd", **dict(zip(names, periods, strict=True)))
    window = strategy.window(Timeframe.M1, TradingHours.CONTINUOUS)
    close = np.exp(np.cumsum(np.random.default_rng(12).normal(0, 1e-3, 3 * window)))
    rows = {"one": slice(window - 1, window), "every other": slice(0, window, 2), "all": slice(0, window)}[kind]
    close[rows] *= 1e6
    bars = bars_of(close)
    places = range(2 * window, 2 * window + 40)
    conformance.window_is_enough(strategy, bars, tolerance=law_p3(bars), places=places)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("momentum", {}),
        ("mfi", {}),
        ("mfi", {"period": 100}),
        ("vwap", {}),
        ("vwap", {"anchor": "rolling:50"}),
    ],
)
def test_p3_strategies_of_a_fixed_window_forget_a_huge_bar_to_the_last_bit(name: str, params: dict[str, Any]) -> None:
    strategy = build(name, **params)
    bars = market(13, timeframe=Timeframe.H1)
    window = strategy.window(bars.timeframe, bars.hours)
    end = 24 * 40
    bars.close[end - window - 1] *= 1e6
    bars.high[end - window - 1] *= 1e6
    bars.volume[end - window - 1] = 1e15
    exact = dict.fromkeys(strategy.signals(bars).values, 0.0)
    conformance.window_is_enough(strategy, bars, tolerance=exact, places=[end])


def test_the_window_of_rsi_is_not_much_longer_than_it_must_be() -> None:
    """Half of it is too short: the test above can fail."""

    class Half(type(build("rsi"))):  # type: ignore[misc] # a class made at run time
        def window(self, timeframe: Timeframe, hours: TradingHours) -> int:
            return int(super().window(timeframe, hours)) // 2

    strategy = Half(build("rsi").params)
    bars = bars_of(_after_large_moves(300, "all, then seldom any"))
    with pytest.raises(AssertionError, match="rsi is"):
        conformance.window_is_enough(strategy, bars, tolerance=law_p3(bars), places=range(590, 640))


@pytest.mark.parametrize(
    ("name", "warmup", "window"),
    [("momentum", 20, 21), ("rsi", 98, 600), ("macd", 130, 737), ("mfi", 14, 15), ("vwap", 1439, 1440)],
)
def test_warmup_and_window_by_default(name: str, warmup: int, window: int) -> None:
    strategy = build(name)
    assert strategy.warmup(Timeframe.M1, TradingHours.CONTINUOUS) == warmup
    assert strategy.window(Timeframe.M1, TradingHours.CONTINUOUS) == window


@EVERY
def test_after_the_warmup_every_value_is_known_where_bars_move_and_trade(strategy: Strategy[Any]) -> None:
    generator = np.random.default_rng(14)
    bars = bars_of(100 * np.exp(np.cumsum(generator.normal(0, 0.01, 2000))), volume=generator.random(2000) + 1)
    warmup = strategy.warmup(bars.timeframe, bars.hours)
    for name, values in strategy.signals(bars).values.items():
        assert np.isfinite(values[warmup:]).all(), name
