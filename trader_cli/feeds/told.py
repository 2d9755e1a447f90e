"""The last few bars that were told of each symbol: what later answers are held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.data.times import iso
from trader_cli.domain.cycle import bar_at

if TYPE_CHECKING:
    from collections.abc import Iterator

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

    def revised(self, answer: Bars) -> Iterator[str]:
        """What an answer says otherwise of bars that were told; each revision is remarked on once."""
        known = self._bars.get(answer.symbol, {})
        for bar in _tail(answer):
            before = known.get(bar.open_time)
            if before is not None and before != bar:
                known[bar.open_time] = bar
                changes = ", ".join(
                    f"{name} {was:g} -> {now:g}"
                    for name in _SHOWN
                    if (was := getattr(before, name)) != (now := getattr(bar, name))
                )
                yield f"the bar of {iso(bar.open_time)} was revised after its close ({changes}): not acted on"

    def belated(self, answer: Bars, told_to: int) -> Iterator[str]:
        """Bars of an answer that stand before `told_to` (ns since 1970 UTC) and were not there when that was told."""
        known = self._bars.get(answer.symbol)
        if not known:
            return
        for bar in _tail(answer):
            if min(known) < bar.open_time <= told_to and bar.open_time not in known:
                self.take(answer.symbol, bar)
                yield f"the bar of {iso(bar.open_time)} came after its time: left out"


def _tail(answer: Bars) -> list[Bar]:
    return [bar_at(answer, row) for row in range(max(0, len(answer) - 2 * KEPT), len(answer))]
