"""Below and above: rounding is no difference, equality no signal, NaN nothing at all."""

from __future__ import annotations

from math import nan

import numpy as np
import pytest

from trader_cli.indicators import PRICE_SHARE, above, below, not_above


@pytest.mark.parametrize(
    ("value", "level", "is_below", "is_above"),
    [
        (30.0, 30.0, False, False),
        (30.0 - 2.9e-8, 30.0, False, False),  # the tolerance is 1e-9 x 30 = 3e-8
        (30.0 - 3.1e-8, 30.0, True, False),
        (30.0 + 3.1e-8, 30.0, False, True),
        (0.65 + 0.9e-9, 0.65, False, False),  # 1e-9 for levels below one
        (0.65 + 1.1e-9, 0.65, False, True),
        (-2.0 - 2.1e-9, -2.0, True, False),  # the size of a level counts, not its sign
        (-2.0 - 1.9e-9, -2.0, False, False),
        (nan, 30.0, False, False),
    ],
)
def test_a_level_is_passed_only_by_more_than_its_tolerance(
    value: float, level: float, is_below: bool, is_above: bool
) -> None:
    assert (below(value, level), above(value, level)) == (is_below, is_above)
    assert below(np.array([value]), level).tolist() == [is_below]
    assert above(np.array([value]), level).tolist() == [is_above]


def test_macd_levels_have_a_tolerance_of_their_own() -> None:
    assert not above(0.0001 + 0.9e-12, 0.0001, PRICE_SHARE)
    assert above(0.0001 + 1.1e-12, 0.0001, PRICE_SHARE)
    assert not below(-0.0001 - 0.9e-12, -0.0001, PRICE_SHARE)
    assert below(-0.0001 - 1.1e-12, -0.0001, PRICE_SHARE)


def test_what_is_not_known_passes_no_filter() -> None:
    assert not not_above(nan, 0.15)
    assert not_above(0.15, 0.15)
    assert not not_above(0.15 + 2e-9, 0.15)
