"""How answers go over the wire, whatever the venue."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from tests.venues.bybit.front import RULES, Bybit
from tests.venues.core.clock import HOUR
from tests.venues.mischief.acts import HTML, Act, Skew, Status
from tests.venues.server import serving
from tests.venues.worlds import crypto

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.mark.parametrize(
    ("acts", "hour"), [((), "02"), ((HTML,), "02"), ((Status(code=299),), "02"), ((Skew(nanoseconds=HOUR),), "03")]
)
def test_every_answer_is_dated_by_the_clock_of_the_venue(acts: Sequence[Act], hour: str) -> None:
    with serving(Bybit(crypto(RULES))) as venue:
        for act in acts:
            venue.mischief.next(act)
        with urlopen(f"{venue.url}/v5/market/time") as answer:  # noqa: S310 - a socket of this machine
            assert answer.headers["Date"] == f"Mon, 02 Mar 2026 {hour}:00:00 GMT"
