"""The last bars of one symbol: all that a session remembers of the past."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import numpy as np

from trader_cli.domain.bars import Bars
from trader_cli.errors import TraderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.domain.cycle import Bar
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.engine.desk import Desk
    from trader_cli.ports import Feed

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


class Windows:
    """One window a symbol. A symbol whose history could not be had is `lacking` it, until it can."""

    def __init__(self, desk: Desk) -> None:
        self.size = desk.strategy.window(desk.timeframe, desk.hours)
        self._windows = {symbol: Window(symbol, desk.timeframe, desk.hours, self.size) for symbol in desk.symbols}
        self.lacking = set(desk.symbols)

    def __getitem__(self, symbol: str) -> Window:
        return self._windows[symbol]

    async def fill(self, feed: Feed, symbols: Sequence[str], before: int | None = None) -> dict[str, TraderError]:
        """Fills the windows of symbols with what was `before` (ns); what went wrong, by symbol."""
        failures = {}
        asked = (feed.history(symbol, self.size) for symbol in symbols)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        for symbol, answer in zip(symbols, answers, strict=True):
            if isinstance(answer, TraderError):
                failures[symbol] = answer
            elif isinstance(answer, BaseException):
                raise answer
            else:
                self._windows[symbol].fill(answer if before is None else answer.until(before - 1))
                self.lacking.discard(symbol)
        return failures
