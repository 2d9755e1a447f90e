"""Bars that a venue changes after their close: what was decided on them was decided on something else."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trader_cli.domain.bars import Bars

KEPT = 4
"""How many of a symbol's latest bars are remembered."""


class Revisions:
    """Remembers the prices of the latest bars that were told; a change is noticed once."""

    def __init__(self) -> None:
        self._told: dict[str, OrderedDict[int, tuple[float, ...]]] = {}

    def told(self, symbol: str, open_time: int, prices: tuple[float, ...]) -> None:
        """Takes note of a bar."""
        kept = self._told.setdefault(symbol, OrderedDict())
        kept[open_time] = prices
        while len(kept) > KEPT:
            kept.popitem(last=False)

    def of(self, bars: Bars) -> Iterator[int]:
        """The open times of the bars that are not what they were."""
        for open_time, prices in self._told.get(bars.symbol, OrderedDict()).items():
            row = int(bars.open_time.searchsorted(open_time))
            if row == len(bars) or bars.open_time[row] != open_time:
                continue
            now = prices_at(bars, row)
            if now != prices:
                self._told[bars.symbol][open_time] = now
                yield open_time


def prices_at(bars: Bars, row: int) -> tuple[float, ...]:
    """What must not change: the four prices. A venue may count its volume again."""
    return tuple(float(column[row]) for column in (bars.open, bars.high, bars.low, bars.close))
