"""The list of trades in the form every engine of the bench writes it, and how two lists are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

STOP_LOSS, TAKE_PROFIT, SIGNAL = 1, 2, 3

TRADE = np.dtype(
    [
        ("entry_bar", "<i8"),
        ("exit_bar", "<i8"),
        ("entry_price", "<f8"),
        ("exit_price", "<f8"),
        ("quantity", "<f8"),
        ("pnl", "<f8"),
        ("reason", "<i8"),
    ]
)
"""One trade; `struct trade` of w1.c. The reason is 0 where an engine does not tell it."""

type Trades = NDArray[np.void]

PRICE_TOLERANCE = 1e-9


def table(
    entry_bar: Any, exit_bar: Any, entry_price: Any, exit_price: Any, quantity: Any, pnl: Any, reason: Any = 0
) -> Trades:
    """Columns put together, in the order of the exits."""
    trades = np.empty(len(entry_bar), TRADE)
    columns = (entry_bar, exit_bar, entry_price, exit_price, quantity, pnl, reason)
    for name, column in zip(TRADE.names or (), columns, strict=True):
        trades[name] = column
    return trades


def read(path: Path) -> Trades:
    """The trades an engine has written."""
    return np.fromfile(path, TRADE)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far one list of trades is another: `shared` have the same bars, and prices equal to 1e-9 of them."""

    theirs: int
    reference: int
    shared: int

    @property
    def complete(self) -> bool:
        """Whether the lists are the same."""
        return self.shared == self.theirs == self.reference

    def __str__(self) -> str:
        return f"{self.shared:,} of {self.reference:,} shared" + ("" if self.complete else f", theirs {self.theirs:,}")


def agreement(theirs: Trades, reference: Trades) -> Agreement:
    """Compares two lists by entry and exit bar, then by both prices."""
    keys = (theirs["entry_bar"] << 32) + theirs["exit_bar"], (reference["entry_bar"] << 32) + reference["exit_bar"]
    _, left, right = np.intersect1d(*keys, return_indices=True)
    same = np.ones(len(left), bool)
    for price in ("entry_price", "exit_price"):
        same &= np.isclose(theirs[price][left], reference[price][right], rtol=PRICE_TOLERANCE, atol=0)
    return Agreement(len(theirs), len(reference), int(same.sum()))
