"""When a value is below or above a level: the only comparisons of indicators in the program.

A value that differs from a level by rounding alone equals it, and equality is no signal. The same functions serve an
array and one number. NaN is neither below nor above anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trader_cli.domain.bars import Floats

RELATIVE = 1e-9
"""Tolerance of a level, per unit of the level or of one, whichever is larger."""

PRICE_SHARE = 1e-12
"""The same where the value is a small part of the price: MACD's histogram / close."""


@overload
def below(value: float, level: float, tolerance: float = RELATIVE) -> bool: ...
@overload
def below(value: Floats, level: float, tolerance: float = RELATIVE) -> NDArray[np.bool_]: ...
def below(value: float | Floats, level: float, tolerance: float = RELATIVE) -> bool | NDArray[np.bool_]:
    """Whether `value` is under `level` by more than rounding.

    >>> below(29.9, 30), below(30 - 1e-9, 30), below(30, 30)
    (True, False, False)
    """
    return value < level - tolerance * max(1.0, abs(level))


@overload
def above(value: float, level: float, tolerance: float = RELATIVE) -> bool: ...
@overload
def above(value: Floats, level: float, tolerance: float = RELATIVE) -> NDArray[np.bool_]: ...
def above(value: float | Floats, level: float, tolerance: float = RELATIVE) -> bool | NDArray[np.bool_]:
    """Whether `value` is over `level` by more than rounding.

    >>> above(70.1, 70), above(70 + 1e-9, 70), above(70, 70)
    (True, False, False)
    """
    return value > level + tolerance * max(1.0, abs(level))


@overload
def not_above(value: float, level: float, tolerance: float = RELATIVE) -> bool: ...
@overload
def not_above(value: Floats, level: float, tolerance: float = RELATIVE) -> NDArray[np.bool_]: ...
def not_above(value: float | Floats, level: float, tolerance: float = RELATIVE) -> bool | NDArray[np.bool_]:
    """Whether `value` is known and not over `level`: what a filter demands, so that NaN never passes it.

    >>> not_above(0.15, 0.15), not_above(0.16, 0.15), not_above(float("nan"), 0.15)
    (True, False, False)
    """
    return value <= level + tolerance * max(1.0, abs(level))
