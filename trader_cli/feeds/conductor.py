"""One time for several replays in one process: whoever is earliest goes on, the others wait for him."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from trader_cli.domain.clock import EPOCH
from trader_cli.feeds.replay import SLICE

if TYPE_CHECKING:
    from datetime import datetime

    from trader_cli.ports import Meanwhile


@dataclass(order=True, slots=True)
class _Wait:
    """Somebody who waits for a time; of those who wait for the same, the one who joined first goes first."""

    time: datetime
    rank: int
    turn: asyncio.Future[None] = field(compare=False)
    meanwhile: Meanwhile | None = field(compare=False)


class Conductor:
    """Goes from one event to the next once everybody waits; with a `speed`, in the market's time divided by that."""

    def __init__(self, speed: float | None = None) -> None:
        self._speed = speed
        self._seats = 0
        self._playing = 0
        self._waiting: list[_Wait] = []
        self._pacing: asyncio.Task[None] | None = None
        self.now = EPOCH

    def seat(self) -> Seat:
        """A clock for one more; to be had before anybody waits."""
        self._seats += 1
        self._playing += 1
        return Seat(self, self._seats)

    async def reach(self, time: datetime, rank: int, meanwhile: Meanwhile | None) -> None:
        """Returns when it is somebody's turn."""
        wait = _Wait(time, rank, asyncio.get_running_loop().create_future(), meanwhile)
        heappush(self._waiting, wait)
        self._playing -= 1
        self._go_on()
        try:
            await wait.turn
        except asyncio.CancelledError:
            if wait in self._waiting:
                self._waiting.remove(wait)
                heapify(self._waiting)
                self._playing += 1
            raise

    def leave(self) -> None:
        """One plays no more."""
        self._playing -= 1
        self._go_on()

    def _go_on(self) -> None:
        if self._playing or not self._waiting or self._pacing is not None:
            return None
        if self._speed is None or self.now == EPOCH:
            return self._give_turn()
        self._pacing = asyncio.ensure_future(self._pace(self._speed))
        return None

    def _give_turn(self) -> None:
        wait = heappop(self._waiting)
        self.now = max(self.now, wait.time)
        self._playing += 1
        if not wait.turn.done():
            wait.turn.set_result(None)

    async def _pace(self, speed: float) -> None:
        """Waits as long as the market would, divided by the speed; everybody may look up meanwhile."""
        try:
            left = max(0.0, (self._waiting[0].time - self.now).total_seconds()) / speed
            while left > SLICE:
                await asyncio.sleep(SLICE)
                for wait in tuple(self._waiting):
                    if wait.meanwhile is not None:
                        await wait.meanwhile()
                left -= SLICE
            await asyncio.sleep(left)
        finally:
            self._pacing = None
        if self._waiting:
            self._give_turn()


class Seat:
    """The conductor's time for one of those who play by it."""

    def __init__(self, conductor: Conductor, rank: int) -> None:
        self._conductor, self._rank = conductor, rank
        self._is_there = True

    def now(self) -> datetime:
        """The time of the last event."""
        return self._conductor.now

    async def reach(self, time: datetime, meanwhile: Meanwhile | None = None) -> None:
        """Returns once it is `time` and everybody who is earlier has had his turn."""
        await self._conductor.reach(time, self._rank, meanwhile)

    def leave(self) -> None:
        """Nobody waits for this one any more."""
        if self._is_there:
            self._is_there = False
            self._conductor.leave()
