"""Typical price, and the average of it by volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trader_cli.indicators.windows import sums

if TYPE_CHECKING:
    from trader_cli.domain.bars import Floats, Ints


def typical_price(high: Floats, low: Floats, close: Floats) -> Floats:
    """(high + low + close) / 3."""
    return (high + low + close) / 3


def session_vwap(high: Floats, low: Floats, close: Floats, volume: Floats, session: Ints) -> Floats:
    """The volume-weighted typical price from the session's first bar on, each bar included.

    Shape: one value a bar, NaN while the session has no volume; `session` changes where a session begins.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        paid = _running_totals(typical_price(high, low, close) * volume, session)
        return paid / _running_totals(volume, session)


def rolling_vwap(high: Floats, low: Floats, close: Floats, volume: Floats, length: int) -> Floats:
    """The volume-weighted typical price of the last `length` bars.

    Shape: one value a bar, NaN for the first `length` - 1 and where there was no volume.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return sums(typical_price(high, low, close) * volume, length) / sums(volume, length)


def _running_totals(values: Floats, session: Ints) -> Floats:
    """Totals since the session's first row.

    Each session is added up by itself: the difference of two totals over all history would keep the rounding of all
    history. Few sessions are done one by one, many short ones side by side, row after row.
    """
    totals = values.astype(np.float64)
    starts = np.concatenate([[0], np.flatnonzero(session[1:] != session[:-1]) + 1])
    lengths = np.diff(starts, append=len(values))
    if len(starts) <= lengths.max(initial=0):
        for start, length in zip(starts, lengths, strict=True):
            rows = totals[start : start + length]
            np.cumsum(rows, out=rows)
        return totals
    for row in range(1, int(lengths.max(initial=0))):
        starts = starts[lengths > row]
        lengths = lengths[lengths > row]
        totals[starts + row] += totals[starts + row - 1]
    return totals
