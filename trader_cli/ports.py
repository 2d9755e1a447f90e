"""The ports of a trading session: where bars come from, where orders go, what time it is, who writes it down.

Paper, live and replay differ in what fills these ports, and in nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from datetime import datetime

    from trader_cli.domain.bars import Bars
    from trader_cli.domain.cycle import Cycle, Moment
    from trader_cli.domain.halt import HaltOrder
    from trader_cli.domain.order import ApprovedOrder, Order
    from trader_cli.domain.record import CycleRecord
    from trader_cli.domain.report import Report
    from trader_cli.domain.timeframe import Timeframe

    type Meanwhile = Callable[[], Awaitable[None]]


class Clock(Protocol):
    """The session's time: the wall's, or a replay's."""

    def now(self) -> datetime:
        """The time, aware, UTC."""
        ...

    async def reach(self, time: datetime, meanwhile: Meanwhile | None = None) -> None:
        """Returns once it is `time`: waits for it, or makes it so. `meanwhile` is called about twice a second."""
        ...


class Feed(Protocol):
    """Closed bars, in the order in which they closed."""

    async def history(self, symbol: str, bars: int) -> Bars:
        """At most so many bars of a symbol that closed before the first cycle, the latest ones, oldest first."""
        ...

    def moments(self, meanwhile: Meanwhile) -> AsyncIterator[Moment]:
        """What happens, as it happens, the bars of each close above all.

        `meanwhile` is called about twice a second while it waits.
        """
        ...


class MarketData(Protocol):
    """The public side of a venue: what anyone may know."""

    async def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        """The latest bars of a symbol, at most so many, oldest first; the last may not have closed yet.

        Raises: Unavailable where the venue does not answer, DataError where the answer makes no sense.
        """
        ...

    async def close(self) -> None:
        """Lets go of connections. Nothing is asked afterwards."""
        ...


class Executor(Protocol):
    """Where orders go. A simulated exchange and a venue are the same to the session."""

    async def submit(self, order: ApprovedOrder) -> None:
        """Sends an order. What becomes of it is reported."""
        ...

    async def withdraw(self, order: Order) -> None:
        """Takes back an entry order, if that is still possible; whether it was is reported."""
        ...

    async def reports(self, cycle: Cycle) -> Sequence[Report]:
        """What has happened since the last call, up to the close of the cycle's bars, in the order of happening."""
        ...


class Switch(Protocol):
    """The kill switch of an account, thrown from outside."""

    def order(self) -> HaltOrder | None:
        """What it says now; None: trade."""
        ...

    def resumed(self) -> str:
        """When somebody last said that trading may go on, in a form of its own; empty: never."""
        ...


class Journal(Protocol):
    """What happened, kept: one record a cycle."""

    def intend(self, order: ApprovedOrder) -> None:
        """Keeps what is about to be sent. When this returns it is durable (law S1)."""
        ...

    def commit(self, record: CycleRecord) -> None:
        """Keeps a cycle whole or not at all."""
        ...
