"""What a strategy wishes, bar by bar."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from trader_cli.domain.bars import Floats

    type Codes = NDArray[np.int8]

HOLD_CONFIDENCE = 0.3


class Direction(IntEnum):
    """Which side a strategy wants to enter."""

    SHORT = -1
    NONE = 0
    LONG = 1


class Exit(IntEnum):
    """Why a strategy wants out, as it stands in the arrays; a signal outranks a threshold."""

    NONE = 0
    SIGNAL = 1
    THRESHOLD = 2


class Action(StrEnum):
    """A signal in the words of the user's document; for display only."""

    BUY = "BUY"
    SELL = "SELL"
    HOLD = "HOLD"


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """The wishes of a strategy at the close of every bar; row *i* depends on bars 0..i alone.

    Shape: `entry` (of `Direction`), `exit_long`, `exit_short` (of `Exit`) and `confidence` have one entry a bar,
    and so has each array of `values`, the indicators behind the wish. Units: confidence 0..1.
    """

    entry: Codes
    exit_long: Codes
    exit_short: Codes
    confidence: Floats
    values: Mapping[str, Floats] = field(default_factory=lambda: MappingProxyType({}))

    def __len__(self) -> int:
        return len(self.entry)


@dataclass(frozen=True, slots=True)
class Signal:
    """The wish at one bar, with the numbers behind it and the reason in words."""

    entry: Direction
    exit_long: Exit
    exit_short: Exit
    confidence: float
    reason: str
    values: Mapping[str, float]

    @property
    def action(self) -> Action:
        """BUY, SELL or HOLD, as the user's document puts it."""
        return {Direction.LONG: Action.BUY, Direction.SHORT: Action.SELL, Direction.NONE: Action.HOLD}[self.entry]
