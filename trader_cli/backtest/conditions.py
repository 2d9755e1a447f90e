"""The conditions of many strategies over the same bars, as bits: each indicator and each comparison made once."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from trader_cli.backtest import bits
from trader_cli.backtest.jumping import Wish
from trader_cli.domain.signal import Direction, Exit
from trader_cli.strategies.conditions import Measured

if TYPE_CHECKING:
    from trader_cli.backtest.bits import Words
    from trader_cli.domain.bars import Bars, Mask
    from trader_cli.strategies.base import Strategy
    from trader_cli.strategies.conditions import Condition


MOST_BYTES = 256 * 2**20
"""Indicators kept for the conditions to come, and conditions for the runs to come; beyond it they are made anew."""

ROOM: Final = 256
"""Rows that a table has room for at first; it takes up memory as they are filled."""


class Table:
    """Rows of bits, one a condition; the first two hold at no bar and at every one.

    Several threads may ask at once, and a row never changes once it is there. One thread at a time measures: indicators
    and strategies of others need not know of threads. All compare.
    """

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._measured = Measured(bars)
        self._room: Words = np.empty((ROOM, bits.words_of(len(bars))), dtype=np.uint64)
        self._count, self._adding, self._measuring = 0, Lock(), Lock()
        everywhere = np.ones(len(bars), dtype=np.bool_)
        for met in (~everywhere, everywhere):
            self._put(met)
        self._known: dict[Condition, int] = {}

    def wish(self, strategy: Strategy[Any]) -> Wish:
        """The rows that a strategy's wishes hang on, put there where they are missing."""
        on = strategy.conditions()
        if on is None:
            with self._measuring:
                return self._wish_of_signals(strategy)
        buy, sell = self._row(on.buy), self._row(on.sell)
        return Wish(
            enter_long=buy,
            enter_short=sell,
            may_enter=bits.ALWAYS if on.may_enter is None else self._row(on.may_enter),
            close_long=sell,
            close_short=buy,
            threshold_long=self._row(on.threshold_long),
            threshold_short=self._row(on.threshold_short),
        )

    @property
    def size(self) -> int:
        """How much it holds, indicators included. Units: bytes."""
        with self._measuring:
            return self.words().nbytes + self._measured.size

    def words(self) -> Words:
        """All rows. Shape: (conditions, words)."""
        with self._adding:
            return self._room[: self._count]

    def _row(self, condition: Condition | None) -> int:
        if condition is None:
            return bits.NEVER
        if condition in self._known:
            return self._known[condition]
        with self._measuring:
            if self._measured.size > MOST_BYTES:
                self._measured = Measured(self._bars)
            measured = self._measured
            condition.measure.of(measured)
        row = self._put(condition.met(measured))  # of two threads that do so at once, one does it for nothing
        return self._known.setdefault(condition, row)

    def _put(self, met: Mask) -> int:
        row = bits.packed(met)
        with self._adding:
            if self._count == len(self._room):
                self._room = np.concatenate((self._room, np.empty_like(self._room)))
            self._room[self._count] = row
            self._count += 1
            return self._count - 1

    def _wish_of_signals(self, strategy: Strategy[Any]) -> Wish:
        """The rows of a strategy that makes its signals itself."""
        signals = strategy.signals(self._bars)
        return Wish(
            enter_long=self._put(signals.entry == Direction.LONG),
            enter_short=self._put(signals.entry == Direction.SHORT),
            may_enter=bits.ALWAYS,
            close_long=self._put(signals.exit_long == Exit.SIGNAL),
            close_short=self._put(signals.exit_short == Exit.SIGNAL),
            threshold_long=self._put(signals.exit_long == Exit.THRESHOLD),
            threshold_short=self._put(signals.exit_short == Exit.THRESHOLD),
        )
