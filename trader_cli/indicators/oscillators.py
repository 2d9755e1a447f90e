"""RSI and MFI: how much of the recent movement was upward, 0..100."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trader_cli.indicators.prices import typical_price
from trader_cli.indicators.talib_core import talib
from trader_cli.indicators.windows import sums

if TYPE_CHECKING:
    from trader_cli.domain.bars import Floats

_BALANCE = 50.0


def rsi(close: Floats, period: int) -> Floats:
    """Wilder's RSI, seeded with the simple mean of the first `period` changes.

    TA-Lib's, but 50 where no close moved within the last 3 x period bars: it says 0 before the first move, and goes on
    for ever with the last one.

    Shape: one value a close, NaN for the first `period`. Units: 0..100.
    """
    value = talib().RSI(close, timeperiod=period)
    for first, last in _calm_stretches(close, 3 * period):
        value[max(first, period) : last] = _BALANCE
    return value


def _calm_stretches(close: Floats, bars: int) -> list[tuple[int, int]]:
    """Rows first..last-1 with no move among the last `bars` rows, or none at all yet.

    Looks only at the rows that did not move, which are few in most markets.
    """
    still = np.flatnonzero(close[1:] == close[:-1]) + 1
    if not len(still):
        return []
    last_of_run = np.flatnonzero(np.diff(still) > 1)
    starts, ends = still[np.append(0, last_of_run + 1)], still[np.append(last_of_run, -1)] + 1
    calm_from = np.where(starts == 1, 0, starts - 1 + bars)
    return [(int(first), int(end)) for first, end in zip(calm_from, ends, strict=True) if first < end]


def mfi(high: Floats, low: Floats, close: Floats, volume: Floats, period: int) -> Floats:
    """Money flow index: the share of typical price x volume that flowed on a rising typical price.

    An unchanged typical price counts on neither side; 50 without any flow. TA-Lib's running sums keep the rounding of
    the largest bar they ever held, so the sums are made here.

    Shape: one value a bar, NaN for the first `period`. Units: 0..100.
    """
    typical = typical_price(high, low, close)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        flow = (typical * volume)[1:]
        positive = sums(flow * (typical[1:] > typical[:-1]), period)
        negative = sums(flow * (typical[1:] < typical[:-1]), period)
        value = 100 * (positive / (positive + negative))
    value[(positive == 0) & (negative == 0)] = _BALANCE
    return np.concatenate([np.full(min(1, len(close)), np.nan), value])
