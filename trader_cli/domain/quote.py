"""What a market asks and bids at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Quote:
    """The best prices of a symbol, in its quote currency; None where the venue did not say.

    `time` is the venue's, where it tells one; `received_at` is when the answer was here, by the session's clock. How
    old a quote is goes by the earlier of the two.
    """

    symbol: str
    bid: float | None
    ask: float | None
    last: float | None
    time: datetime | None
    received_at: datetime

    @property
    def as_of(self) -> datetime:
        """The moment it is good for."""
        return self.received_at if self.time is None else min(self.time, self.received_at)

    @property
    def mid(self) -> float | None:
        """Between bid and ask; None where one of them is unknown."""
        return None if self.bid is None or self.ask is None else (self.bid + self.ask) / 2
