"""Triggers of the built-in strategies: met by the very comparisons that their signals are made of."""

from __future__ import annotations

from trader_cli import indicators
from trader_cli.domain.trigger import Effect, Passing, Trigger


def below(name: Effect, measure: str, value: float, level: float, **given: float) -> Trigger:
    """A value that must fall below a level; `given` may hold its `tolerance`."""
    return Trigger(name, measure, value, level, Passing.BELOW, indicators.below(value, level, **given))


def above(name: Effect, measure: str, value: float, level: float, **given: float) -> Trigger:
    """A value that must rise above a level; `given` may hold its `tolerance`."""
    return Trigger(name, measure, value, level, Passing.ABOVE, indicators.above(value, level, **given))


def not_above(name: Effect, measure: str, value: float, level: float) -> Trigger:
    """A value that must not exceed a level."""
    return Trigger(name, measure, value, level, Passing.NOT_ABOVE, indicators.not_above(value, level))


def between(measure: str, value: float, buy_below: float, sell_above: float) -> tuple[Trigger, Trigger]:
    """Bought below one level, sold above the other."""
    return below(Effect.BUY, measure, value, buy_below), above(Effect.SELL, measure, value, sell_above)
