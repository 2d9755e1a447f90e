"""What each strategy wishes, on bars small enough to check by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.strategies.cases import build, every_strategy, label
from trader_cli.conformance import bars_of, market
from trader_cli.domain.signal import Action, Direction, Exit

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars
    from trader_cli.domain.signal import Signal
    from trader_cli.strategies.base import Strategy

NOTHING = (Direction.NONE, Exit.NONE, Exit.NONE)
BUY = (Direction.LONG, Exit.NONE, Exit.SIGNAL)
SELL = (Direction.SHORT, Exit.SIGNAL, Exit.NONE)

type Wish = tuple[Direction, Exit, Exit]


def _last(strategy: Strategy[Any], bars: Bars) -> Signal:
    return strategy.at(strategy.signals(bars), len(bars) - 1)


def _wish(name: str, bars: Bars, **params: Any) -> Wish:
    signal = _last(build(name, **params), bars)
    return signal.entry, signal.exit_long, signal.exit_short


@pytest.mark.parametrize(
    ("closes", "wish"),
    [
        ([100, 101, 102], NOTHING),  # 100 x (102/100 - 1) = 2 %, the threshold itself; 2.0000000000000018 in floats
        ([100, 101, 102.01], BUY),
        ([100, 99, 98], NOTHING),  # -2 %
        ([100, 99, 97.99], SELL),
        ([100, 102, 100], NOTHING),
        ([100, 103], NOTHING),  # too short for a lookback of 2
    ],
)
def test_momentum_buys_a_rise_and_sells_a_fall(closes: list[float], wish: Wish) -> None:
    assert _wish("momentum", bars_of(closes), lookback_period=2) == wish


def test_momentum_in_a_wild_market_closes_but_does_not_enter() -> None:
    # returns +0.5 and -1/6: mean 1/6, apart 1/3 each: std = sqrt(2/9), x sqrt(2) = 2/3; change +25 %
    rise, fall = bars_of([100, 150, 125]), bars_of([100, 150, 90])
    only_close_short = (Direction.NONE, Exit.NONE, Exit.SIGNAL)
    assert _wish("momentum", rise, lookback_period=2) == only_close_short
    assert _wish("momentum", fall, lookback_period=2) == (Direction.NONE, Exit.SIGNAL, Exit.NONE)
    assert _wish("momentum", rise, lookback_period=2, volatility_filter=0.667) == BUY
    assert _wish("momentum", rise, lookback_period=2, volatility_filter=2 / 3) == BUY  # equality does not exceed
    assert _wish("momentum", rise, lookback_period=2, volatility_filter=0.666) == (
        Direction.NONE,
        Exit.NONE,
        Exit.SIGNAL,
    )


# period 2, closes 10, 11, 10.5 -> gain (1 + 0)/2, loss (0 + 0.5)/2: RSI 200/3
# closes 10, 13, 12 -> gain 3/2, loss 1/2: RSI 75; 10, 11, 8 -> gain 1/2, loss 3/2: RSI 25; 10, 9, 9.5 -> RSI 100/3
@pytest.mark.parametrize(
    ("closes", "wish"),
    [
        ([10, 11, 8], BUY),  # 25 < 30; that it is below 35 too changes nothing
        ([10, 9, 9.5], (Direction.NONE, Exit.NONE, Exit.THRESHOLD)),  # 33.3 < 35
        ([10, 11, 10], NOTHING),  # 50
        ([10, 11, 10.5], (Direction.NONE, Exit.THRESHOLD, Exit.NONE)),  # 66.7 > 65
        ([10, 13, 12], SELL),  # 75 > 70; above 65 too: the signal outranks the threshold
        ([10, 11], NOTHING),
    ],
)
def test_rsi_buys_oversold_and_sells_overbought(closes: list[float], wish: Wish) -> None:
    assert _wish("rsi", bars_of(closes), period=2) == wish


def test_rsi_at_a_level_is_no_signal() -> None:
    high, low = bars_of([10, 13, 12]), bars_of([10, 11, 8])
    off: dict[str, float] = {"upper_threshold": 1.0, "lower_threshold": 0.0}
    assert _wish("rsi", high, period=2, overbought_level=75, **off) == NOTHING
    assert _wish("rsi", high, period=2, overbought_level=74.99, **off) == SELL
    assert _wish("rsi", low, period=2, oversold_level=25, **off) == NOTHING
    assert _wish("rsi", low, period=2, oversold_level=25.01, **off) == BUY
    assert _wish("rsi", high, period=2, overbought_level=90, upper_threshold=0.75) == NOTHING
    assert _wish("rsi", low, period=2, oversold_level=10, lower_threshold=0.25) == NOTHING


def test_rsi_thresholds_of_one_and_zero_are_off() -> None:
    off: dict[str, float] = {"upper_threshold": 1.0, "lower_threshold": 0.0}
    up, down = bars_of([10, 11, 12]), bars_of([10, 9, 8])  # RSI 100 and 0
    assert _wish("rsi", up, period=2, overbought_level=100, **off) == NOTHING
    assert _wish("rsi", down, period=2, oversold_level=0, **off) == NOTHING


# fast 2, slow 3, signal 2, closes 1, 2, 6, 4: histogram -0.25 (tests/indicators/test_macd.py), / close 4 = -0.0625
# closes 6, 5, 1, 3: all mirrored, 7 - x: histogram +0.25, / close 3 = 0.08333...
@pytest.mark.parametrize(
    ("closes", "threshold", "wish"),
    [
        ([1, 2, 6, 4], 0.0624, SELL),
        ([1, 2, 6, 4], 0.0625, NOTHING),
        ([1, 2, 6, 4], 0.0626, NOTHING),
        ([6, 5, 1, 3], 0.0833, BUY),
        ([6, 5, 1, 3], 0.25 / 3, NOTHING),
        ([5, 5, 5, 5], 0.0, NOTHING),
        ([1, 2, 6], 0.0, NOTHING),
    ],
)
def test_macd_compares_the_histogram_with_the_price(closes: list[float], threshold: float, wish: Wish) -> None:
    params = {"fast_period": 2, "slow_period": 3, "signal_period": 2, "threshold": threshold}
    assert _wish("macd", bars_of(closes), **params) == wish


# highs, lows and closes alike, period 2: up 11 x v, then down 10 x w: MFI 100 x 11 v / (11 v + 10 w)
@pytest.mark.parametrize(
    ("volume", "wish"),
    [
        ([9, 10, 44], NOTHING),  # 110 / (110 + 440) = 20 %, the level itself
        ([9, 10, 45], BUY),
        ([9, 40, 11], NOTHING),  # 440 / (440 + 110) = 80 %
        ([9, 41, 11], SELL),
        ([9, 0, 0], NOTHING),  # no flow: 50
    ],
)
def test_mfi_buys_oversold_and_sells_overbought(volume: list[float], wish: Wish) -> None:
    bars = bars_of([10, 11, 10], volume=volume)
    bars.high[:] = bars.low[:] = bars.close
    assert _wish("mfi", bars, period=2) == wish


# highs, lows and closes alike, equal volumes: vwap of the last two closes is their mean
@pytest.mark.parametrize(
    ("closes", "volume", "wish"),
    [
        ([101, 99], [1, 1], NOTHING),  # 99 / 100 = 1 - 0.01
        ([101.01, 98.99], [1, 1], BUY),
        ([99, 101], [1, 1], NOTHING),
        ([98.99, 101.01], [1, 1], SELL),
        ([150, 50], [0, 1], NOTHING),  # only the last bar has volume: vwap 50
        ([150, 50], [0, 0], NOTHING),
        ([150], [1], NOTHING),
    ],
)
@pytest.mark.parametrize("anchor", ["rolling:2", "session"])
def test_vwap_buys_below_and_sells_above(closes: list[float], volume: list[float], wish: Wish, anchor: str) -> None:
    bars = bars_of(closes, volume=volume)
    bars.high[:] = bars.low[:] = bars.close
    assert _wish("vwap", bars, anchor=anchor) == wish


@pytest.mark.parametrize(
    ("name", "confidence"), [("momentum", 0.8), ("rsi", 0.75), ("macd", 0.7), ("mfi", 0.7), ("vwap", 0.65)]
)
def test_confidence_is_the_strategys_own_and_low_where_it_wishes_nothing(name: str, confidence: float) -> None:
    strategy = build(name)
    bars = market(1)
    signals = strategy.signals(bars)
    for index in range(2000, 3000):
        signal = strategy.at(signals, index)
        idle = (signal.entry, signal.exit_long, signal.exit_short) == NOTHING
        assert signal.confidence == (0.3 if idle else confidence)
        assert (signal.action is Action.HOLD) == (signal.entry is Direction.NONE)


@pytest.mark.parametrize("strategy", every_strategy(), ids=label)
def test_the_reason_agrees_with_the_wish(strategy: Strategy[Any]) -> None:
    bars = market(1)
    signals = strategy.signals(bars)
    for index in range(0, 3000, 7):
        signal = strategy.at(signals, index)
        idle = (signal.entry, signal.exit_long, signal.exit_short) == NOTHING
        quiet = any(word in signal.reason for word in ("between", "within", "not known"))
        assert quiet == idle, signal.reason
        assert ("no entry" in signal.reason) == (not idle and signal.entry is Direction.NONE and strategy.name != "rsi")


@pytest.mark.parametrize(
    ("name", "params", "closes", "reason"),
    [
        ("momentum", {"lookback_period": 2}, [100, 101, 103], "the change over 2 bars, +3 %, is above 2 %"),
        (
            "momentum",
            {"lookback_period": 2},
            [100, 150, 125],
            "the change over 2 bars, +25 %, is above 2 %; no entry: volatility 0.6667 exceeds 0.15",
        ),
        ("rsi", {"period": 2}, [10, 13, 12], "RSI(2) 75.00 is above 70: overbought"),
        ("rsi", {"period": 2}, [10, 11, 10.5], "RSI(2) 66.67 is above 65: a long is closed"),
        ("rsi", {"period": 2}, [10, 9, 9.5], "RSI(2) 33.33 is below 35: a short is closed"),
        ("rsi", {"period": 2}, [10, 9], "RSI(2) is not known yet"),
        (
            "macd",
            {"fast_period": 2, "slow_period": 3, "signal_period": 2},
            [1, 2, 6, 4],
            "MACD histogram / close -0.062500 is below -0.0001",
        ),
        ("mfi", {"period": 2}, [10, 11, 12], "MFI(2) 100.00 is above 80: overbought"),
        ("vwap", {}, [10, 10], "the close is +0.000 % from VWAP, within 1 %"),
    ],
)
def test_reasons_are_words_with_numbers(name: str, params: dict[str, Any], closes: list[float], reason: str) -> None:
    assert _last(build(name, **params), bars_of(closes)).reason == reason
