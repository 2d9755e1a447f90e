"""`5..30` and `0.01..0.05..0.01`: the numbers of a range, computed in decimals and not in binary fractions."""

from __future__ import annotations

import re
from decimal import Decimal

MOST_VALUES = 1_000_000
"""The most values one axis may have."""

_NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{1,20})?([eE][+-]?\d{1,3})?")
_WHOLE = re.compile(r"[+-]?\d{1,20}")


def numbers(text: str) -> list[int] | list[float]:
    """The numbers of `LO..HI` (whole ones, one apart) or `LO..HI..STEP`, both ends included.

    >>> numbers("5..8"), numbers("0.01..0.05..0.01"), numbers("0..10..4")
    ([5, 6, 7, 8], [0.01, 0.02, 0.03, 0.04, 0.05], [0, 4, 8])

    Raises: ValueError, whose message says what is wrong with the range.
    """
    parts = [part.strip() for part in text.split("..")]
    if len(parts) > 3 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise ValueError("is no range: write LO..HI or LO..HI..STEP in numbers, a text that holds '..' in quotes")
    are_whole = all(_WHOLE.fullmatch(part) for part in parts)
    if len(parts) == 2 and not are_whole:
        raise ValueError(f"needs a step, as in {text.strip()}..0.01")
    low, high, step = map(Decimal, parts if len(parts) == 3 else (*parts, "1"))
    if step <= 0:
        raise ValueError(f"has the step {parts[-1]}: it must be above 0")
    if low > high:
        raise ValueError(f"runs backwards: write the lower end first, {parts[1]}..{parts[0]}")
    if (high - low) / step >= MOST_VALUES:
        raise ValueError(f"has more than {MOST_VALUES:,} values: take a larger step")
    found = [low + number * step for number in range(int((high - low) / step) + 1)]
    return [int(value) for value in found] if are_whole else [float(value) for value in found]
