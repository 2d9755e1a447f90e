"""W2 in vectorbt's Rust engine: `python -m bench.peers.vectorbt_sweep COLUMNS TRADES FIRST`, a call for each period.

One call takes the 100 combinations of a period as columns; all 1,000 at once would not fit into most memories. Asked
for records of trades alone, from which numpy makes the statistics: much faster than its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import talib
import vectorbt as vbt  # type: ignore[import-not-found,unused-ignore]  # lives in the peers' environment
from vectorbt.portfolio.enums import StopEntryPrice  # type: ignore[import-not-found,unused-ignore]

from bench import rules, sweep, trades

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from bench.data import Columns
    from bench.trades import Trades

CLOSED = 1


def records(bars: Columns, first: int, combinations: Sequence[rules.Combination]) -> NDArray[np.void]:
    """What it says of combinations of one period: their trades, `col` being the combination."""
    rsi = talib.RSI(bars.close, combinations[0].period)
    rsi[:first] = np.nan
    shape = len(rsi), len(combinations)
    entries, exits, size = np.zeros(shape, bool), np.zeros(shape, bool), np.zeros(len(rsi))
    entries[1:] = rsi[:-1, None] < [each.below for each in combinations]  # decided at a close, filled at the next open
    exits[1:] = rsi[:-1, None] > [each.above for each in combinations]
    size[1:] = rules.quantity(bars.close[:-1])
    portfolio = vbt.Portfolio.from_signals(
        bars.close[:, None],
        entries,
        exits,
        size=size[:, None],
        price=bars.open[:, None],
        fees=rules.FEE,
        open=bars.open[:, None],
        high=bars.high[:, None],
        low=bars.low[:, None],
        sl_stop=rules.STOP_LOSS,
        tp_stop=rules.TAKE_PROFIT,
        stop_entry_price=StopEntryPrice.FillPrice,
        init_cash=rules.START_CASH,
        engine="rust",
    )
    found: NDArray[np.void] = portfolio.trades.records_arr
    return found


def statistics(found: NDArray[np.void], count: int) -> tuple[NDArray[np.float64], ...]:
    """The statistics of so many combinations, one column each."""
    pnl, closed = found["pnl"], found["status"] == CLOSED

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(found["col"], values, count).astype(np.float64)

    fees = total(found["entry_fees"] + found["exit_fees"])
    profit, loss = total(np.where(closed, pnl, 0).clip(min=0)), total(-np.where(closed, pnl, 0).clip(max=0))
    return total(closed), total(closed & (pnl > 0)), profit, loss, fees, rules.START_CASH + total(pnl)


def of_each_period(bars: Columns, first: int) -> Iterator[NDArray[np.void]]:
    """The records of each period."""
    for period in rules.PERIODS:
        yield records(bars, first, rules.of_period(period))


def prepare(bars: Columns, first: int) -> Callable[[], object]:
    """The work to be timed."""
    columns = len(rules.COMBINATIONS) // len(rules.PERIODS)
    return lambda: [statistics(each, columns) for each in of_each_period(bars, first)]


def trade_list(bars: Columns, first: int) -> Trades:
    """Its trades in the bench's form, bars counted through all combinations."""
    columns = len(rules.COMBINATIONS) // len(rules.PERIODS)
    lists = []
    for number, each in enumerate(of_each_period(bars, first)):
        closed = each[each["status"] == CLOSED]
        start = (number * columns + closed["col"]) * len(bars.close)
        amounts = (closed[name] for name in ("entry_price", "exit_price", "size", "pnl"))
        lists.append(trades.table(start + closed["entry_idx"], start + closed["exit_idx"], *amounts))
    return np.concatenate(lists)


if __name__ == "__main__":
    sweep.serve(prepare, trade_list)
