"""When entries must stop (DESIGN 3, item 9). Exits are never blocked."""

from __future__ import annotations

from trader_cli.rules import codes

OFF = 1.0
"""The value of a loss limit that switches it off."""

NEVER = -1
"""The bar of something that has not happened."""


def loss_reached(equity: float, reference: float, limit: float) -> bool:
    """Whether equity has fallen by the fraction `limit` from `reference`: a day's opening, or the peak."""
    return limit < OFF and equity <= reference * (1.0 - limit)


def entry_ban(day_lost: bool, drawn_down: bool, bar: int, stopped_at: int, cooldown_bars: int) -> int:
    """Why no entry may be decided at the close of `bar`, or `ALLOWED`.

    A stop at bar `stopped_at` (or `NEVER`) bars the decisions of that bar and of the next `cooldown_bars` - 1.
    """
    if day_lost:
        return codes.MAX_DAILY_LOSS
    if drawn_down:
        return codes.MAX_DRAWDOWN
    if stopped_at != NEVER and bar - stopped_at < cooldown_bars:
        return codes.COOLDOWN
    return codes.ALLOWED
