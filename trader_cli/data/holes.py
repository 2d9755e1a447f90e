"""Where bars are missing between those that are there, and how many of them in a part of the time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trader_cli.data.placing import bars_before

if TYPE_CHECKING:
    from trader_cli.data.placing import Places
    from trader_cli.domain.bars import Ints
    from trader_cli.domain.timeframe import Timeframe, TradingHours


@dataclass(frozen=True, slots=True, eq=False)
class Holes:
    """The holes of a series; bars begin `phase` (ns) after a whole number of bars from a session's opening.

    Shape: one entry a hole. Units: `after` and `before` are the open times of the bars around it, in ns since 1970 UTC.
    """

    after: Ints
    before: Ints
    timeframe: Timeframe
    hours: TradingHours
    phase: int

    @classmethod
    def between(cls, times: Ints, places: Places, timeframe: Timeframe, hours: TradingHours) -> Holes:
        """Those between sorted open times inside the market's hours."""
        import numpy as np

        rows = np.flatnonzero(np.diff(places.slot) > 1)
        return cls(times[rows], times[rows + 1], timeframe, hours, int(places.phase[0]))

    def within(self, start: int, end: int) -> tuple[int, int]:
        """How many holes reach into [start, end), and how many bars are missing in that part of them. Units: ns."""
        import numpy as np

        if not len(self.after):
            return 0, 0
        edges = np.concatenate([np.clip(time, self.after + 1, self.before) for time in (start, end)])
        first, behind = np.split(bars_before(edges, self.timeframe, self.hours, self.phase), 2)
        missing = behind - first
        return int((missing > 0).sum()), int(missing.sum())
