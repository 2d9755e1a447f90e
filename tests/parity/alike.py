"""One question, asked of every pair: is what a replay made what the backtest made, in every field?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import numpy as np

from trader_cli.app.rehearsal import Rehearsal
from trader_cli.backtest.run import backtest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.backtest.result import Result
    from trader_cli.domain.market import Market
    from trader_cli.rules.terms import Terms
    from trader_cli.strategies.base import Strategy


def replayed(
    markets: Sequence[Market], strategy: Strategy[Any], terms: Terms, *, start: int | None = None
) -> Result:
    """What the trading loop makes of these markets, bar by bar."""
    rehearsal = Rehearsal(markets, strategy, terms, start=start)
    asyncio.run(rehearsal.run())
    return rehearsal.result()


def both(
    markets: Sequence[Market], strategy: Strategy[Any], terms: Terms, *, start: int | None = None
) -> tuple[Result, Result]:
    """The backtest's result and the replay's."""
    return backtest(markets, strategy, terms, start=start), replayed(markets, strategy, terms, start=start)


def assert_alike(fast: Result, slow: Result) -> None:
    """Every trade, halt, refusal and open order, and the equity at every close, to the last bit."""
    assert slow.trades == fast.trades
    np.testing.assert_array_equal(slow.equity, fast.equity)
    assert slow.document("x") == fast.document("x")
