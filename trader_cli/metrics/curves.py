"""Curves as pictures need them: as few points as tell the same, and what each month earned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trader_cli.domain.bars import Floats, Ints


def thinned(values: Floats, most: int) -> Ints:
    """Which points of a curve to draw: its ends, and the lowest and the highest of each of equal stretches.

    At most `most`, which is at least 4, in ascending order; all of them where they are no more than that.
    """
    count = len(values)
    if count <= most:
        return np.arange(count)
    kept = [0, count - 1]
    for stretch in np.array_split(np.arange(count), (most - 2) // 2):
        kept += [int(stretch[np.argmin(values[stretch])]), int(stretch[np.argmax(values[stretch])])]
    return np.unique(kept)


def monthly_returns(times: Ints, equity: Floats, start: float) -> tuple[NDArray[np.datetime64], Floats]:
    """What each month of UTC earned on the equity at the end of the one before, the first one on `start`.

    Shape: `times` (ns since 1970) and `equity` have one entry a bar; the result, one a month that holds bars. NaN on an
    equity that was none.

    >>> months, returns = monthly_returns(np.array([0, 40 * 86400 * 10**9]), np.array([110.0, 99.0]), 100.0)
    >>> months.astype(str).tolist(), returns.round(9).tolist()
    (['1970-01', '1970-02'], [0.1, -0.1])
    """
    months = times.astype("datetime64[ns]").astype("datetime64[M]")
    last = np.flatnonzero(np.append(months[1:] != months[:-1], np.ones(min(1, len(months)), dtype=np.bool_)))
    closes = equity[last]
    before = np.append(start, closes)[:-1]
    earned = np.full(len(closes), np.nan)
    np.divide(closes, before, out=earned, where=before > 0.0)
    return months[last], earned - 1.0
