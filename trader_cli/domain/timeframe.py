"""How long a bar lasts, and how many of them make a session."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from math import log

from trader_cli.errors import suggest


class Timeframe(StrEnum):
    """The bar lengths `trader` knows, written as users write them."""

    M1 = "1m"
    M3 = "3m"
    M5 = "5m"
    M15 = "15m"
    M30 = "30m"
    H1 = "1h"
    H2 = "2h"
    H4 = "4h"
    H6 = "6h"
    H8 = "8h"
    H12 = "12h"
    D1 = "1d"

    @cached_property
    def duration(self) -> timedelta:
        """The length of one bar."""
        unit = {"m": "minutes", "h": "hours", "d": "days"}[self.value[-1]]
        return timedelta(**{unit: int(self.value[:-1])})

    @cached_property
    def nanoseconds(self) -> int:
        """The length of one bar in the unit of time columns."""
        return int(self.duration.total_seconds()) * 1_000_000_000

    def divides(self, coarser: Timeframe) -> bool:
        """Whether whole bars of this length make up one bar of `coarser`."""
        return coarser.nanoseconds % self.nanoseconds == 0


def near(text: str) -> str:
    """The end of an error line: the timeframe somebody may have meant, or nothing where none is near.

    >>> near("7m"), near("60min"), near("2w"), near("soon")
    (", did you mean '5m'?", ", did you mean '1h'?", ", did you mean '1d'?", '')
    """
    length = re.fullmatch(r"([1-9]\d{0,5}) ?(min|[mhHdDw])", text.strip())
    if length is None:
        return suggest(text, Timeframe)
    minutes = int(length[1]) * {"m": 1, "min": 1, "h": 60, "d": 1440, "w": 10080}[length[2].lower()]
    nearest = min(Timeframe, key=lambda one: abs(log(one.duration / timedelta(minutes=minutes))))
    return f", did you mean '{nearest}'?"


class TradingHours(StrEnum):
    """When a market trades; decides what a session is and how many days make a year."""

    CONTINUOUS = "24/7"
    REGULAR = "regular"
    EXTENDED = "extended"

    @property
    def session_length(self) -> timedelta:
        """The longest session: the UTC day, 09:30-16:00 or 04:00-20:00 New York time."""
        return {
            TradingHours.CONTINUOUS: timedelta(days=1),
            TradingHours.REGULAR: timedelta(hours=6.5),
            TradingHours.EXTENDED: timedelta(hours=16),
        }[self]

    @property
    def days_per_year(self) -> int:
        """Sessions a year, by which daily statistics are annualized."""
        return 365 if self is TradingHours.CONTINUOUS else 252

    def bars_per_session(self, timeframe: Timeframe) -> int:
        """The most bars one session can hold, at least 1."""
        return max(1, -(-self.session_length // timeframe.duration))
