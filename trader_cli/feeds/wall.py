"""The wall's time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trader_cli.ports import Meanwhile

SLICE = 0.5
"""Seconds after which whoever waits looks up."""


class WallClock:
    """What a clock on the wall shows; it goes on while the machine sleeps, and may be set back."""

    def now(self) -> datetime:
        """The time."""
        return datetime.now(UTC)

    async def reach(self, time: datetime, meanwhile: Meanwhile | None = None) -> None:
        """Waits in slices, each measured anew: after a sleep of the machine it is at once as late as it is."""
        while (left := (time - self.now()).total_seconds()) > 0:
            await asyncio.sleep(min(left, SLICE))
            if meanwhile is not None:
                await meanwhile()
