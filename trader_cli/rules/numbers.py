"""Every number the rules need, as one value that machine code can take."""

from __future__ import annotations

from typing import NamedTuple


class Numbers(NamedTuple):
    """A variant's settings as plain numbers. Units: fractions of 1, account currency, bars."""

    starting_balance: float
    sizes_by_risk: bool
    risk_per_trade: float
    max_position_size: float
    max_total_exposure: float
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
    lot: float
    minimum_quantity: float
    minimum_notional: float
