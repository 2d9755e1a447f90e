"""What a strategy waits for: a value and the level that it must pass."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What comes of it when a value passes its level.

    BUY enters long and closes a short, SELL enters short and closes a long; CALM is a condition of every entry.
    """

    BUY = "buy"
    SELL = "sell"
    CLOSE_LONG = "close long"
    CLOSE_SHORT = "close short"
    CALM = "entry filter"


class Passing(StrEnum):
    """Which side of its level a value must be on."""

    BELOW = "below"
    ABOVE = "above"
    NOT_ABOVE = "not above"


@dataclass(frozen=True, slots=True)
class Trigger:
    """A level, and the value that is or is not past it. `measure` and `unit` are the strategy's words for the value.

    `value` is NaN where it is not known. `met` is the strategy's own verdict, rounding and all.
    """

    name: Effect
    measure: str
    value: float
    level: float
    passing: Passing
    met: bool
    unit: str = ""

    @property
    def distance(self) -> float:
        """How far the value has still to go, in its unit; 0 at the level, negative beyond it."""
        return self.level - self.value if self.passing is Passing.ABOVE else self.value - self.level
