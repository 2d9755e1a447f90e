"""The indicators once more, one bar at a time as a book would say it, in plain Python: what ours are compared with."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import nan, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def rsi(close: Sequence[float], period: int) -> list[float]:
    """Wilder: the first average is a simple mean, each later one takes in 1/period of the new change."""
    out = [nan] * len(close)
    changes = [b - a for a, b in itertools.pairwise(close)]
    if len(changes) < period:
        return out
    gain = sum(max(change, 0) for change in changes[:period]) / period
    loss = sum(max(-change, 0) for change in changes[:period]) / period
    for bar in range(period, len(close)):
        if bar > period:
            gain = (gain * (period - 1) + max(changes[bar - 1], 0)) / period
            loss = (loss * (period - 1) + max(-changes[bar - 1], 0)) / period
        moved = any(changes[max(0, bar - 3 * period) : bar])
        out[bar] = 100 * gain / (gain + loss) if moved else 50.0
    return out


def mfi(
    high: Sequence[float], low: Sequence[float], close: Sequence[float], volume: Sequence[float], period: int
) -> list[float]:
    """In exact fractions, from the typical prices as floats have them."""
    typical = [(h + low_ + c) / 3 for h, low_, c in zip(high, low, close, strict=True)]
    out = [nan] * len(close)
    for bar in range(period, len(close)):
        up = down = Fraction(0)
        for i in range(bar - period + 1, bar + 1):
            flow = Fraction(typical[i]) * Fraction(volume[i])
            up += flow if typical[i] > typical[i - 1] else 0
            down += flow if typical[i] < typical[i - 1] else 0
        out[bar] = float(100 * up / (up + down)) if up + down else 50.0
    return out


def average(values: Sequence[float], start: int, period: int) -> list[float]:
    """Exponential, seeded with the simple mean of the `period` values that end at `start`."""
    out = [nan] * len(values)
    if start < len(values):
        out[start] = sum(values[start - period + 1 : start + 1]) / period
        for i in range(start + 1, len(values)):
            out[i] = out[i - 1] + (values[i] - out[i - 1]) * 2 / (period + 1)
    return out


def macd(close: Sequence[float], fast: int, slow: int, signal: int) -> list[float]:
    """The histogram: MACD less its average, all averages seeded with simple means, fast and slow at the same bar."""
    first = min(slow - 1, len(close))
    line = [a - b for a, b in zip(average(close, slow - 1, fast), average(close, slow - 1, slow), strict=True)]
    smooth = [nan] * first + average(line[first:], signal - 1, signal)
    return [a - b for a, b in zip(line, smooth, strict=True)]


def vwap(
    high: Sequence[float],
    low: Sequence[float],
    close: Sequence[float],
    volume: Sequence[float],
    first_rows: Sequence[int],
) -> list[float]:
    """Over bars first_rows[i]..i, in exact fractions."""
    out = []
    for bar, first in enumerate(first_rows):
        rows = range(first, bar + 1)
        paid = sum(Fraction((high[i] + low[i] + close[i]) / 3) * Fraction(volume[i]) for i in rows)
        traded = sum(Fraction(volume[i]) for i in rows)
        out.append(float(paid / traded) if traded else nan)
    return out


def volatility(close: Sequence[float], lookback: int) -> list[float]:
    """The spread of the lookback's bar returns, in exact fractions until the root."""
    out = [nan] * len(close)
    for bar in range(lookback, len(close)):
        returns = [Fraction(close[i]) / Fraction(close[i - 1]) - 1 for i in range(bar - lookback + 1, bar + 1)]
        mean = sum(returns) / lookback
        squares = sum((item - mean) ** 2 for item in returns)
        out[bar] = sqrt(squares / (lookback - 1) * lookback)
    return out
