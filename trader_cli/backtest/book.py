"""What a simulated account holds and has ordered, in arrays that machine code changes in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from trader_cli.rules import codes, limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trader_cli.backtest.columns import Past
    from trader_cli.domain.bars import Floats, Ints

    type Records = NDArray[np.void]
    type Symbols = NDArray[np.uint32]

ABSENT: Final = -1
"""Where a symbol stands that has no bar now."""

DESK = np.dtype(
    [
        ("stopped_at", np.int64),
        ("side", np.int64),
        ("entered_at", np.int64),
        ("quantity", np.float64),
        ("entry_price", np.float64),
        ("fees", np.float64),
        ("funding", np.float64),
        ("stop", np.float64),
        ("target", np.float64),
        ("liquidation", np.float64),
        ("best_price", np.float64),
        ("mark", np.float64),
        ("leaving", np.int64),
        ("entering", np.int64),
        ("ordered_quantity", np.float64),
        ("ordered_at_price", np.float64),
    ]
)
"""One symbol: its position (`side` 0: flat; `leaving` is the reason of an exit on its way), the entry on its way
(`entering` is its side, `ordered_at_price` the close it was decided at), and the place of its last stop."""

TRADES, HALTS, AMBIGUOUS = range(3)
"""What `Book.counts` counts."""


class Book(NamedTuple):
    """The account.

    Shape: `desks` (of `DESK`), `at` (the place of a symbol's bar now in the columns of `Past`, or `ABSENT`; idle where
    every symbol is present at all times) and `last` (that of its latest bar) have one entry a symbol. `held` lists the
    symbols with a position in list order, `queue` those with an entry on its way in the order of the decisions,
    `candidates` those that wish to enter now, with their `confidences`: symbol numbers without a sign, of which machine
    code need not ask whether they count from the end. `counts` says how many trades, halts and ambiguous bars there
    were; the rest is as in `Outcome`, not all of it filled.
    """

    desks: Records
    at: Ints
    last: Ints
    held: Symbols
    queue: Symbols
    candidates: Symbols
    confidences: Floats
    counts: Ints
    equity: Floats
    trades: Floats
    halts: Ints
    refusals: Ints


def opened(past: Past) -> Book:
    """An account that holds nothing yet."""
    symbols, times = len(past.start), len(past.times)
    desks = np.zeros(symbols, DESK)
    desks["stopped_at"] = limits.NEVER
    most_trades = int(np.count_nonzero(past.entry))  # each trade was a wish to enter
    # numpy asks the system for huge pages and numba does not: page faults would cost as much as the loop.
    return Book(
        desks=desks,
        at=np.full(symbols, ABSENT),
        last=past.first - 1,
        held=np.empty(symbols, dtype=np.uint32),
        queue=np.empty(symbols, dtype=np.uint32),
        candidates=np.empty(symbols, dtype=np.uint32),
        confidences=np.empty(symbols),
        counts=np.zeros(3, dtype=np.int64),
        equity=np.empty(times),
        trades=np.empty((most_trades, 10)),
        halts=np.empty((times + 1, 2), dtype=np.int64),
        refusals=np.zeros(len(codes.REFUSALS), dtype=np.int64),
    )
