"""A venue for the bench's fleets: bars over loopback from a process of its own, and a clock that the bench moves."""

from __future__ import annotations

import asyncio
import multiprocessing
from contextlib import contextmanager
from typing import TYPE_CHECKING, override

import numpy as np

from bench import data
from tests.sandbox.broker import Sandbox
from tests.sandbox.server import Venue, serving
from trader_cli.domain.bars import Bars
from trader_cli.domain.clock import EPOCH, from_nanoseconds
from trader_cli.domain.timeframe import Timeframe, TradingHours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from multiprocessing.connection import Connection

    from trader_cli.ports import Clock, Meanwhile

SYMBOL, TIMEFRAME = "BTC/USD", Timeframe.M1
BARS = 4_000
DAY_NS = 86_400_000_000_000


class Turns:
    """A clock that stands until it is moved, and knows when everybody who goes by it waits again."""

    def __init__(self) -> None:
        self._now = EPOCH
        self._parties = self._waiting = 0
        self._moved, self._settled = asyncio.Event(), asyncio.Event()

    def now(self) -> datetime:
        """The time."""
        return self._now

    async def reach(self, time: datetime, meanwhile: Meanwhile | None = None) -> None:
        """Waits until the clock has been moved so far."""
        while self._now < time:
            self._waiting += 1
            if self._waiting == self._parties:
                self._settled.set()
            await self._moved.wait()

    def move(self, now: datetime, parties: int) -> None:
        """Makes it `now` for so many who wait, or are to come."""
        self._now, self._parties, self._waiting = now, parties, 0
        before, self._moved = self._moved, asyncio.Event()
        self._settled.clear()
        before.set()

    async def settled(self) -> None:
        """Until each of them waits again: all that the time gave them to do is done."""
        await self._settled.wait()


CLOCK = Turns()
"""The time of this process: a variant names its venue by an address, and cannot hand it a clock."""


class Loopback(Sandbox):
    """The sandbox's broker by the bench's clock: to ask a server for the time is no cost of a trader."""

    name = "loopback"

    @property
    @override
    def clock(self) -> Clock:
        return CLOCK


def series() -> Bars:
    """The first bars of W1, as a venue tells them."""
    columns, times = data.generated(BARS), data.times(BARS)
    prices = (columns.open, columns.high, columns.low, columns.close, np.ones(BARS))
    return Bars(SYMBOL, TIMEFRAME, TradingHours.CONTINUOUS, times, *prices, times // DAY_NS)


@contextmanager
def venue_apart() -> Iterator[tuple[str, Callable[[int], datetime]]]:
    """Where the venue is, and what makes it the close of a bar there; what it answers costs another process."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()

    def close(row: int) -> datetime:
        ours.send(row)
        return from_nanoseconds(ours.recv())

    try:
        yield ours.recv(), close
    finally:
        ours.send(None)
        process.join()


def _serve(orders: Connection) -> None:
    with serving(Venue({SYMBOL: series()}, now=0)) as venue:
        orders.send(venue.url)
        while (row := orders.recv()) is not None:
            venue.close_of(row, SYMBOL, seconds=1)
            orders.send(venue.now)
