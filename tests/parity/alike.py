"""One question, asked of every pair: is what a replay made what the backtest made, in every field?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trader_cli.conformance.parity import both, difference

if TYPE_CHECKING:
    from trader_cli.backtest.result import Result

__all__ = ["assert_alike", "both"]


def assert_alike(fast: Result, slow: Result) -> None:
    """Every trade, halt, refusal and open order, and the equity at every close, to the last bit."""
    assert slow.trades == fast.trades
    np.testing.assert_array_equal(slow.equity, fast.equity)
    found = difference(fast, slow)
    assert found is None, found
    assert slow.document("x") == fast.document("x")
