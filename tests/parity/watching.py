"""Keeps what a session leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.engine.witness import Witness

if TYPE_CHECKING:
    from trader_cli.domain.event import Event
    from trader_cli.domain.record import CycleRecord


class Keeping(Witness):
    """Every cycle, and every event between two of them."""

    def __init__(self) -> None:
        self.records: list[CycleRecord] = []
        self.events: list[Event] = []

    def cycle(self, record: CycleRecord) -> None:
        self.records.append(record)

    def event(self, event: Event) -> None:
        self.events.append(event)
