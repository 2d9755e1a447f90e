"""When the venue misbehaves: which requests meet what, and how often."""

from __future__ import annotations

import re
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.venues.front import Asked
    from tests.venues.mischief.acts import Act


@dataclass(slots=True)
class _Planned:
    act: Act
    method: str | None
    path: re.Pattern[str]
    body: str
    left: int


class Mischief:
    """A plan that requests use up.

    `mischief.next(Drop(), "POST", "/order/create")`: the next order is accepted and never answered.
    """

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = Lock()

    def next(self, act: Act, method: str | None = None, path: str = "", *, body: str = "", times: int = 1) -> None:
        """The next `times` requests meet this: those of a method (None: any), a path that matches the pattern
        somewhere, and a body or query that contains the text."""
        with self._lock:
            self._planned.append(_Planned(act, method, re.compile(path), body, times))

    def always(self, act: Act, method: str | None = None, path: str = "", *, body: str = "") -> None:
        """All such requests meet this, until `stop`."""
        self.next(act, method, path, body=body, times=1_000_000_000)

    def stop(self) -> None:
        """The venue behaves again."""
        with self._lock:
            self._planned.clear()

    def left(self) -> int:
        """How many planned acts nothing has met yet; a test may ask for 0 at its end."""
        return sum(planned.left for planned in self._planned)

    def take(self, asked: Asked) -> list[Act]:
        """What a request meets, in the order of planning; it is used up."""
        met = []
        with self._lock:
            for planned in self._planned:
                fits = planned.method in {None, asked.method} and planned.path.search(asked.path)
                if planned.left and fits and planned.body in asked.raw_query + asked.body:
                    planned.left -= 1
                    met.append(planned.act)
        return met
