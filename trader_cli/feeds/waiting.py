"""Waiting for a time that a clock shows, with an eye on whether the clock goes as it should."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from trader_cli.ports import Clock, Meanwhile

SLEPT = timedelta(seconds=10)
"""So much later than it should, a wait ends where the machine slept, the process was stopped or the clock was set."""

SET_BACK = timedelta(seconds=1)
"""By more than this a clock that shows an earlier time than before was set back."""


class Patience:
    """Waits; between now and then it gives a turn every `pause`, where there is one."""

    def __init__(self, clock: Clock, pause: timedelta | None) -> None:
        self._clock, self._pause = clock, pause
        self._seen: datetime | None = None
        self._noticed: list[str] = []

    def noticed(self) -> list[str]:
        """What was odd about the time since this was asked last."""
        self._look()
        found, self._noticed = self._noticed, []
        return found

    async def until(self, time: datetime, meanwhile: Meanwhile, *, is_polling: bool) -> AsyncIterator[None]:
        """Until it is `time`; a turn now and then before that, where `is_polling`."""
        while (now := self._look()) < time:
            pause = self._pause if is_polling else None
            turn = time if pause is None else min(time, now + pause)
            await self._clock.reach(turn, meanwhile)
            late = self._clock.now() - turn
            if late > SLEPT:
                self._noticed.append(f"asleep for {_words(late)}: the machine slept, or this process was stopped")
                return
            if turn < time:
                yield

    def _look(self) -> datetime:
        """The time; whether it went backwards."""
        now = self._clock.now()
        if self._seen is not None and self._seen - now > SET_BACK:
            self._noticed.append(f"the clock was set back by {_words(self._seen - now)}")
        self._seen = now
        return now


def _words(span: timedelta) -> str:
    return str(timedelta(seconds=round(span.total_seconds())))
