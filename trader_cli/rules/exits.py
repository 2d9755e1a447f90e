"""What closes a position, and at which price (DESIGN 3, items 2-4, 6, 9 and 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.rules import codes, fills
from trader_cli.rules.numbers import Candle, Levels

if TYPE_CHECKING:
    from trader_cli.rules.numbers import FineBars, Numbers


def exit_wish(signal: int, bar: int, entry_bar: int, max_holding_bars: int) -> int:
    """Why a position should be left at the next open: the strategy's own reason first, then its age; or `STAY`.

    The entry bar counts as held; `max_holding_bars` 0 switches the age off.
    """
    if signal != codes.STAY:
        return signal
    return codes.TIME if 0 < max_holding_bars <= bar - entry_bar + 1 else codes.STAY


def is_reversal(wish: int, side: int, entry: int) -> bool:
    """Whether leaving a position on `side` also opens the other one: only a signal does, never a threshold or age."""
    return wish == codes.SIGNAL and entry == -side


def leaving(
    numbers: Numbers,
    side: int,
    ordered: int,
    carried: bool,
    candle: Candle,
    mark: Candle,
    levels: Levels,
    entry_price: float,
    best_price: float,
    inside: FineBars,
) -> tuple[int, float, float, bool]:
    """What one bar does to a position: (reason or `STAY`, fill price, fee rate, ambiguous).

    An exit `ordered` at an earlier close fills at the open and comes before every level. `best_price` is the best of
    earlier bars since the entry. Where a bar reached stop and target, the finer bars `inside` it decide, if there are
    some; what they leave open stays ambiguous, and the stop comes first. So does what they cannot know: a bar whose
    mark prices reached the liquidation too.
    """
    if ordered != codes.STAY:
        return ordered, fills.slipped(candle.open, -side, numbers.slippage), numbers.taker_fee, False
    stop = fills.trailed_stop(levels.stop, best_price, side, numbers.trailing_stop)
    tight = Levels(stop, levels.target, levels.liquidation)
    hit, price, ambiguous = fills.protective_hit(side, carried, candle, mark, tight)
    is_safe = not fills.at_or_below(fills.worst_of(side, mark), levels.liquidation, side)
    if ambiguous and hit == fills.STOP_HIT and is_safe:
        hit, price, ambiguous = _decided_inside(side, carried, tight, inside)
    if hit == fills.STOP_HIT:
        reason = codes.STOP_LOSS if stop == levels.stop else codes.TRAILING_STOP
        return reason, fills.slipped(price, -side, numbers.slippage), numbers.taker_fee, ambiguous
    if hit == fills.TARGET_HIT:  # it rests in the book: no slippage, and the maker's fee
        return codes.TAKE_PROFIT, price, numbers.maker_fee, ambiguous
    if hit == fills.LIQUIDATION_HIT:
        return codes.LIQUIDATION, fills.bankruptcy_price(numbers, side, entry_price), numbers.taker_fee, ambiguous
    return codes.STAY, 0.0, 0.0, False


def _decided_inside(side: int, carried: bool, levels: Levels, inside: FineBars) -> tuple[int, float, bool]:
    """The first level that the finer bars of an ambiguous bar meet; the stop, ambiguous, where they meet none."""
    levels = Levels(levels.stop, levels.target, fills.never_touched(side))
    for row in range(inside.first, inside.last):
        candle = Candle(inside.open[row], inside.high[row], inside.low[row])
        hit, price, ambiguous = fills.protective_hit(side, carried or row > inside.first, candle, candle, levels)
        if hit != fills.NO_HIT:
            return hit, price, ambiguous
    return fills.STOP_HIT, levels.stop, True


def is_stop(reason: int) -> bool:
    """Whether leaving for this reason starts a cooldown."""
    return reason in (codes.STOP_LOSS, codes.TRAILING_STOP, codes.LIQUIDATION)
