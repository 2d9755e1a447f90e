"""W2 in raptorbt: `python -m bench.peers.raptorbt_sweep COLUMNS TRADES FIRST`, a batch for each period.

Its batch trades each set of signals on a thread of its pool and hands back all its figures. It knows no fixed amount:
each entry takes a hundredth of the equity, which is what W2 orders at the start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import raptorbt  # type: ignore[import-not-found,unused-ignore]  # lives in the peers' environment
import talib

from bench import data, rules, sweep, trades

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.trades import Trades

OPEN_AT_END = "EndOfData"
"""Why it says it has left what is still held at the end."""


def results(bars: data.Columns, first: int) -> Iterator[raptorbt.BacktestResult]:
    """What it says of each combination."""
    count = len(bars.close)
    config = raptorbt.BacktestConfig(rules.START_CASH, rules.FEE, 0.0, fill_timing="next_bar_open")
    config.set_fixed_stop(rules.STOP_LOSS)
    config.set_fixed_target(rules.TAKE_PROFIT)
    columns = data.times(count), bars.open, bars.high, bars.low, bars.close, np.ones(count)
    share = np.full(count, rules.NOTIONAL / rules.START_CASH)
    for period in rules.PERIODS:
        rsi = talib.RSI(bars.close, period)
        rsi[:first] = np.nan
        combinations = rules.of_period(period)
        buys = {below: rsi < below for below in {each.below for each in combinations}}
        sells = {above: rsi > above for above in {each.above for each in combinations}}
        items = [
            raptorbt.BatchSingleItem("", buys[each.below], sells[each.above], position_sizes=share)
            for each in combinations
        ]
        for _, result in raptorbt.batch_single_backtest(*columns, items, config):
            yield result


def prepare(bars: data.Columns, first: int) -> Callable[[], list[tuple[float, ...]]]:
    """The work to be timed."""

    def work() -> list[tuple[float, ...]]:
        return [
            (it.total_closed_trades, it.winning_trades, it.profit_factor, it.total_fees_paid, it.end_value)
            for it in (result.metrics for result in results(bars, first))
        ]

    return work


def trade_list(bars: data.Columns, first: int) -> Trades:
    """Its trades in the bench's form, bars counted through all combinations. Not timed: each is an object of Python."""
    rows = [
        (start + it.entry_idx, start + it.exit_idx, it.entry_price, it.exit_price, it.size, it.pnl)
        for number, result in enumerate(results(bars, first))
        for start in [number * len(bars.close)]
        for it in result.trades()
        if it.exit_reason != OPEN_AT_END
    ]
    return trades.table(*zip(*rows, strict=True))


if __name__ == "__main__":
    sweep.serve(prepare, trade_list)
