"""A journal that lives as long as the process: what a replay is judged by."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from trader_cli.rules import codes

if TYPE_CHECKING:
    from trader_cli.domain.bars import Floats, Ints
    from trader_cli.domain.order import ApprovedOrder
    from trader_cli.domain.record import CycleRecord
    from trader_cli.domain.trade import Halt, Trade
    from trader_cli.journal.recovery import Told
    from trader_cli.ports import Journal


class MemoryJournal:
    """Every trade and halt, and one row a cycle."""

    def __init__(self) -> None:
        self.trades: list[Trade] = []
        self.halts: list[Halt] = []
        self.ambiguous_bars = 0
        self._refused: Counter[str] = Counter()
        self._times: list[int] = []
        self._sessions: list[int] = []
        self._equity: list[float] = []
        self._exposures: list[float] = []

    def intend(self, order: ApprovedOrder) -> None:
        """Nothing to keep: what is sent stands in the cycle's record."""

    def commit(self, record: CycleRecord) -> None:
        """Keeps a cycle."""
        self.trades += record.trades
        self.halts += record.halts
        self.ambiguous_bars += record.ambiguous_bars
        self._refused.update(refusal.code for refusal in record.refusals)
        self._times.append(record.open_time)
        self._sessions.append(record.session)
        self._equity.append(record.equity)
        self._exposures.append(record.exposure)

    def resume(self, told: Told) -> None:
        """Starts with what a session that was cut off had told."""
        self.trades, self.halts = list(told.trades), list(told.halts)
        self.ambiguous_bars = told.ambiguous_bars
        self._refused = Counter(told.refusals)
        self._times, self._sessions = list(told.times), list(told.sessions)
        self._equity, self._exposures = list(told.equity), list(told.exposures)

    @property
    def times(self) -> Ints:
        """Open time of each cycle's bars (ns)."""
        return np.array(self._times, dtype=np.int64)

    @property
    def sessions(self) -> Ints:
        """Session of each cycle (days since 1970)."""
        return np.array(self._sessions, dtype=np.int64)

    @property
    def equity(self) -> Floats:
        """Equity at the close of each cycle."""
        return np.array(self._equity, dtype=np.float64)

    @property
    def exposure(self) -> float:
        """Sum over the cycles of gross notional / equity."""
        total = 0.0
        for share in self._exposures:
            total += share
        return total

    @property
    def refusals(self) -> dict[str, int]:
        """Entries refused, by reason code, in the order of the codes."""
        return {code: self._refused[code] for code in codes.REFUSALS if self._refused[code]}


class NoJournal:
    """Keeps nothing: for whoever only looks at what would be."""

    def intend(self, order: ApprovedOrder) -> None:
        """Forgets it."""

    def commit(self, record: CycleRecord) -> None:
        """Forgets it."""


class Both:
    """Two journals as one: the first must keep a thing before the second does."""

    def __init__(self, first: Journal, second: Journal) -> None:
        self._journals = (first, second)

    def intend(self, order: ApprovedOrder) -> None:
        """Keeps what is about to be sent."""
        for journal in self._journals:
            journal.intend(order)

    def commit(self, record: CycleRecord) -> None:
        """Keeps a cycle."""
        for journal in self._journals:
            journal.commit(record)
