"""Pages that make no sense: asked for again, and never stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fetch.conftest import COIN, CONTRACT, HOURS, LISTED, ns
from tests.sandbox.server import HOUR

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fetch.conftest import Shop
    from tests.sandbox.server import Rows

    type Mischief = Callable[[Rows], Rows]


def with_row(place: int, **changes: float) -> Mischief:
    """A page in which one row is otherwise: `at` is its time (ns), the others its prices and volume."""
    columns = ("at", "open", "high", "low", "close", "volume")

    def changed(told: Rows) -> Rows:
        row = dict(zip(columns, told[place], strict=True)) | changes
        return [*told[:place], list(row.values()), *told[place + 1 :]]

    return changed


UNSOUND = {
    "f050 newest first": (lambda told: told[::-1], "is older than the row before"),
    "f049 twice": (lambda told: [*told[:3], *told[2:]], "is a duplicate of the row before"),
    "f054 nan": (with_row(7, close=float("nan")), "close is nan, which is no finite number"),
    "f055 zero": (with_row(7, low=0.0), "low is 0.0; a price must be above 0"),
    "f057 off the grid": (with_row(7, at=ns("2024-02-10T07:30")), "is off the grid of 1h bars"),
    "high below low": (with_row(7, high=1.0), "is below low"),
    "before what was asked for": (with_row(0, at=ns("2024-02-09T23:00")), "lies before 2024-02-10T00:00:00Z"),
    "f052 the future": (with_row(99, at=ns("2030-01-01")), "lies in the future"),
    "f057 longer bars": (lambda told: told[::4], "its bars are 4:00:00 apart, or multiples of it; those of 1h were"),
}


@pytest.mark.parametrize(("mischief", "said"), UNSOUND.values(), ids=UNSOUND)
def test_what_is_told_twice_alike_and_makes_no_sense_is_refused_by_venue_symbol_and_time(
    shop: Shop, mischief: Mischief, said: str
) -> None:
    shop.venue.mischief = [mischief] * 3
    outcome = shop.fetch("--from", LISTED)
    assert outcome.code == 2
    assert said in outcome.err
    assert '"file": "bazaar\'s answer for BTC/USDT"' in outcome.err
    assert not shop.file.exists()
    assert len(shop.asked()) == 2


@pytest.mark.parametrize(("mischief", "said"), UNSOUND.values(), ids=UNSOUND)
def test_garbage_that_passes_leaves_no_trace(shop: Shop, mischief: Mischief, said: str) -> None:
    shop.venue.mischief = [mischief]
    assert shop.fetch("--from", LISTED).code == 0
    assert shop.kept() == shop.venue.history[COIN, "1h", "trades"][:-1]


def test_garbage_that_is_another_each_time_is_a_venue_in_trouble(shop: Shop) -> None:
    shop.venue.mischief = [with_row(place, close=float("nan")) for place in (3, 4, 5)]
    outcome = shop.fetch("--from", LISTED)
    assert outcome.code == 5
    assert "asked 3 times, it makes no sense in another way each time" in outcome.err


def test_what_came_before_garbage_is_kept(shop: Shop) -> None:
    told = shop.venue.history[COIN, "1h", "trades"]
    told[250] = [*told[250][:4], float("inf"), 1.0]
    outcome = shop.fetch("--from", LISTED)
    assert outcome.code == 2
    assert '"key": "the bar of 2024-02-20T10:00:00Z"' in outcome.err
    assert shop.kept() == told[:200]
    told[250] = [told[250][0], *told[249][1:]]
    assert shop.fetch("--from", LISTED).code == 0
    assert len(shop.kept()) == HOURS


def test_rates_in_percent_are_refused(shop: Shop) -> None:
    first = ns(LISTED)
    shop.venue.history[CONTRACT, "", "funding"] = [[first + 8 * HOUR * row, 0.5] for row in range(9)]
    outcome = shop.fetch("--from", LISTED, asset_class="futures", symbol=CONTRACT)
    assert outcome.code == 2
    assert "has a rate beyond 10%" in outcome.err
    assert [one["kind"] for one in outcome.document["series"]] == ["trades", "mark"]
