"""When entries must stop (DESIGN 3, items 7, 9 and 10). Exits are never blocked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.rules import codes, fills

if TYPE_CHECKING:
    from trader_cli.rules.numbers import Numbers

OFF = 1.0
"""The value of a loss limit that switches it off."""

NEVER = -1
"""The bar of something that has not happened."""


def loss_reached(equity: float, reference: float, limit: float) -> bool:
    """Whether equity has fallen by the fraction `limit` from `reference`: a day's opening, or the peak."""
    return limit < OFF and equity <= reference * (1.0 - limit)


def entry_ban(numbers: Numbers, day_lost: bool, drawn_down: bool, bar: int, stopped_at: int, others: int) -> int:
    """Why no entry may be decided at the close of `bar`, or `ALLOWED`.

    A stop at bar `stopped_at` (or `NEVER`), counted in the symbol's own bars, bars the decisions of that bar and of the
    next `cooldown_bars` - 1. `others` is how many other positions there are, those on their way included.
    """
    if day_lost:
        return codes.MAX_DAILY_LOSS
    if drawn_down:
        return codes.MAX_DRAWDOWN
    if stopped_at != NEVER and bar - stopped_at < numbers.cooldown_bars:
        return codes.COOLDOWN
    if others >= numbers.max_concurrent_positions:
        return codes.MAX_CONCURRENT_POSITIONS
    if numbers.is_margined and fills.liquidation_distance(numbers) <= numbers.stop_loss + numbers.slippage:
        return codes.LIQUIDATION_BEFORE_STOP
    return codes.ALLOWED
