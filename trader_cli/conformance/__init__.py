"""What every strategy must satisfy; run over each registered one, and free for a plug-in's own tests.

    from trader_cli.conformance import check, market

    def test_my_strategy_keeps_the_laws():
        check(MyStrategy(MyParams()), market(seed=1))

Each function raises AssertionError saying what is broken; `check` calls them all on one market. No test framework is
needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trader_cli.conformance.laws import counts_make_sense, has_shape, is_causal, is_pure, window_is_enough
from trader_cli.conformance.markets import bars_of, market
from trader_cli.conformance.parity import replays_as_backtested

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trader_cli.domain.bars import Bars, Floats
    from trader_cli.strategies.base import Strategy

__all__ = [
    "bars_of",
    "check",
    "counts_make_sense",
    "has_shape",
    "is_causal",
    "is_pure",
    "market",
    "replays_as_backtested",
    "window_is_enough",
]

REPLAYED = 500
"""How many of the last bars `check` replays."""


def check(strategy: Strategy[Any], bars: Bars, *, tolerance: Mapping[str, Floats | float] | None = None) -> None:
    """All of the laws on one market, which should be longer than the strategy's window.

    `tolerance` is what `window_is_enough` takes. Only the last bars are replayed, as that takes its time.
    """
    counts_make_sense(strategy, bars)
    has_shape(strategy, bars)
    is_pure(strategy, bars)
    is_causal(strategy, bars)
    window_is_enough(strategy, bars, tolerance=tolerance)
    start = int(bars.open_time[-REPLAYED:][0])
    replays_as_backtested(strategy, bars, start=start)
