"""Sums and spreads over the last N values, by adding alone.

A running sum that adds the new value and takes away the old one keeps the rounding of the largest value it ever held:
one huge bar spoils every later window. Here a window of 14 is joined from two of 7, and one of 7 from two of 3 and one
more value: some log2 N passes over the array, nothing taken away, and the result depends on the window's own values in
a fixed order, so it is the same to the last bit wherever history starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from trader_cli.domain.bars import Floats

    type Parts = tuple[Floats, ...]
    type Join = Callable[[Parts, int, Parts, int], Parts]

_CHUNK = 1 << 14
"""Windows done at a time: few enough that all arrays in work stay in the processor's cache."""


def sums(values: Floats, length: int) -> Floats:
    """The sum of the last `length` values at each place; NaN while there are fewer."""
    return _over_windows((values,), length, _join_sums, lambda parts: parts[0])


def deviations(values: Floats, length: int) -> Floats:
    """The standard deviation (ddof 1) of the last `length` values; NaN while there are fewer.

    Source: Chan, Golub, LeVeque 1979, the squares about the mean of two joined samples.
    """
    start = (values, np.zeros_like(values))
    return _over_windows(start, length, _join_moments, lambda parts: np.sqrt(parts[1] / (length - 1)))


def _over_windows(values: Parts, length: int, join: Join, finish: Callable[[Parts], Floats]) -> Floats:
    """`finish` of the joined values of each window, chunk by chunk."""
    size = len(values[0])
    result = np.full(size, np.nan)
    step = max(_CHUNK, 4 * length)
    for first in range(length - 1, size, step):
        last = min(first + step, size)
        chunk = tuple(part[first - length + 1 : last] for part in values)
        result[first:last] = finish(_joined(chunk, length, join))
    return result


def _joined(values: Parts, length: int, join: Join) -> Parts:
    """All windows of `length` values: of two halves each, and of one value more where the length is odd.

    Shape: row *j* of the result covers values j..j+length-1.
    """
    if length == 1:
        return values
    width = length // 2
    half = _joined(values, width, join)
    whole = join(_rows(half, 0, -width), width, _rows(half, width, None), width)
    if length % 2:
        whole = join(_rows(whole, 0, -1), length - 1, _rows(values, length - 1, None), 1)
    return whole


def _rows(parts: Parts, first: int, last: int | None) -> Parts:
    return tuple(part[first:last] for part in parts)


def _join_sums(left: Parts, _left_width: int, right: Parts, _right_width: int) -> Parts:
    return (left[0] + right[0],)


def _join_moments(left: Parts, left_width: int, right: Parts, right_width: int) -> Parts:
    """Mean, and squares about the mean, of two samples side by side."""
    width = left_width + right_width
    apart = right[0] - left[0]
    mean = left[0] + apart * (right_width / width)
    squares = left[1] + right[1] + apart * apart * (left_width * right_width / width)
    return mean, squares
