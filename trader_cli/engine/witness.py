"""Who watches a session from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trader_cli.domain.event import Event
    from trader_cli.domain.record import CycleRecord


class Witness:
    """Sees nothing; one that wants to see overrides what it wants. It must not change anything."""

    def cycle(self, record: CycleRecord) -> None:
        """A cycle is over and journaled."""

    def event(self, event: Event) -> None:
        """Something happened between two cycles."""

    def idle(self) -> None:
        """The session waits; called about twice a second."""
