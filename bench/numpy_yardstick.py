"""W1 in numpy alone, as well as numpy can: whole-array indicator, then jumps from event to event.

It keeps the C yardstick honest: a C program that were not ten times faster than this would be no limit. With a
`Variation` it follows a peer's rules instead, which proves in what the peer differs.
"""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Variation:
    """Fill rules that peers have and we have not; all off is W1."""

    stops_from_next_bar: bool = False
    stop_beats_ordered_exit: bool = False
    levels_from_signal_close: bool = False


W1 = Variation()


@dataclass(frozen=True, slots=True)
class Exit:
    """Where a position was left."""

    bar: int
    price: float
    reason: int


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
    """Wilder's RSI, NaN before its seed, 50 where the price has long stood still. Shape: one value a bar."""
    change = np.diff(close)
    gain = smoothed(np.maximum(change, 0))
    loss = smoothed(np.maximum(-change, 0))
    out = np.full(len(close), np.nan)
    out[rules.PERIOD :] = 100 * (gain / (gain + loss))
    moves = np.concatenate(([0], np.flatnonzero(change) + 1, [len(close)]))
    for still in np.flatnonzero(np.diff(moves) > rules.FLAT_BARS):
        out[moves[still] + rules.FLAT_BARS : moves[still + 1]] = 50
    return out


def protective_exit(bars: Columns, entry: int, start: int, end: int, base: float) -> Exit | None:
    """The first stop or target that hangs on the price `base` and is touched in bars `start` to `end` - 1."""
    stop, target = base * (1 - rules.STOP_LOSS), base * (1 + rules.TAKE_PROFIT)
    length = NEAR
    while start < end:
        until = min(start + length, end)
        touched = (bars.low[start:until] <= stop) | (bars.high[start:until] >= target)
        bar = start + int(touched.argmax())
        if touched[bar - start]:
            opening = float(bars.open[bar])
            if bar > entry and opening <= stop:
                return Exit(bar, opening, trades.STOP_LOSS)
            if bar > entry and opening >= target:
                return Exit(bar, opening, trades.TAKE_PROFIT)
            stopped = bars.low[bar] <= stop
            return Exit(bar, stop, trades.STOP_LOSS) if stopped else Exit(bar, target, trades.TAKE_PROFIT)
        start, length = until, 2 * length
    return None


def simulate(bars: Columns, first: int, varied: Variation = W1) -> trades.Trades:
    """The trades, decided from bar `first` on."""
    count = len(bars.close)
    values = rsi(bars.close)
    values[:first] = np.nan
    buys = np.flatnonzero(values < rules.BELOW)
    sells = np.append(np.flatnonzero(values > rules.ABOVE), count)
    found: list[tuple[int, Exit]] = []
    free_from = 0
    while (next_buy := int(buys.searchsorted(free_from))) < len(buys) and (decided := int(buys[next_buy])) + 1 < count:
        entry = decided + 1
        sold = int(sells[sells.searchsorted(entry)]) + 1
        base = float(bars.close[decided] if varied.levels_from_signal_close else bars.open[entry])
        end = min(sold + varied.stop_beats_ordered_exit, count)
        left = protective_exit(bars, entry, entry + varied.stops_from_next_bar, end, base)
        if left is None:
            if sold >= count:
                break
            left = Exit(sold, float(bars.open[sold]), trades.SIGNAL)
        found.append((decided, left))
        free_from = left.bar
    return priced(bars, found)


def priced(bars: Columns, found: list[tuple[int, Exit]]) -> trades.Trades:
    """The trades with their amounts, from the bars that decided them and their exits."""
    decided = np.array([bar for bar, _ in found])
    got = np.array([left.price for _, left in found])
    paid = bars.open[decided + 1]
    quantity = np.floor(rules.NOTIONAL / bars.close[decided] / rules.LOT) * rules.LOT
    pnl = quantity * (got - paid) - quantity * (got + paid) * rules.FEE
    exits, reasons = [left.bar for _, left in found], [left.reason for _, left in found]
    return trades.table(decided + 1, exits, paid, got, quantity, pnl, reasons)


def prepare(bars: Columns, first: int) -> Callable[[], trades.Trades]:
    """The work to be timed."""
    return lambda: simulate(bars, first)


if __name__ == "__main__":
    serve(prepare, lambda found: found)
