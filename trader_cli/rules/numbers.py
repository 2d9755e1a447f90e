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
