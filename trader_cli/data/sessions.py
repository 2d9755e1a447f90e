"""The sessions of the New York exchanges, half days and holidays included."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from trader_cli.data.times import DAY
from trader_cli.domain.clock import from_nanoseconds, to_nanoseconds
from trader_cli.domain.timeframe import TradingHours

if TYPE_CHECKING:
    from trader_cli.domain.bars import Ints

_CALENDAR = "XNYS"
_ZONE = "America/New_York"
_EXTENDED = (4, 20)  # o'clock in New York


@dataclass(frozen=True, slots=True, eq=False)
class Sessions:
    """Consecutive sessions, oldest first.

    Units: `day` in days since 1970, `opens` and `closes` in ns since 1970 UTC; a session is [opens, closes).
    """

    day: Ints
    opens: Ints
    closes: Ints


def sessions_around(first: int, last: int, hours: TradingHours) -> Sessions:
    """Every session of the years in which two times (ns since 1970 UTC) lie, a margin on either side."""
    margin = 10 * DAY
    years = _year(first - margin), _year(last + margin)
    return _extended(*years) if hours is TradingHours.EXTENDED else _regular(*years)


def _year(time: int) -> int:
    return from_nanoseconds(time).year


@cache
def _regular(first_year: int, last_year: int) -> Sessions:
    import numpy as np
    from exchange_calendars import get_calendar

    calendar = get_calendar(_CALENDAR, start=f"{first_year}-01-01", end=f"{last_year}-12-31")
    day = calendar.sessions.to_numpy().astype("datetime64[D]").astype(np.int64)
    edges = (calendar.opens, calendar.closes)
    opens, closes = (edge.dt.tz_convert(None).to_numpy().astype("datetime64[ns]").astype(np.int64) for edge in edges)
    return Sessions(day, opens, closes)


@cache
def _extended(first_year: int, last_year: int) -> Sessions:
    """The same days from 04:00 to 20:00 New York time."""
    import numpy as np

    regular = _regular(first_year, last_year)
    opens, closes = (np.array([_at_clock(int(day), hour) for day in regular.day], dtype=np.int64) for hour in _EXTENDED)
    return Sessions(regular.day, opens, closes)


def _at_clock(day: int, hour: int) -> int:
    from zoneinfo import ZoneInfo

    clock = from_nanoseconds(day * DAY).replace(hour=hour, tzinfo=ZoneInfo(_ZONE))
    return to_nanoseconds(clock)
