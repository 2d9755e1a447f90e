"""What a simulated account holds and has ordered, in arrays that machine code changes in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from trader_cli.rules import codes, limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trader_cli.backtest.columns import Past
    from trader_cli.domain.bars import Floats, Ints

    type Records = NDArray[np.void]

ABSENT: Final = -1
"""The row of a symbol that has no bar now."""

POSITION = np.dtype(
    [
        ("side", np.int64),
        ("entry_row", np.int64),
        ("quantity", np.float64),
        ("entry_price", np.float64),
        ("fees", np.float64),
        ("funding", np.float64),
        ("stop", np.float64),
        ("target", np.float64),
        ("liquidation", np.float64),
        ("best_price", np.float64),
        ("mark", np.float64),
        ("ordered", np.int64),
    ]
)
"""One held position; `side` is 0 where a symbol is flat, `ordered` the reason of an exit on its way."""

ORDER = np.dtype([("side", np.int64), ("quantity", np.float64), ("mark", np.float64)])
"""One entry on its way; `mark` is the close it was decided at."""

STATE = np.dtype(
    [
        ("time", np.int64),
        ("session", np.int64),
        ("cash", np.float64),
        ("equity", np.float64),
        ("peak", np.float64),
        ("day_opening", np.float64),
        ("exposure_sum", np.float64),
        ("day_lost", np.int64),
        ("drawn_down", np.int64),
        ("held", np.int64),
        ("queued", np.int64),
        ("traded", np.int64),
        ("halted", np.int64),
        ("ambiguous_bars", np.int64),
    ]
)
"""The account's running numbers and how much of each list of the book is filled."""


class Book(NamedTuple):
    """The account.

    Shape: `positions`, `orders`, `stopped_at`, `row` (of the bar now, or `ABSENT`) and `last_row` (of the latest bar)
    have one entry a symbol. `held` lists the symbols with a position in list order, `queue` those with an entry on its
    way in the order of the decisions, `candidates` is scratch. `state` has one entry; the rest is what `Outcome` is.
    """

    state: Records
    positions: Records
    orders: Records
    stopped_at: Ints
    row: Ints
    last_row: Ints
    held: Ints
    queue: Ints
    candidates: Ints
    equity: Floats
    trades: Floats
    halts: Ints
    refusals: Ints


def opened(past: Past, balance: float) -> Book:
    """An account with its starting balance and nothing else."""
    symbols, times = len(past.start), len(past.times)
    state = np.zeros(1, STATE)
    for name in ("cash", "equity", "peak", "day_opening"):
        state[name] = balance
    if times:
        state["session"] = past.sessions[0]
    most_trades = int(np.count_nonzero(past.entry))  # each trade was a wish to enter
    # numpy asks the system for huge pages and numba does not: page faults would cost as much as the loop.
    return Book(
        state=state,
        positions=np.zeros(symbols, POSITION),
        orders=np.zeros(symbols, ORDER),
        stopped_at=np.full(symbols, limits.NEVER),
        row=np.full(symbols, ABSENT),
        last_row=past.before.copy(),
        held=_list(symbols),
        queue=_list(symbols),
        candidates=_list(symbols),
        equity=np.empty(times),
        trades=np.empty((most_trades, 10)),
        halts=np.empty((times + 1, 2), dtype=np.int64),
        refusals=np.zeros(len(codes.REFUSALS), dtype=np.int64),
    )


def _list(length: int) -> NDArray[Any]:
    return np.empty(length, dtype=np.int64)
