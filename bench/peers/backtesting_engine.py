"""W1 in backtesting.py: `python -m bench.peers.backtesting_engine COLUMNS TRADES FIRST BARS`.

It trades whole units only, so a unit is made one lot: prices are those of a lot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import talib
from backtesting import Backtest, Strategy  # type: ignore[import-not-found,unused-ignore]  # in the peers' environment

from bench import data, rules, trades
from bench.worker import serve

if TYPE_CHECKING:
    from collections.abc import Callable


def strategy(first: int) -> type[Strategy]:
    """The strategy, silent before its first bar."""

    class Rsi(Strategy):  # type: ignore[misc,unused-ignore]  # its base is untyped
        def init(self) -> None:
            self.rsi = self.I(talib.RSI, self.data.Close, rules.W1.period)

        def next(self) -> None:
            if len(self.data) <= first:
                return
            if self.position:
                if self.rsi[-1] > rules.W1.above:
                    self.position.close()
            elif self.rsi[-1] < rules.W1.below:
                close = self.data.Close[-1]
                size = np.floor(rules.NOTIONAL / close)
                self.buy(size=size, sl=close * (1 - rules.STOP_LOSS), tp=close * (1 + rules.TAKE_PROFIT))

    return Rsi


def prepare(bars: data.Columns, first: int) -> Callable[[], pd.Series]:
    """The work to be timed."""
    prices = {name.title(): getattr(bars, name) * rules.LOT for name in ("open", "high", "low", "close")}
    frame = pd.DataFrame(prices, index=pd.to_datetime(data.times(len(bars.close))))
    test = Backtest(frame, strategy(first), cash=rules.START_CASH, commission=rules.FEE)
    work: Callable[[], pd.Series] = test.run
    return work


def trade_list(stats: pd.Series) -> trades.Trades:
    """backtesting.py's trades in the bench's form, in the order of their exits."""
    found = stats._trades.sort_values("ExitBar", kind="stable")
    paid, got = found["EntryPrice"] / rules.LOT, found["ExitPrice"] / rules.LOT
    return trades.table(found["EntryBar"], found["ExitBar"], paid, got, found["Size"] * rules.LOT, found["PnL"])


if __name__ == "__main__":
    serve(prepare, trade_list)
