"""The two loss limits of an account: a day's, and the one from the peak (DESIGN 3, item 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.domain.clock import from_nanoseconds, iso
from trader_cli.domain.trade import Halt
from trader_cli.rules import codes, limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trader_cli.domain.state import SessionState
    from trader_cli.rules.numbers import Numbers


class LossLimits:
    """Watches the equity from close to close; while one of its limits holds there are no entries."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._day: int | None = None
        self.day_opening = self.peak = self._equity = numbers.starting_balance
        self.day_lost = self.drawn_down = False

    @property
    def day(self) -> int:
        """Today, in days since 1970; -1 before the first."""
        return -1 if self._day is None else self._day

    def resume(self, state: SessionState) -> None:
        """Goes on where another watch ended."""
        self._day, self._equity = state.day, state.equity
        self.day_opening, self.peak = state.day_opening, state.peak
        self.day_lost, self.drawn_down = state.day_lost, state.drawn_down

    def lift(self) -> None:
        """Ends a drawdown's ban: the peak is what the equity is now."""
        self.drawn_down, self.peak = False, self._equity

    def begin(self, day: int) -> None:
        """Says to which day the coming bars belong: a new one opens at the last equity, free of yesterday's loss."""
        if day != self._day:
            self._day, self.day_opening, self.day_lost = day, self._equity, False

    def after_close(self, equity: float) -> Iterator[int]:
        """Takes the equity at a close; the limits that it trips."""
        numbers, self._equity = self._numbers, equity
        self.peak = max(self.peak, equity)
        if not self.day_lost and limits.loss_reached(equity, self.day_opening, numbers.max_daily_loss):
            self.day_lost = True
            yield codes.MAX_DAILY_LOSS
        if not self.drawn_down and limits.loss_reached(equity, self.peak, numbers.max_drawdown):
            self.drawn_down = True
            yield codes.MAX_DRAWDOWN


_UNTIL = {codes.MAX_DAILY_LOSS: "the next day", codes.MAX_DRAWDOWN: "the end"}


def halt(numbers: Numbers, code: int, open_time: int, equity: float) -> Halt:
    """A limit that tripped at the close of the bar that opened at `open_time` (ns), in words."""
    time = from_nanoseconds(open_time)
    limit = {codes.MAX_DAILY_LOSS: numbers.max_daily_loss, codes.MAX_DRAWDOWN: numbers.max_drawdown}[code]
    detail = f"equity {equity:.2f} at the close of {iso(time)} reached the limit of {limit:g}"
    return Halt(time, codes.REFUSALS[code], f"{detail}; no entries until {_UNTIL[code]}")
