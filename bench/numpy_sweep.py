"""W2 in numpy alone: the jumps of W1 for one combination after the other; RSI once a period, compared once a level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench import rules, sweep
from bench.numpy_yardstick import CANONICAL, Variation, decisive_rsi, jumps, priced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.data import Columns
    from bench.numpy_yardstick import Found
    from bench.sweep import Statistics
    from bench.trades import Trades


def simulate(bars: Columns, first: int, varied: Variation = CANONICAL) -> Iterator[Found]:
    """What becomes of each combination, decided from bar `first` on."""
    for period in rules.PERIODS:
        values = decisive_rsi(bars.close, first, period)
        combinations = rules.of_period(period)
        buys = {below: np.flatnonzero(values < below) for below in {each.below for each in combinations}}
        sells = {above: np.flatnonzero(values > above) for above in {each.above for each in combinations}}
        for each in combinations:
            yield jumps(bars, buys[each.below], sells[each.above], varied)


def statistics(bars: Columns, first: int) -> Statistics:
    """Those of each combination."""
    rows = [sweep.statistics(bars, priced(bars, found), found.held) for found in simulate(bars, first)]
    return np.array(rows, sweep.STATISTICS)


def trade_list(bars: Columns, first: int, varied: Variation) -> Trades:
    """The trades of all combinations under a peer's rules, bars counted through all of them."""
    lists = [priced(bars, found) for found in simulate(bars, first, varied)]
    for number, each in enumerate(lists):
        for bar in ("entry_bar", "exit_bar"):
            each[bar] += number * len(bars.close)
    return np.concatenate(lists)


if __name__ == "__main__":
    sweep.serve(lambda bars, first: lambda: statistics(bars, first), statistics)
