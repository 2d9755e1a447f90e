"""W1 in vectorbt: `python -m bench.peers.vectorbt_engine ENGINE COLUMNS TRADES FIRST`, ENGINE being numba or rust.

Asked for what trader's kernel makes: the trades and the equity curve. TA-Lib is called directly, columns stay numpy
arrays and trades stay records: much faster than vectorbt's indicator wrappers and its readable records (4 s).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import talib
import vectorbt as vbt  # type: ignore[import-not-found,unused-ignore]  # lives in the peers' environment
from vectorbt.portfolio.enums import StopEntryPrice  # type: ignore[import-not-found,unused-ignore]

from bench import rules, trades
from bench.worker import serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bench.data import Columns


def prepare(bars: Columns, first: int, engine: str) -> Callable[[], NDArray[np.void]]:
    """The work to be timed."""

    def work() -> NDArray[np.void]:
        rsi = talib.RSI(bars.close, rules.W1.period)
        rsi[:first] = np.nan
        entries, exits, size = np.zeros(len(rsi), bool), np.zeros(len(rsi), bool), np.zeros(len(rsi))
        entries[1:] = rsi[:-1] < rules.W1.below  # decided at a close, filled at the next open
        exits[1:] = rsi[:-1] > rules.W1.above
        size[1:] = rules.quantity(bars.close[:-1])
        portfolio = vbt.Portfolio.from_signals(
            bars.close,
            entries,
            exits,
            size=size,
            price=bars.open,
            fees=rules.FEE,
            open=bars.open,
            high=bars.high,
            low=bars.low,
            sl_stop=rules.STOP_LOSS,
            tp_stop=rules.TAKE_PROFIT,
            stop_entry_price=StopEntryPrice.FillPrice,
            init_cash=rules.START_CASH,
            engine=engine,
        )
        portfolio.value()  # the equity curve, which trader's kernel and backtesting.py make as well
        records: NDArray[np.void] = portfolio.trades.closed.records_arr
        return records

    return work


def trade_list(records: NDArray[np.void]) -> trades.Trades:
    """vectorbt's records in the bench's form."""
    columns = ("entry_idx", "exit_idx", "entry_price", "exit_price", "size", "pnl")
    return trades.table(*(records[name] for name in columns))


if __name__ == "__main__":
    kind = sys.argv.pop(1)
    serve(lambda bars, first: prepare(bars, first, kind), trade_list)
