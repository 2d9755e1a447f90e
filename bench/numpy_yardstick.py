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
    type Ints = NDArray[np.int64]

NEAR = 64
"""Bars looked at together for a stop or target; doubled while none is found."""


@dataclass(frozen=True, slots=True)
class Variation:
    """Fill rules that peers have and we have not; all off is W1."""

    stops_from_next_bar: bool = False
    stop_beats_ordered_exit: bool = False
    levels_from_signal_close: bool = False
    target_ignores_gaps: bool = False
    waits_for_exit_signal: bool = False


CANONICAL = Variation()


@dataclass(frozen=True, slots=True)
class Exit:
    """Where a position was left."""

    bar: int
    price: float
    reason: int


@dataclass(frozen=True, slots=True)
class Found:
    """Each bar that decided an entry and where that was left; the bar that decided what is still held at the end."""

    closed: list[tuple[int, Exit]]
    held: int | None


def smoothed(changes: Floats, period: int) -> Floats:
    """Wilder's average from the first `period` values on, each row a sum of ever longer runs of its forerunners.

    After k doublings a row holds its last 2**k values with their weights; beyond 2**10 they weigh less than 1e-17 in
    the longest period.
    """
    decay = 1 - 1 / period
    total = changes[period - 1 :] / period
    total[0] = changes[:period].mean()
    for step in 1 << np.arange(10):
        total[step:] += decay**step * total[:-step]
    return total


def rsi(close: Floats, period: int = rules.W1.period) -> Floats:
    """Wilder's RSI, NaN before its seed, 50 where the price has long stood still. Shape: one value a bar."""
    change, flat_bars = np.diff(close), rules.FLAT_PERIODS * period
    gain = smoothed(np.maximum(change, 0), period)
    loss = smoothed(np.maximum(-change, 0), period)
    out = np.full(len(close), np.nan)
    out[period:] = 100 * (gain / (gain + loss))
    moves = np.concatenate(([0], np.flatnonzero(change) + 1, [len(close)]))
    for still in np.flatnonzero(np.diff(moves) > flat_bars):
        out[moves[still] + flat_bars : moves[still + 1]] = 50
    return out


def decisive_rsi(close: Floats, first: int, period: int) -> Floats:
    """RSI where it may decide, from bar `first` on; NaN before."""
    values = rsi(close, period)
    values[:first] = np.nan
    return values


def protective_exit(
    bars: Columns, entry: int, start: int, end: int, base: float, *, target_ignores_gaps: bool = False
) -> Exit | None:
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
            if bar > entry and opening >= target and not target_ignores_gaps:
                return Exit(bar, opening, trades.TAKE_PROFIT)
            stopped = bars.low[bar] <= stop
            return Exit(bar, stop, trades.STOP_LOSS) if stopped else Exit(bar, target, trades.TAKE_PROFIT)
        start, length = until, 2 * length
    return None


def simulate(bars: Columns, first: int, varied: Variation = CANONICAL) -> trades.Trades:
    """The trades of W1, decided from bar `first` on."""
    values = decisive_rsi(bars.close, first, rules.W1.period)
    buys, sells = np.flatnonzero(values < rules.W1.below), np.flatnonzero(values > rules.W1.above)
    return priced(bars, jumps(bars, buys, sells, varied))


def jumps(bars: Columns, buys: Ints, sells: Ints, varied: Variation = CANONICAL) -> Found:
    """What becomes of bars that wish to buy and to sell."""
    count = len(bars.close)
    closed: list[tuple[int, Exit]] = []
    free_from = 0
    while (next_buy := int(buys.searchsorted(free_from))) < len(buys) and (decided := int(buys[next_buy])) + 1 < count:
        entry = decided + 1
        next_sell = int(sells.searchsorted(entry))
        sold = int(sells[next_sell]) + 1 if next_sell < len(sells) else count
        base = float(bars.close[decided] if varied.levels_from_signal_close else bars.open[entry])
        start, end = entry + varied.stops_from_next_bar, min(sold + varied.stop_beats_ordered_exit, count)
        left = protective_exit(bars, entry, start, end, base, target_ignores_gaps=varied.target_ignores_gaps)
        if left is None:
            if sold >= count:
                return Found(closed, decided)
            left = Exit(sold, float(bars.open[sold]), trades.SIGNAL)
        closed.append((decided, left))
        free_from = sold if varied.waits_for_exit_signal else left.bar
    return Found(closed, None)


def priced(bars: Columns, found: Found) -> trades.Trades:
    """The trades with their amounts."""
    decided = np.array([bar for bar, _ in found.closed], np.int64)
    got = np.array([left.price for _, left in found.closed])
    paid, quantity = bars.open[decided + 1], rules.quantity(bars.close[decided])
    pnl = quantity * (got - paid) - quantity * (got + paid) * rules.FEE
    exits, reasons = [left.bar for _, left in found.closed], [left.reason for _, left in found.closed]
    return trades.table(decided + 1, exits, paid, got, quantity, pnl, reasons)


def prepare(bars: Columns, first: int) -> Callable[[], trades.Trades]:
    """The work to be timed."""
    return lambda: simulate(bars, first)


if __name__ == "__main__":
    serve(prepare, lambda found: found)
