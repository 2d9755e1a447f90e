"""Who watches a session, and how what it does reaches him."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from trader_cli.domain.event import Event, EventKind
from trader_cli.domain.plain import plain
from trader_cli.engine.witness import Witness

if TYPE_CHECKING:
    from datetime import datetime

    from trader_cli.backtest.result import Result
    from trader_cli.domain.record import CycleRecord
    from trader_cli.engine.view import View
    from trader_cli.ports import Clock


class Onlooker(Protocol):
    """Who watches a session: a log, a script, a dashboard."""

    def tell(self, event: Event) -> None:
        """Hears every event, in the order of happening."""
        ...

    def look(self, view: View, now: datetime) -> None:
        """May look at the session after each cycle, and now and then while it waits."""
        ...

    def leave(self, failure: str | None) -> None:
        """The session is over while others go on; `failure` is what went wrong, in words."""
        ...


class Nobody:
    """Watches nothing."""

    def tell(self, event: Event) -> None:
        """Hears nothing."""

    def look(self, view: View, now: datetime) -> None:
        """Sees nothing."""

    def leave(self, failure: str | None) -> None:
        """Goes."""


class Intentions(Nobody):
    """Remembers what was wished, refused and ordered in the latest cycle."""

    def __init__(self) -> None:
        self.latest: list[Event] = []
        self._heard: list[Event] = []

    def tell(self, event: Event) -> None:
        """Keeps what has to do with orders."""
        self._heard.append(event)

    def look(self, view: View, now: datetime) -> None:
        """A cycle is over: only what it told is the latest."""
        if any(event.kind is EventKind.CYCLE for event in self._heard):
            self.latest = [event for event in self._heard if event.kind in _INTENTIONS]
        self._heard.clear()


_INTENTIONS = (EventKind.SIGNAL, EventKind.REFUSAL, EventKind.ORDER)


class Watched(Witness):
    """Takes what a session does into its view, and shows it to an onlooker."""

    def __init__(self, view: View, onlooker: Onlooker, clock: Clock) -> None:
        self._view, self._onlooker, self._clock = view, onlooker, clock

    def event(self, event: Event) -> None:
        """Something happened between two cycles."""
        self._onlooker.tell(event)

    def cycle(self, record: CycleRecord) -> None:
        """A cycle: its events one by one, then the whole."""
        self._view.watch(record)
        for event in record.events:
            self._onlooker.tell(event)
        self.idle()

    def idle(self) -> None:
        """The session waits: time goes on, and prices may have moved."""
        self._onlooker.look(self._view, self._clock.now())


def end_of(result: Result, now: datetime) -> Event:
    """The last thing a session tells: what came of it."""
    details = {
        "cycles": result.period.bars,
        "trades": [plain(trade) for trade in result.trades],
        "metrics": plain(result.metrics),
    }
    return Event(EventKind.END, now, details)
