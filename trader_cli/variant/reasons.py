"""Why combinations of a matrix are invalid, and how many of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trader_cli.variant.wording import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trader_cli.errors import Problem

_NUMBER = re.compile(r"-?\d[\d.]*(?:e[+-]?\d+)?")


class Reasons:
    """Counts of combinations by what is wrong with them; reasons that differ in their numbers alone are one.

    A combination with two things wrong in it counts under both.
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._first: dict[str, str] = {}
        self._differing: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._counts)

    def add(self, problems: Iterable[Problem], combinations: int) -> None:
        """Counts combinations that all have these problems."""
        for text in {f"{problem.key}: {problem.message}" for problem in problems}:
            self._count(_NUMBER.sub("#", text), text, combinations)

    def add_all(self, others: Reasons, times: int) -> None:
        """Counts each combination of `others` so many times."""
        for kind, count in others._counts.items():
            self._count(kind, others._first[kind], count * times)
        self._differing |= others._differing

    def counted(self) -> Mapping[str, int]:
        """The reasons in one line each, the most frequent first."""
        told = {self._told(kind): count for kind, count in self._counts.items()}
        return dict(sorted(told.items(), key=lambda one: -one[1]))

    def _count(self, kind: str, text: str, combinations: int) -> None:
        if self._first.setdefault(kind, text) != text:
            self._differing.add(kind)
        self._counts[kind] = self._counts.get(kind, 0) + combinations

    def _told(self, kind: str) -> str:
        return shortened(self._first[kind]) + (" (and the like)" if kind in self._differing else "")
