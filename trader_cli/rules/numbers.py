"""Every number the rules need, as values that machine code can take."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Numbers(NamedTuple):
    """A variant's settings as plain numbers. Units: fractions of 1, account currency, bars.

    `is_margined` is True for futures: positions rest on isolated margin and can be liquidated. Everything else is
    paid in full, `leverage` 1.
    """

    starting_balance: float
    sizes_by_risk: bool
    risk_per_trade: float
    max_position_size: float
    max_total_exposure: float
    max_concurrent_positions: int
    allows_short: bool
    is_margined: bool
    leverage: float
    maintenance_margin_rate: float
    take_profit: float
    stop_loss: float
    trailing_stop: float
    max_daily_loss: float
    max_drawdown: float
    cooldown_bars: int
    max_holding_bars: int
    taker_fee: float
    maker_fee: float
    slippage: float


def numbers_of(row: Sequence[float]) -> Numbers:
    """The numbers of a row that holds one float for each, in their order: how machine code keeps many of them."""
    return Numbers(
        starting_balance=row[0],
        sizes_by_risk=row[1] != 0.0,
        risk_per_trade=row[2],
        max_position_size=row[3],
        max_total_exposure=row[4],
        max_concurrent_positions=int(row[5]),
        allows_short=row[6] != 0.0,
        is_margined=row[7] != 0.0,
        leverage=row[8],
        maintenance_margin_rate=row[9],
        take_profit=row[10],
        stop_loss=row[11],
        trailing_stop=row[12],
        max_daily_loss=row[13],
        max_drawdown=row[14],
        cooldown_bars=int(row[15]),
        max_holding_bars=int(row[16]),
        taker_fee=row[17],
        maker_fee=row[18],
        slippage=row[19],
    )


class Grid(NamedTuple):
    """The steps and minima of one symbol's orders. Units: coins or shares, account currency."""

    lot: float
    minimum_quantity: float
    minimum_notional: float


class Candle(NamedTuple):
    """The prices a position meets in one bar: first the opening, then, in an order nobody knows, high and low."""

    open: float
    high: float
    low: float


class Levels(NamedTuple):
    """Where a position is protected, from its fill on. A level that is off can never be touched."""

    stop: float
    target: float
    liquidation: float


class FineBars(NamedTuple):
    """Rows `first` to `last` - 1 of a finer series: the inside of one bar; none where the two are equal."""

    open: Sequence[float]
    high: Sequence[float]
    low: Sequence[float]
    first: int
    last: int
