"""The last bars of one symbol: all that a session remembers of the past."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trader_cli.domain.bars import Bars

if TYPE_CHECKING:
    from trader_cli.domain.cycle import Bar
    from trader_cli.domain.timeframe import Timeframe, TradingHours

_COLUMNS = ("open_time", "open", "high", "low", "close", "volume", "session")
_WHOLE = ("open_time", "session")


class Window:
    """At most `size` bars. They lie in a buffer twice as long and move to its front when it is full: a bar costs the
    same however many there were."""

    def __init__(self, symbol: str, timeframe: Timeframe, hours: TradingHours, size: int) -> None:
        self._symbol, self._timeframe, self._hours = symbol, timeframe, hours
        self.size = size
        room = 2 * size
        self._columns = {name: np.empty(room, dtype=np.int64 if name in _WHOLE else np.float64) for name in _COLUMNS}
        self._end = 0
        self.seen = 0

    def fill(self, history: Bars) -> None:
        """Starts with what was before the first cycle."""
        for row in range(len(history)):
            self._append(tuple(getattr(history, name)[row] for name in _COLUMNS))

    def append(self, bar: Bar) -> None:
        """Takes one more bar; the oldest goes when there are more than `size`."""
        self._append(bar)

    def bars(self) -> Bars:
        """The bars as a strategy takes them: views that hold until the next bar is appended."""
        rows = slice(max(0, self._end - self.size), self._end)
        columns: dict[str, Any] = {name: column[rows] for name, column in self._columns.items()}
        return Bars(self._symbol, self._timeframe, self._hours, **columns)

    def _append(self, values: tuple[float, ...]) -> None:
        if self._end == 2 * self.size:
            for column in self._columns.values():
                column[: self.size] = column[self.size :]
            self._end = self.size
        for column, value in zip(self._columns.values(), values, strict=True):
            column[self._end] = value
        self._end += 1
        self.seen += 1
