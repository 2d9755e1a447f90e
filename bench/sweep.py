"""What a run of W2 ends with: its trade statistics, in the form every exact engine writes them, and how two agree.

Also the Python side of W2's protocol, which is that of `worker` with the wall's time beside the CPU's: threads shorten
the one and not the other.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench import rules
from bench.data import Columns
from bench.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

    from bench.trades import Trades

    type Statistics = NDArray[np.void]

STATISTICS = np.dtype(
    [
        ("trades", "<i8"),
        ("wins", "<i8"),
        ("gross_profit", "<f8"),
        ("gross_loss", "<f8"),
        ("fees", "<f8"),
        ("final_equity", "<f8"),
    ]
)
"""One combination, in the order of `rules.COMBINATIONS`; `struct statistics` of w2.h.

`trades` are those closed, `wins` those of them that brought more than nothing, net of fees; a loss is above 0; what is
open at the end counts at the last close, with the fee of its entry.
"""

DENSE = np.dtype([*STATISTICS.descr, ("max_drawdown", "<f8"), ("sharpe", "<f8")])
"""The same with what the equity at each close says; `struct dense` of w2_dense.c."""

MONEY_TOLERANCE = 1e-9


def statistics(columns: Columns, found: Trades, held: int | None) -> tuple[Any, ...]:
    """One row of STATISTICS, from the trades and the bar that decided what is held at the end."""
    pnl = found["pnl"]
    profit, loss = pnl[pnl > 0].sum(), -pnl[pnl < 0].sum()
    fees = (found["quantity"] * (found["entry_price"] + found["exit_price"])).sum() * rules.FEE
    open_pnl = 0.0
    if held is not None:
        paid, quantity = columns.open[held + 1], float(rules.quantity(columns.close[held]))
        fee = quantity * paid * rules.FEE
        open_pnl = quantity * (columns.close[-1] - paid) - fee
        fees += fee
    return len(found), np.count_nonzero(pnl > 0), profit, loss, fees, rules.START_CASH + profit - loss + open_pnl


def read(path: Path, kind: np.dtype[np.void] = STATISTICS) -> Statistics:
    """What an engine has written; of the dense program what it shares with the others."""
    return np.fromfile(path, kind)[list(STATISTICS.names or ())]


def same(theirs: Statistics, reference: Statistics) -> NDArray[np.bool_]:
    """Which combinations have the same counts, and amounts equal to 1e-9 of them. Shape: one a combination."""
    equal = np.ones(len(reference), bool)
    for name in STATISTICS.names or ():
        equal &= np.isclose(theirs[name], reference[name], rtol=MONEY_TOLERANCE, atol=0)
    return equal


def serve(
    prepare: Callable[[Columns, int], Callable[[], object]], rows: Callable[[Columns, int], NDArray[np.void]]
) -> None:
    """Runs an engine's program: `python -m MODULE COLUMNS ROWS FIRST`.

    `prepare` gets the columns and the first bar that may decide and returns the work, which is all combinations;
    `rows` (not timed, asked for at the end) is what the work has found, in the bench's form.
    """
    folder, out, first = sys.argv[1:]
    columns = Columns.read(Path(folder))
    work, watch = prepare(columns, int(first)), Watch(1)
    for line in sys.stdin:
        for _ in range(int(line)):
            with watch.run():
                work()
        watch.answer()
    rows(columns, int(first)).tofile(Path(out))
