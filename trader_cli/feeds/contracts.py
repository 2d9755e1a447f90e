"""What contracts have beside their bars, asked of a venue as bars close: mark prices, and the funding that is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from trader_cli.data.funding import Settlements, declared_settlements, funding_due
from trader_cli.data.times import HOUR, iso
from trader_cli.domain.cycle import Bar, bar_at
from trader_cli.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trader_cli.data.candles import Candles
    from trader_cli.domain.bars import Bars
    from trader_cli.domain.timeframe import Timeframe

LOOK_BACK = 26 * HOUR
"""How far back rates are asked for: far enough to see how often the venue settles."""


class ContractData(Protocol):
    """What a venue shows of contracts beside their bars."""

    async def marks(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars | None:
        """The latest bars in mark prices, as `MarketData.bars`; None where the venue keeps none."""
        ...

    async def rates(self, symbol: str, start: int, end: int) -> Candles | None:
        """The funding rates settled from `start` to `end`, oldest first, `values` in one row; None: it tells none.

        Units: ns since 1970 UTC. What was settled last may not be there yet. Raises: Unavailable, DataError.
        """
        ...


class Beside(NamedTuple):
    """What one bar of a contract has beside it, as `domain.cycle.MarketBar` takes it."""

    mark: Bar | None
    funding_due: float


NOTHING = Beside(None, 0.0)
"""What every other market's bars have beside them."""


class Contracts:
    """The contracts of one session. `declared_rate` is settled every 8 hours where the venue's rates are not known."""

    def __init__(self, market: ContractData, declared_rate: float | None) -> None:
        self._market, self._declared_rate = market, declared_rate

    async def beside(self, bars: Bars) -> Mapping[int, Beside]:
        """What the bars after the first one have beside them, by their open times.

        Raises: Unavailable while the venue has not said what it settled, or does not answer; DataError.
        """
        marks = await self._market.marks(bars.symbol, bars.timeframe, len(bars) + 1)
        settlements = await self._settlements(bars)
        due = funding_due(bars, () if marks is None else (marks,), settlements)
        at = {} if marks is None else {int(time): row for row, time in enumerate(marks.open_time)}
        found = {}
        for row in range(1, len(bars)):
            time = int(bars.open_time[row])
            found[time] = Beside(bar_at(marks, at[time]) if marks is not None and time in at else None, float(due[row]))
        return found

    async def _settlements(self, bars: Bars) -> Settlements:
        """What was settled while the bars lasted. Raises: as `beside`."""
        first, last = int(bars.open_time[0]), int(bars.open_time[-1])
        none = Settlements(np.empty(0, np.int64), np.empty(0), HOUR)
        if last // HOUR == first // HOUR and last % HOUR:  # venues settle on the hour
            return none
        known = await self._known(bars.symbol, first, last)
        if self._declared_rate is not None:
            return declared_settlements(self._declared_rate, first, last, known)
        if known is None:
            raise Unavailable(f"no funding rates of {bars.symbol}: set costs.funding_rate")
        if known.missing(first, last).after:
            raise Unavailable(f"funding settled since {iso(int(known.times[-1]))} is not known yet")
        return known

    async def _known(self, symbol: str, first: int, last: int) -> Settlements | None:
        """What the venue says it settled lately; None where it says nothing."""
        rates = await self._market.rates(symbol, first - LOOK_BACK, last)
        return None if rates is None or not len(rates) else _series(rates)


def _series(rates: Candles) -> Settlements:
    """Settlements and how far apart the latest ones stand."""
    steps = np.diff(rates.open_time)
    return Settlements(rates.open_time, rates.values[0], int(steps[-1]) if len(steps) else 8 * HOUR)
