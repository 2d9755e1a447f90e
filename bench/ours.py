"""W1 in trader: the strategy's signals over the whole series, then the compiled kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench import data, rules, trades
from bench.worker import serve
from trader_cli.backtest.kernel import simulate
from trader_cli.domain.bars import Bars
from trader_cli.domain.market import Market
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.rules import account, codes
from trader_cli.rules.numbers import Grid, Numbers
from trader_cli.strategies.rsi import Rsi, RsiParams

if TYPE_CHECKING:
    from collections.abc import Callable

    from trader_cli.backtest.kernel import Outcome

DAY_NS = 86_400_000_000_000
REASONS = {codes.STOP_LOSS: trades.STOP_LOSS, codes.TAKE_PROFIT: trades.TAKE_PROFIT, codes.SIGNAL: trades.SIGNAL}

NUMBERS = Numbers(
    starting_balance=rules.START_CASH,
    sizes_by_risk=False,
    risk_per_trade=0.02,
    max_position_size=rules.NOTIONAL,
    max_total_exposure=rules.START_CASH,
    max_concurrent_positions=1,
    allows_short=False,
    is_margined=False,
    leverage=1.0,
    maintenance_margin_rate=0.005,
    take_profit=rules.TAKE_PROFIT,
    stop_loss=rules.STOP_LOSS,
    trailing_stop=0.0,
    max_daily_loss=1.0,
    max_drawdown=1.0,
    cooldown_bars=0,
    max_holding_bars=0,
    taker_fee=rules.FEE,
    maker_fee=rules.FEE,
    slippage=0.0,
)
GRID = Grid(lot=rules.LOT, minimum_quantity=0.0, minimum_notional=0.0)
STRATEGY = Rsi(RsiParams(upper_threshold=1.0, lower_threshold=0.0))


def as_bars(columns: data.Columns, symbol: str = "W1USDT") -> Bars:
    """The columns as the program holds them."""
    time = data.times(len(columns.close))
    return Bars(
        symbol=symbol,
        timeframe=Timeframe.M1,
        hours=TradingHours.CONTINUOUS,
        open_time=time,
        open=columns.open,
        high=columns.high,
        low=columns.low,
        close=columns.close,
        volume=np.ones(len(time)),
        session=time // DAY_NS,
    )


def trade_list(outcome: Outcome, bars: int = 0) -> trades.Trades:
    """The kernel's trades in the bench's form; with `bars` a symbol, bars are counted through all symbols."""
    symbol, side, entry_row, exit_row, quantity, paid, got, fees, funding, reason = outcome.trades.T
    told = np.vectorize(REASONS.get, otypes=[np.int64])(reason.astype(np.int64))
    pnl = account.gain(side, quantity, paid, got) - fees - funding
    return trades.table(symbol * bars + entry_row, symbol * bars + exit_row, paid, got, quantity, pnl, told)


def prepare(columns: data.Columns, first: int) -> Callable[[], Outcome]:
    """The work to be timed."""
    bars = as_bars(columns)

    def work() -> Outcome:
        return simulate([Market(bars)], [STRATEGY.signals(bars)], NUMBERS, [GRID], warmup=first)

    return work


if __name__ == "__main__":
    serve(prepare, trade_list)
