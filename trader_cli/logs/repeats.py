"""What is said over and over is written once, and then how often."""

from __future__ import annotations

from collections import OrderedDict
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WINDOW_SECONDS = 60.0
MOST_REMEMBERED = 1000


class Said(NamedTuple):
    """What makes two entries the same."""

    level: int
    event: str
    message: str
    book: str | None
    logger: str | None


class Repeats:
    """Counts what has been said within the window that began when it was first said."""

    def __init__(self, window: float = WINDOW_SECONDS, now: Callable[[], float] = monotonic) -> None:
        self._window, self._now = window, now
        self._began: OrderedDict[Said, float] = OrderedDict()
        self._repeats: dict[Said, int] = {}

    def admits(self, said: Said) -> bool:
        """Whether it is new; otherwise it is counted."""
        if said in self._began:
            self._repeats[said] = self._repeats.get(said, 0) + 1
            return False
        self._began[said] = self._now()
        return True

    def over(self, *, everything: bool = False) -> Iterator[tuple[Said, int]]:
        """What was said again, and how often, in the windows that are over, or in all."""
        due = self._now() - self._window
        while self._began:
            said, began = next(iter(self._began.items()))
            if not everything and began > due and len(self._began) <= MOST_REMEMBERED:
                return
            del self._began[said]
            if (times := self._repeats.pop(said, 0)) > 0:
                yield said, times
