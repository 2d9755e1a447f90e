"""A series of closed bars, in columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trader_cli.domain.timeframe import Timeframe, TradingHours

    type Floats = NDArray[np.float64]
    type Ints = NDArray[np.int64]
    type Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Closed bars of one symbol, oldest first; row *i* covers [open_time, open_time + timeframe).

    Shape: every column has one entry a bar.
    Units: `open_time` in ns since 1970 UTC; `session` in days since 1970: the UTC day, or the exchange's
    session date for stocks; prices in the quote currency; `volume` in units of the instrument.
    """

    symbol: str
    timeframe: Timeframe
    hours: TradingHours
    open_time: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    session: Ints

    def __len__(self) -> int:
        return len(self.open_time)

    def until(self, last: int) -> Bars:
        """The bars that open at or before `last` (ns since 1970 UTC)."""
        return self.slice(0, int(self.open_time.searchsorted(last, side="right")))

    def slice(self, start: int, stop: int) -> Bars:
        """Rows start..stop-1, without copying a column."""
        part = slice(start, stop)
        return replace(
            self,
            open_time=self.open_time[part],
            open=self.open[part],
            high=self.high[part],
            low=self.low[part],
            close=self.close[part],
            volume=self.volume[part],
            session=self.session[part],
        )
