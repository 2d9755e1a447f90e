"""The sampler learns where the good combinations are, from what it is told alone."""

from __future__ import annotations

from itertools import product
from math import cos, nan
from typing import TYPE_CHECKING

import pytest

from trader_cli.app.sampling import Combination, Sampler
from trader_cli.variant.axes import Axis

if TYPE_CHECKING:
    from collections.abc import Callable

HILLS = (Axis("x", tuple(range(26))), Axis("y", tuple(range(10))), Axis("z", tuple(range(10))), Axis("u", (1, 2, 4, 8)))
"""10,400 combinations."""


def height(found: Combination) -> float:
    """Hills with one highest top and many lower ones. Source: made up."""
    x, y, z, u = (digit / (len(axis.values) - 1) for digit, axis in zip(found.digits, HILLS, strict=True))
    return 0.15 * cos(9 * x) * cos(7 * y) - 3 * (x - 0.62) ** 2 - (y - 0.3) ** 2 - 2 * (z - 0.71) ** 2 - (u - 0.4) ** 2


def tried(
    cells: tuple[tuple[Axis, ...], ...], value: Callable[[Combination], float], *, trials: int = 192, seed: int = 0
) -> list[Combination]:
    sampler, found = Sampler(cells, seed), []
    for _ in range(trials // 16):
        batch = sampler.ask(16)
        sampler.tell([value(each) for each in batch])
        found += batch
    return found


@pytest.mark.parametrize("seed", range(5))
def test_the_best_of_ten_thousand_is_nearly_found_in_two_hundred_trials(seed: int) -> None:
    everywhere = product(*(range(len(axis.values)) for axis in HILLS))
    heights = sorted((height(Combination(0, digits)) for digits in everywhere), reverse=True)
    assert max(map(height, tried((HILLS,), height, seed=seed))) >= heights[4]  # by chance the best of 192 is the 50th


def test_a_seed_decides_what_is_tried() -> None:
    first, again, other = (tried((HILLS,), height, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_what_has_no_value_is_kept_away_from() -> None:
    """Only one in ten has a value: of the last trials, which have learnt, most have one."""
    found = tried((HILLS,), lambda each: height(each) if each.digits[1] == 7 else nan)
    assert sum(each.digits[1] == 7 for each in found[-64:]) > 32


def test_each_cell_has_its_own_axes_and_the_best_cell_is_found() -> None:
    cells = ((HILLS[0], HILLS[1]), (HILLS[0],), (Axis("mode", ("slow", "fast", True)),))
    found = tried(cells, lambda each: -abs(each.digits[0] - 20) if each.cell == 1 else -30.0)
    assert all(len(each.digits) == len(cells[each.cell]) for each in found)
    assert {each.cell for each in found[:32]} == {0, 1, 2}
    assert sum(each.cell == 1 for each in found[-64:]) > 32
    assert Combination(1, (20,)) in found


def test_numbers_are_searched_in_their_order_however_they_are_given() -> None:
    """The value hangs on the number alone: a list in disorder is searched as its sorted one is."""
    given = tuple(sorted(range(400), key=lambda number: number * 7919 % 400))
    plain = tried(((Axis("x", tuple(range(400))),),), lambda each: -abs(each.digits[0] - 123.0))
    mixed = tried(((Axis("x", given),),), lambda each: -abs(given[each.digits[0]] - 123.0))
    assert [each.digits[0] for each in plain] == [given[each.digits[0]] for each in mixed]
