"""The last few bars that were told of each symbol: what later answers are held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.data.times import iso
from trader_cli.domain.cycle import bar_at

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars
    from trader_cli.domain.cycle import Bar

KEPT = 3
"""So many bars of a symbol are asked for again, and looked at whether they are still what they were."""

_SHOWN = ("open", "high", "low", "close", "volume")


class Told:
    """What a session knows of the latest past of its symbols."""

    def __init__(self) -> None:
        self._bars: dict[str, dict[int, Bar]] = {}

    def begin(self, history: Bars) -> None:
        """Starts with what was before the first cycle, where nothing is known of a symbol."""
        if history.symbol not in self._bars:
            self._bars[history.symbol] = {}
            for row in range(max(0, len(history) - KEPT), len(history)):
                self.take(history.symbol, bar_at(history, row))

    def take(self, symbol: str, bar: Bar) -> None:
        """A bar is told, or given up."""
        bars = self._bars.setdefault(symbol, {})
        bars[bar.open_time] = bar
        while len(bars) > KEPT:
            del bars[min(bars)]

    def compare(self, answer: Bars, told_to: int) -> tuple[list[str], list[str]]:
        """What an answer says otherwise of bars that were told up to `told_to` (ns), and which it did not have then.

        Each revision, and each bar that came after its time, is remarked on once.
        """
        known = self._bars.get(answer.symbol)
        if not known:
            return [], []
        first, last = (int(answer.open_time.searchsorted(time, "right")) for time in (min(known) - 1, told_to))
        revised, belated = [], []
        for bar in (bar_at(answer, row) for row in range(first, last)):
            before = known.get(bar.open_time)
            if before is None:
                belated.append(f"the bar of {iso(bar.open_time)} came after its time: left out")
            elif before != bar:
                revised.append(f"the bar of {iso(bar.open_time)} was revised after its close ({_changes(before, bar)})")
            self.take(answer.symbol, bar)
        return revised, belated


def _changes(before: Bar, after: Bar) -> str:
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in _SHOWN)
    return ", ".join(f"{name} {was:g} -> {now:g}" for name, was, now in pairs if was != now)
