"""The wall's time."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Protocol, override, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable

    from trader_cli.ports import Meanwhile

SLICE = 0.5
"""Seconds after which whoever waits looks up."""

SLEPT = 5.0
"""Seconds more than were asked for, from which on a wait is worth a word."""

STEPPED = 2.0
"""Seconds by which the wall's clock may leave a steady one within one slice."""


@runtime_checkable
class Watchful(Protocol):
    """A clock that notices when time does odd things."""

    def oddities(self) -> list[str]:
        """What it has noticed since it was last asked."""
        ...


class WallClock:
    """What a clock on the wall shows; it goes on while the machine sleeps, and may be set back.

    Each session has its own, since what it noticed is told once.
    """

    def __init__(self) -> None:
        self._oddities: deque[str] = deque(maxlen=10)

    def now(self) -> datetime:
        """The time."""
        return datetime.now(UTC)

    async def reach(self, time: datetime, meanwhile: Meanwhile | None = None) -> None:
        """Waits in slices, each measured anew: after a sleep of the machine it is at once as late as it is.

        Where the clock is set back it returns at once: whoever waits has to think again.
        """
        while (left := (time - self.now()).total_seconds()) > 0:
            asked = min(left, SLICE)
            wall, steady = self.now(), monotonic()
            await asyncio.sleep(asked)
            is_set_back = self._compare(asked, (self.now() - wall).total_seconds(), monotonic() - steady)
            if meanwhile is not None:
                await meanwhile()
            if is_set_back:
                return

    def oddities(self) -> list[str]:
        """Sleeps and steps of the clock since this was last asked."""
        found = list(self._oddities)
        self._oddities.clear()
        return found

    def _compare(self, asked: float, by_wall: float, by_steady: float) -> bool:
        """Whether the clock was set back: a wait, held against what was asked for, by this clock and by a steady one.

        A suspended machine's steady clock stands still, a stopped process's goes on: both are sleep to us.
        """
        if by_steady - asked > SLEPT:
            self._oddities.append(f"this process stood still for {_words(by_steady - asked)}")
        step = by_wall - by_steady
        if step > STEPPED:
            self._oddities.append(f"the machine slept for {_words(step)}, or its clock was set forward by as much")
        elif step < -STEPPED:
            self._oddities.append(f"the machine's clock was set back by {_words(-step)}")
        return step < -STEPPED


class VenueClock(WallClock):
    """A venue's time: the wall's, and by how many seconds the venue is `ahead` of it. What closes there goes by it."""

    def __init__(self, ahead: Callable[[], float]) -> None:
        super().__init__()
        self._ahead = ahead

    @override
    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._ahead())


def _words(seconds: float) -> str:
    """A duration for people.

    >>> _words(48.2), _words(184), _words(8000)
    ('48 s', '3 min', '2 h 13 min')
    """
    whole = timedelta(seconds=round(seconds))
    if whole < timedelta(minutes=2):
        return f"{whole.seconds} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
