"""The exchange's time, and the time that it shows. Unit: nanoseconds since 1970 UTC."""

from __future__ import annotations

from time import time_ns

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Clock:
    """The wall's time, or one that stands still until a test moves it.

    `skew` is what the venue's own clock is ahead; it shows in answers and in the check of a request's age, and moves
    no price.
    """

    def __init__(self, now: int | None = None) -> None:
        self._now = now
        self.skew = 0

    def now(self) -> int:
        return time_ns() if self._now is None else self._now

    def shown(self) -> int:
        """What the venue says the time is."""
        return self.now() + self.skew

    def set(self, now: int) -> None:
        """Moves a manual clock on. Raises: ValueError for a step back, and for the wall's time."""
        if self._now is None or now < self._now:
            raise ValueError("only a manual clock is set, and only forward")
        self._now = now
