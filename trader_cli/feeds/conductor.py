"""One time for several replays in a process: they go on in the order of their markets' time."""

from __future__ import annotations

import asyncio
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Self

from trader_cli.domain.clock import EPOCH

if TYPE_CHECKING:
    from datetime import datetime

    from trader_cli.ports import Meanwhile

    type Turn = asyncio.Future[None]

SLICE = 0.5
"""Seconds after which a waiting replay looks up: a kill switch works within one."""


class Conductor:
    """Lets its participants run one at a time: when all of them wait, the one whose time comes first.

    With a `speed` that takes the market's time divided by it; without, none. Ask for every clock before any is used,
    and let each `leave`: the others wait for a participant that does neither. (A task that is cancelled before its
    first step runs no `with`; a callback on its end does.)
    """

    def __init__(self, speed: float | None = None) -> None:
        self.now = EPOCH
        self._speed = speed
        self._joined = 0
        self._living = 0
        self._waits: list[tuple[datetime, int, Turn]] = []  # no two of a rank, so that turns are never compared
        self._released_at: float | None = None
        self._alarm: asyncio.TimerHandle | None = None

    def clock(self) -> ConductedClock:
        """The clock of one more participant."""
        self._joined += 1
        self._living += 1
        self._disarm()
        return ConductedClock(self, self._joined)

    @property
    def is_paced(self) -> bool:
        """Whether time takes time."""
        return self._speed is not None

    def park(self, time: datetime, rank: int) -> Turn:
        """A participant waits; perhaps everybody does now. At the same time the one that joined first goes first."""
        turn: Turn = asyncio.get_running_loop().create_future()
        heappush(self._waits, (max(time, self.now), rank, turn))
        self._look()
        return turn

    def unpark(self, turn: Turn) -> None:
        """A participant waits no more, though it was not its turn."""
        self._waits = sorted(wait for wait in self._waits if wait[2] is not turn)  # what is sorted is a heap
        self._disarm()

    def leave(self) -> None:
        """A participant is gone; perhaps all others wait."""
        self._living -= 1
        self._look()

    def _look(self) -> None:
        """Releases the first participant where all of them wait, at once or when the speed allows it."""
        if not self._waits or len(self._waits) < self._living or self._alarm is not None:
            return
        if self._speed is not None and (delay := self._delay(self._waits[0][0], self._speed)) > 0:
            self._alarm = asyncio.get_running_loop().call_later(delay, self._release)
        else:
            self._release()

    def _delay(self, time: datetime, speed: float) -> float:
        """Seconds until it may be `time`, counted from the last release so that work does not add up."""
        if self._released_at is None:
            return 0.0
        due = self._released_at + (time - self.now).total_seconds() / speed
        return due - asyncio.get_running_loop().time()

    def _release(self) -> None:
        self._alarm = None
        time, _, turn = heappop(self._waits)
        if turn.cancelled():  # that one runs already, to its end
            return
        self.now = time
        if self._speed is not None:
            self._released_at = asyncio.get_running_loop().time()
        turn.set_result(None)

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None


class ConductedClock:
    """The common time, as one participant sees it. As a context manager it leaves by itself."""

    def __init__(self, conductor: Conductor, rank: int) -> None:
        self._conductor, self._rank = conductor, rank
        self._has_left = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def now(self) -> datetime:
        """The time of the replay."""
        return self._conductor.now

    async def reach(self, time: datetime, meanwhile: Meanwhile | None = None) -> None:
        """Waits for its turn: until it is `time` and everybody else waits for a later one."""
        turn = self._conductor.park(time, self._rank)
        try:
            if self._conductor.is_paced:
                await _attended(turn, meanwhile)
            if turn.done():
                await asyncio.sleep(0)  # others, and a signal to stop, get their turn
            else:
                await turn
        except asyncio.CancelledError:
            self._conductor.unpark(turn)
            raise

    def leave(self) -> None:
        """Takes no part any more; called again, it does nothing."""
        if not self._has_left:
            self._has_left = True
            self._conductor.leave()


async def _attended(turn: Turn, meanwhile: Meanwhile | None) -> None:
    """Waits for a turn; `meanwhile` is called about twice a second."""
    while not (await asyncio.wait({turn}, timeout=SLICE))[0]:
        if meanwhile is not None:
            await meanwhile()
