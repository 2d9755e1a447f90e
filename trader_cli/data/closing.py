"""When a bar is known: at its end, or where its session closes before that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.data.placing import place
from trader_cli.domain.timeframe import Timeframe, TradingHours

if TYPE_CHECKING:
    from trader_cli.domain.bars import Ints
    from trader_cli.domain.timeframe import Timeframe as Length


def closing_times(open_times: Ints, timeframe: Length, hours: TradingHours) -> Ints:
    """The close of each bar. A daily bar of a stock closes with its session.

    Units: ns since 1970 UTC; `open_times` sorted.
    """
    import numpy as np

    ends = open_times + timeframe.nanoseconds
    if hours is TradingHours.CONTINUOUS or not len(open_times):
        return ends
    closes = place(open_times, timeframe, hours).end
    return closes if timeframe is Timeframe.D1 else np.minimum(ends, closes)
