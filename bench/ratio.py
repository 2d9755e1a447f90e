"""What the bench claims: a ratio of two subjects measured in one run, and its bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.timing import Samples


@dataclass(frozen=True, slots=True)
class Ratio:
    """`top` takes this many times the CPU time of `bottom`: `at_least` or `at_most` so many."""

    title: str
    top: str
    bottom: str
    at_least: float | None = None
    at_most: float | None = None

    def value(self, measured: Mapping[str, Samples]) -> float:
        """The ratio of the medians."""
        return measured[self.top].middle / measured[self.bottom].middle

    def holds(self, measured: Mapping[str, Samples]) -> bool:
        """Whether the bound is kept."""
        value = self.value(measured)
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    @property
    def bound(self) -> str:
        """The bound in words."""
        parts = ((">=", self.at_least), ("<=", self.at_most))
        return " and ".join(f"{sign} {bound:g}" for sign, bound in parts if bound is not None)


@dataclass(frozen=True, slots=True)
class Claim:
    """Something other than a speed that has to be true, and what was found."""

    title: str
    found: str
    holds: bool
