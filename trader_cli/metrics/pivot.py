"""Many runs folded to a few cells: what is typical of each, and what is best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.domain.bars import Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Pivot:
    """A figure over two axes, all others folded.

    Shape: (rows, columns). `median` and `best`, the largest, are NaN in a cell none of whose `runs` has the figure.
    """

    median: Floats
    best: Floats
    runs: Ints


def pivot(rows: Ints, columns: Ints, values: Floats, shape: tuple[int, int]) -> Pivot:
    """Folds all runs that share a row and a column.

    Shape: `rows`, `columns` and `values` (runs,); a run whose row or column is -1 is in no cell, and NaN and infinity
    are no values. `shape` is that of the result.
    """
    cells = np.where((rows >= 0) & (columns >= 0), rows * shape[1] + columns, -1)
    size = shape[0] * shape[1]
    median, best = (found.reshape(shape) for found in quantiles(cells, values, size, (0.5, 1.0)))
    runs = np.bincount(cells[cells >= 0], minlength=size).reshape(shape)
    return Pivot(median, best, runs)


def quantiles(groups: Ints, values: Floats, count: int, at: Sequence[float]) -> Floats:
    """Quantiles of the values of each group, between two neighbours by linear interpolation.

    Shape: `groups` (runs,) of 0 to `count` - 1, or -1 for none; `values` (runs,), NaN and infinity being none. The
    result: (quantiles, groups), NaN for a group without values.

    Source: Hyndman and Fan, Sample Quantiles in Statistical Packages, American Statistician 50(4), 1996: definition 7.
    """
    is_known = (groups >= 0) & np.isfinite(values)
    groups, values = groups[is_known], values[is_known]
    values = values[np.lexsort((values, groups))]
    sizes = np.bincount(groups, minlength=count)
    filled = np.flatnonzero(sizes)
    last = sizes[filled] - 1
    first = (np.cumsum(sizes) - sizes)[filled]
    found = np.full((len(at), count), np.nan)
    for row, part in zip(found, at, strict=True):
        place = part * last
        below = place.astype(np.int64)
        low, high = values[first + below], values[first + np.minimum(below + 1, last)]
        row[filled] = low + (high - low) * (place - below)
    return found
