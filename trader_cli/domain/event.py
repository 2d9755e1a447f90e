"""What a trading session tells, one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class EventKind(StrEnum):
    """The kinds of CONTRACT section 4."""

    CYCLE = "cycle"
    SIGNAL = "signal"
    REFUSAL = "refusal"
    ORDER = "order"
    FILL = "fill"
    POSITION_OPENED = "position_opened"
    POSITION_CLOSED = "position_closed"
    HALT = "halt"
    WARNING = "warning"
    END = "end"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened at `time` on the session's clock; `details` are plain values, ready for JSON."""

    kind: EventKind
    time: datetime
    details: Mapping[str, Any]
