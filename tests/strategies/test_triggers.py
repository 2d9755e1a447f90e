"""Triggers say what signals do: a wish is there when its triggers are met, and their distances say how far it was."""

from __future__ import annotations

from math import isnan, nan
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from tests.indicators.markets import markets
from tests.strategies.cases import build, every_strategy, label
from trader_cli.conformance import market
from trader_cli.domain.signal import Direction, Exit
from trader_cli.domain.trigger import Effect, Passing

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars
    from trader_cli.strategies.base import Strategy

EVERY = pytest.mark.parametrize("strategy", every_strategy(), ids=label)


def check(strategy: Strategy[Any], bars: Bars) -> set[Effect]:
    """Compares triggers with signals at every bar; the effects that came about."""
    signals = strategy.signals(bars)
    seen: set[Effect] = set()
    for index in range(len(bars)):
        signal = strategy.at(signals, index)
        triggers = strategy.triggers(signal.values)
        met = {trigger.name for trigger in triggers if trigger.met}
        seen |= met
        calm = all(trigger.met for trigger in triggers if trigger.name is Effect.CALM)
        wish = (Effect.BUY in met) - (Effect.SELL in met)
        assert signal.entry is Direction(wish if calm else 0)
        assert signal.exit_long is _exit(met, Effect.SELL, Effect.CLOSE_LONG)
        assert signal.exit_short is _exit(met, Effect.BUY, Effect.CLOSE_SHORT)
        for trigger in triggers:
            if trigger.met and trigger.passing is not Passing.NOT_ABOVE:
                assert trigger.distance < 0
            elif not trigger.met and not isnan(trigger.value):
                assert trigger.distance > -1e-6 * max(1.0, abs(trigger.level)), "not met, yet beyond the level"
    return seen


def _exit(met: set[Effect], signal: Effect, threshold: Effect) -> Exit:
    if signal in met:
        return Exit.SIGNAL
    return Exit.THRESHOLD if threshold in met else Exit.NONE


@EVERY
def test_triggers_are_met_where_signals_are_given(strategy: Strategy[Any]) -> None:
    assert check(strategy, market(3)) >= {Effect.BUY, Effect.SELL}


@EVERY
@settings(max_examples=20)
@given(bars=markets(max_size=250))
def test_triggers_are_met_where_signals_are_given_in_any_market(strategy: Strategy[Any], bars: Bars) -> None:
    check(strategy, bars)


@EVERY
def test_what_is_not_known_is_near_no_trigger(strategy: Strategy[Any]) -> None:
    unknown = dict.fromkeys(strategy.signals(market(3)).values, nan)
    triggers = strategy.triggers(unknown)
    assert triggers
    assert all(isnan(trigger.distance) and not trigger.met for trigger in triggers)


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        # RSI 34.2: 34.2 - 30 to the entry, 70 - 34.2 to the exit; thresholds 65 and 35
        ("rsi", {"rsi": 34.2}, {"buy": 4.2, "sell": 35.8, "close long": 30.8, "close short": -0.8}),
        ("mfi", {"mfi": 15.0}, {"buy": -5.0, "sell": 65.0}),
        # +0.8 %: 2 - 0.8 to the buy, 0.8 + 2 to the sell; volatility 0.12 of 0.15
        ("momentum", {"momentum": 0.8, "volatility": 0.12}, {"buy": 1.2, "sell": 2.8, "entry filter": -0.03}),
        ("macd", {"histogram_fraction": 3e-5}, {"buy": 7e-5, "sell": 1.3e-4}),
        ("vwap", {"close_to_vwap": 0.996}, {"buy": 0.006, "sell": 0.014}),
    ],
)
def test_distances_by_hand(name: str, values: dict[str, float], expected: dict[str, float]) -> None:
    triggers = build(name).triggers(values)
    assert {str(each.name): each.distance for each in triggers} == pytest.approx(expected, abs=1e-12)
    assert {str(each.name) for each in triggers if each.met} == {name for name, far in expected.items() if far < 0}


def test_a_threshold_that_is_off_is_no_trigger() -> None:
    names = [trigger.name for trigger in build("rsi", upper_threshold=1.0, lower_threshold=0.0).triggers({"rsi": 50.0})]
    assert names == [Effect.BUY, Effect.SELL]
