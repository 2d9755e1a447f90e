"""To be replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.feeds.replay import ReplayClock

if TYPE_CHECKING:
    from trader_cli.ports import Clock


class Conductor:
    def __init__(self, speed: float | None = None) -> None:
        self._speed = speed

    def clock(self) -> Clock:
        return ReplayClock(self._speed)
