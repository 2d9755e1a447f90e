"""W1 in numpy alone, as well as numpy can: whole-array indicator, then jumps from event to event.

It keeps the C yardstick honest: a C program that were not ten times faster than this would be no limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench import rules, trades
from bench.worker import serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bench.data import Columns

    type Floats = NDArray[np.float64]

NEAR = 64
"""Bars looked at together for a stop or target; doubled while none is found."""


def smoothed(changes: Floats) -> Floats:
    """Wilder's average from the first `PERIOD` values on, each row a sum of ever longer runs of its forerunners.

    After k doublings a row holds its last 2**k values with their weights; beyond 2**10 they weigh less than 1e-32.
    """
    decay = 1 - 1 / rules.PERIOD
    total = changes[rules.PERIOD - 1 :] / rules.PERIOD
    total[0] = changes[: rules.PERIOD].mean()
    for step in 1 << np.arange(10):
        total[step:] += decay**step * total[:-step]
    return total


def rsi(close: Floats) -> Floats:
    """Wilder's RSI; NaN before its seed. The row of a bar is the bar's number."""
    change = np.diff(close)
    gain = smoothed(np.maximum(change, 0))
    loss = smoothed(np.maximum(-change, 0))
    out = np.full(len(close), np.nan)
    out[rules.PERIOD :] = 100 * (gain / (gain + loss))
    moves = np.flatnonzero(change) + 1
    still = np.diff(np.append(moves, len(close))) > 3 * rules.PERIOD
    for at, until in zip(moves[still], np.append(moves, len(close))[1:][still], strict=True):
        out[at + 3 * rules.PERIOD : until] = 50
    return out


def leave(bars: Columns, entry: int, last: int) -> tuple[int, float, int]:
    """Bar, price and reason of the first stop or target in `entry`..`last`; the bar is -1 where there is none."""
    stop = bars.open[entry] * (1 - rules.STOP_LOSS)
    target = bars.open[entry] * (1 + rules.TAKE_PROFIT)
    start, length = entry, NEAR
    while start <= last:
        end = min(start + length, last + 1)
        touched = (bars.low[start:end] <= stop) | (bars.high[start:end] >= target)
        offset = int(touched.argmax())
        if touched[offset]:
            bar = start + offset
            opening = bars.open[bar]
            if bar > entry and (opening <= stop or opening >= target):
                return bar, opening, trades.STOP_LOSS if opening <= stop else trades.TAKE_PROFIT
            if bars.low[bar] <= stop:
                return bar, stop, trades.STOP_LOSS
            return bar, target, trades.TAKE_PROFIT
        start, length = end, length * 2
    return -1, 0.0, 0


def simulate(bars: Columns, first: int) -> trades.Trades:
    """The trades of W1."""
    values = rsi(bars.close)
    values[:first] = np.nan
    buys = np.flatnonzero(values < rules.BELOW)
    sells = np.append(np.flatnonzero(values > rules.ABOVE), len(bars.close))
    found: list[tuple[int, int, int, float, int]] = []
    signal = 0
    while (at := int(buys.searchsorted(signal))) < len(buys) and (decided := int(buys[at])) + 1 < len(bars.close):
        entry = decided + 1
        sold = int(sells[sells.searchsorted(entry)]) + 1
        bar, price, reason = leave(bars, entry, min(sold, len(bars.close)) - 1)
        if bar < 0:
            if sold >= len(bars.close):
                break
            bar, price, reason = sold, float(bars.open[sold]), trades.SIGNAL
        found.append((decided, entry, bar, price, reason))
        signal = bar
    decided_at, entries, exits, prices, reasons = (np.array(column) for column in zip(*found, strict=True))
    quantity = np.floor(rules.NOTIONAL / bars.close[decided_at] / rules.LOT) * rules.LOT
    paid = bars.open[entries]
    pnl = quantity * (prices - paid) - quantity * (prices + paid) * rules.FEE
    return trades.table(entries, exits, paid, prices, quantity, pnl, reasons)


def prepare(bars: Columns, first: int) -> Callable[[], trades.Trades]:
    """The work to be timed."""
    return lambda: simulate(bars, first)


if __name__ == "__main__":
    serve(prepare)
