"""What runs over the same markets share, and what becomes of many of them at a time.

An account of one symbol is jumped through (`sweep`); one of several, whose symbols compete for its cash, is walked by
the plain kernel. Both tell the same of a run.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from trader_cli.backtest.conditions import MOST_BYTES, Table
from trader_cli.backtest.kernel import simulate
from trader_cli.backtest.sweep import NOTHING_KNOWN, Runs, swept, unknown
from trader_cli.backtest.track import laid_out
from trader_cli.metrics.figures import TALLY, figures, tallied, total
from trader_cli.metrics.performance import session_closes
from trader_cli.rules import account, codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trader_cli.backtest.kernel import Outcome
    from trader_cli.backtest.reach import Known
    from trader_cli.backtest.track import Track
    from trader_cli.domain.bars import Floats, Ints
    from trader_cli.domain.market import Market
    from trader_cli.metrics.figures import Rows
    from trader_cli.rules.numbers import Grid, Numbers
    from trader_cli.rules.terms import Terms
    from trader_cli.strategies.base import Strategy

SHARED = 16
"""Runs of the same terms from which on it pays that they go together, and tell each other what they find."""


class Batch(NamedTuple):
    """Runs of one field, each a strategy and the terms of its account. Shape: (runs,) places in the lists."""

    strategies: Sequence[Strategy[Any]]
    terms: Sequence[Terms]
    of_strategy: Ints
    of_terms: Ints


class Judged(NamedTuple):
    """What became of the runs of a batch.

    Shape: `tallies` (runs,) of `TALLY`; `figures` (runs,) of `FIGURES`; `halted_at` (runs,) the time of the bar whose
    close tripped `max_drawdown`, in ns since 1970 UTC, or -1; `closes` (runs, sessions + 1) the equity before all and
    at the close of each session, None where it was not followed.
    """

    tallies: Rows
    figures: Rows
    halted_at: Ints
    closes: Floats | None


class Field:
    """The markets of one account, and what was measured of them; bars from `start` on (ns since 1970) are judged."""

    def __init__(self, markets: Sequence[Market], start: int | None) -> None:
        self._markets, self._start, self._bars = markets, start, markets[0].bars
        self._tracks: dict[Grid, Track] = {}
        self._known: dict[Numbers, Known] = {}
        self._table = Table(self._bars)
        self._preparing = Lock()

    def judged(self, batch: Batch, *, follows_equity: bool) -> Judged:
        """What becomes of each run; its equity at each close is followed where that is asked for."""
        told = self._swept(batch, follows_equity) if len(self._markets) == 1 else self._walked(batch, follows_equity)
        start = np.array([float(terms.starting_balance) for terms in batch.terms])[batch.of_terms]
        found = figures(
            told.tallies,
            told.closes,
            start=start,
            per_year=self._bars.hours.days_per_year,
            sessions=told.sessions,
            bars=len(told.times),
        )
        halted = told.tallies["halted_at"]
        halted_at = np.where(halted >= 0, told.times[np.maximum(halted, 0)], -1)
        return Judged(
            told.tallies, found, halted_at, None if told.closes is None else np.column_stack((start, told.closes))
        )

    def _swept(self, batch: Batch, follows_equity: bool) -> _Told:
        """The runs of an account of one symbol."""
        if self._table.size > MOST_BYTES:
            self._table = Table(self._bars)
        table = self._table
        wishes = np.array([table.wish(strategy) for strategy in batch.strategies], dtype=np.int32)
        warmups = np.array([strategy.warmup(self._bars.timeframe, self._bars.hours) for strategy in batch.strategies])
        settings = np.array([terms.numbers() for terms in batch.terms], dtype=np.float64)
        of_terms = batch.of_terms.astype(np.int32)
        runs = Runs(wishes[batch.of_strategy], warmups[batch.of_strategy], of_terms, settings)
        told = None
        for grid, mine, shared in _alike(batch):
            with self._preparing:
                track = self._track(grid)
                known = NOTHING_KNOWN if shared is None else self._known_of(shared, track)
            tallies, closes = swept(
                track, table.words(), runs.of(mine), grid, follows_equity=follows_equity, known=known
            )
            if told is None:
                told = _Told.empty(len(of_terms), closes, track.past.times, track.sessions)
            told.put(mine, tallies, closes)
        if told is None:
            raise ValueError("a batch holds a run")
        return told

    def _track(self, grid: Grid) -> Track:
        if grid not in self._tracks:
            self._tracks[grid] = laid_out(self._markets[0], grid, self._start)
        return self._tracks[grid]

    def _known_of(self, numbers: Numbers, track: Track) -> Known:
        """What runs of these terms have found out so far; of so many terms as there is room for."""
        if sum(known.nbytes for known in self._known.values()) > MOST_BYTES:
            self._known.clear()
        if numbers not in self._known:
            self._known[numbers] = unknown(track)
        return self._known[numbers]

    def _walked(self, batch: Batch, follows_equity: bool) -> _Told:
        """The runs of an account of several symbols, one after the other."""
        told = None
        for number, strategy in enumerate(batch.strategies):
            signals = [strategy.signals(market.bars) for market in self._markets]
            warmup = strategy.warmup(self._bars.timeframe, self._bars.hours)
            for run in np.flatnonzero(batch.of_strategy == number):
                terms = batch.terms[batch.of_terms[run]]
                outcome = simulate(
                    self._markets, signals, terms.numbers(), terms.grids(), start=self._start, warmup=warmup
                )
                closes = session_closes(outcome.equity, outcome.sessions)[np.newaxis] if follows_equity else None
                if told is None:
                    sessions = 1 + int(np.count_nonzero(np.diff(outcome.sessions)))
                    told = _Told.empty(len(batch.of_terms), closes, outcome.times, sessions)
                told.put(np.array([run]), _tally(outcome, float(terms.starting_balance), follows_equity), closes)
        if told is None:
            raise ValueError("a batch holds a run")
        return told


def _alike(batch: Batch) -> Iterator[tuple[Grid, Ints, Numbers | None]]:
    """The runs that go together, with the terms that they share; None where each has few others of its terms."""
    count = np.bincount(batch.of_terms, minlength=len(batch.terms))
    apart: dict[Grid, list[int]] = {}
    for number, terms in enumerate(batch.terms):
        (grid,) = terms.grids()
        if count[number] >= SHARED:
            yield grid, np.flatnonzero(batch.of_terms == number), terms.numbers()
        elif count[number] > 0:
            apart.setdefault(grid, []).append(number)
    for grid, numbers in apart.items():
        yield grid, np.flatnonzero(np.isin(batch.of_terms, numbers)), None


class _Told(NamedTuple):
    """What a kernel tells of runs, the times of the bars that were judged, and how many sessions those are."""

    tallies: Rows
    closes: Floats | None
    times: Ints
    sessions: int

    @classmethod
    def empty(cls, runs: int, closes: Floats | None, times: Ints, sessions: int) -> _Told:
        """Room for so many runs with as many closes as these."""
        room = None if closes is None else np.empty((runs, closes.shape[1]))
        return cls(np.zeros(runs, TALLY), room, times, sessions)

    def put(self, which: Ints, tallies: Rows, closes: Floats | None) -> None:
        """Fills the rows of some runs."""
        self.tallies[which] = tallies
        if self.closes is not None and closes is not None:
            self.closes[which] = closes


def _tally(outcome: Outcome, start: float, follows_equity: bool) -> Rows:
    """What became of a run of the plain kernel."""
    _, side, _, _, quantity, paid, got, fees, funding, _ = outcome.trades.T
    tally = tallied(
        equity=outcome.equity,
        start=start,
        profits=account.profit(side, quantity, paid, got, fees, funding),  # type: ignore[arg-type]
        fees=total(np.append(fees, outcome.positions[:, 5])),
        funding=total(np.append(funding, outcome.positions[:, 6])),
        exposure_sum=outcome.exposure_sum,
        ambiguous_bars=outcome.ambiguous_bars,
    )
    drawn_down = outcome.halts[outcome.halts[:, 1] == codes.MAX_DRAWDOWN]
    tally["halted_at"] = drawn_down[0, 0] if len(drawn_down) else -1
    if not follows_equity:
        tally["max_drawdown"] = tally["exposure_sum"] = np.nan
    return tally
