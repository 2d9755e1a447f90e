"""What the bench claims: a ratio of two subjects measured in one run, and its bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.timing import Measure

if TYPE_CHECKING:
    from bench.timing import Measured


@dataclass(frozen=True, slots=True)
class Ratio:
    """`top` takes this many times what `bottom` takes of the `measure`: `at_least` or `at_most` so many.

    `count`: so many of `top` are held against one of `bottom`. `less`: what that takes is first taken off `top`.
    """

    title: str
    top: str
    bottom: str
    at_least: float | None = None
    at_most: float | None = None
    measure: Measure = Measure.CPU
    count: int = 1
    less: str | None = None

    def value(self, measured: Measured) -> float:
        """The ratio of the medians."""
        top, bottom = self._middle(measured, self.top), self._middle(measured, self.bottom)
        less = 0.0 if self.less is None else self._middle(measured, self.less)
        return self.count * (top - less) / bottom

    def holds(self, measured: Measured) -> bool:
        """Whether the bound is kept."""
        value = self.value(measured)
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    def _middle(self, measured: Measured, name: str) -> float:
        return measured[name][self.measure].middle

    @property
    def bound(self) -> str:
        """The bound in words."""
        return in_words(self.at_least, self.at_most)


def in_words(at_least: float | None, at_most: float | None) -> str:
    """A bound in words.

    >>> in_words(None, 3.0)
    '<= 3'
    """
    parts = ((">=", at_least), ("<=", at_most))
    return " and ".join(f"{sign} {bound:g}" for sign, bound in parts if bound is not None)


@dataclass(frozen=True, slots=True)
class Claim:
    """Something other than a speed that has to be true, and what was found."""

    title: str
    found: str
    holds: bool
