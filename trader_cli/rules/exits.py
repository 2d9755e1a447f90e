"""What closes a position, and at which price (DESIGN 3, items 2-4, 6 and 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.rules import codes, fills

if TYPE_CHECKING:
    from trader_cli.rules.numbers import Numbers


def exit_wish(signal: int, bar: int, entry_bar: int, max_holding_bars: int) -> int:
    """Why a position should be left at the next open: the strategy's own reason first, then its age; or `STAY`.

    The entry bar counts as held; `max_holding_bars` 0 switches the age off.
    """
    if signal != codes.STAY:
        return signal
    return codes.TIME if 0 < max_holding_bars <= bar - entry_bar + 1 else codes.STAY


def leaving(
    numbers: Numbers,
    side: int,
    ordered: int,
    carried: bool,
    opening: float,
    high: float,
    low: float,
    stop: float,
    target: float,
    best_price: float,
) -> tuple[int, float, float, bool]:
    """What one bar does to a position: (reason or `STAY`, fill price, fee rate, ambiguous).

    An exit `ordered` at the last close fills at the open and comes before stop and target. Targets rest in the book:
    no slippage and the maker's fee; all else is a market order.
    """
    if ordered != codes.STAY:
        return ordered, fills.slipped(opening, -side, numbers.slippage), numbers.taker_fee, False
    tight = fills.trailed_stop(stop, best_price, side, numbers.trailing_stop)
    hit, price, ambiguous = fills.protective_hit(side, carried, opening, high, low, tight, target)
    if hit == fills.STOP_HIT:
        reason = codes.STOP_LOSS if tight == stop else codes.TRAILING_STOP
        return reason, fills.slipped(price, -side, numbers.slippage), numbers.taker_fee, ambiguous
    if hit == fills.TARGET_HIT:
        return codes.TAKE_PROFIT, price, numbers.maker_fee, ambiguous
    return codes.STAY, 0.0, 0.0, False


def is_stop(reason: int) -> bool:
    """Whether leaving for this reason starts a cooldown."""
    return reason in (codes.STOP_LOSS, codes.TRAILING_STOP)
