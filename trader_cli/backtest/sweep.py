"""Many runs over one symbol's past: what they share is measured once, what differs is a few numbers a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trader_cli.backtest.jumping import Wish, jump
from trader_cli.metrics.figures import TALLY
from trader_cli.rules.compiled import compiled
from trader_cli.rules.numbers import numbers_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trader_cli.backtest.bits import Words
    from trader_cli.backtest.reach import Known
    from trader_cli.backtest.track import Track
    from trader_cli.domain.bars import Floats, Ints
    from trader_cli.metrics.figures import Rows
    from trader_cli.rules.numbers import Grid

    type Numbered = NDArray[np.int32]

NO_TRADES = np.empty((0, 10))
NOTHING_KNOWN = np.empty((2, 0), dtype=np.int32)


class Runs(NamedTuple):
    """What differs between runs.

    Shape: `wishes` (runs, 7), rows of the table of conditions in the order of `Wish`; `decides_at` (runs,), the first
    bar that may decide; `numbers` (runs,), rows of `settings` (settings, 20), each a `Numbers` as floats.
    """

    wishes: Numbered
    decides_at: Ints
    numbers: Numbered
    settings: Floats

    def of(self, which: Ints) -> Runs:
        """The runs of these numbers."""
        return self._replace(wishes=self.wishes[which], decides_at=self.decides_at[which], numbers=self.numbers[which])


def swept(
    track: Track,
    table: Words,
    runs: Runs,
    grid: Grid,
    *,
    follows_equity: bool = False,
    known: Known = NOTHING_KNOWN,
    trades: Floats = NO_TRADES,
) -> tuple[Rows, Floats | None]:
    """What becomes of each run: a `TALLY` each, and where `follows_equity` the equity at the close of each session.

    Other threads run meanwhile. `known` is for runs of the same terms over the same bars, first of all
    `unknown(track)`: they add what they find to it, several threads at a time, and spare others the search. `trades`
    takes the trades of each run from its beginning: it is for one run at a time, or for the last. Shape: (runs,),
    (runs, sessions).
    """
    count = len(runs.numbers)
    tallies = np.zeros(count, TALLY)
    closes = np.empty((count if follows_equity else 1, track.sessions))
    _run(track, table, runs, grid, follows_equity, known, tallies, closes, trades)
    return tallies, closes if follows_equity else None


def unknown(track: Track) -> Known:
    """Nothing known yet of the levels of some terms. Shape: (2, bars), for longs and for shorts."""
    return np.zeros((2, len(track.past.close)), dtype=np.int32)


@compiled
def _run(
    track: Track,
    table: Words,
    runs: Runs,
    grid: Grid,
    follows_equity: bool,
    known: Known,
    tallies: Rows,
    closes: Floats,
    trades: Floats,
) -> None:
    for run in range(len(tallies)):
        row, numbers = runs.wishes[run], numbers_of(runs.settings[runs.numbers[run]])
        wish = Wish(row[0], row[1], row[2], row[3], row[4], row[5], row[6])
        into = closes[run if follows_equity else 0]
        begins = runs.decides_at[run]
        jump(track, table, wish, numbers, grid, begins, follows_equity, known, tallies[run], into, trades)
