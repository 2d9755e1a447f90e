"""The past of one symbol, laid out for jumping over it: what blocks of its bars reach, and where its days begin."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trader_cli.backtest.columns import Past, flattened
from trader_cli.backtest.reach import Reach, blocks, reach_of
from trader_cli.domain.signal import Signals

if TYPE_CHECKING:
    from trader_cli.domain.bars import Floats, Ints
    from trader_cli.domain.market import Market
    from trader_cli.rules.numbers import Grid

NO_SIGNALS = Signals(
    np.empty(0, np.int8), np.empty(0, np.int8), np.empty(0, np.int8), np.empty(0), MappingProxyType({})
)


class Track(NamedTuple):
    """One symbol's past; its signals are elsewhere.

    `prices` is how far its bars go, `marks` its mark prices. Shape: the extremes of closes have one entry a whole block
    of bars, and some more. `session` has one entry a bar: how many sessions began after the first judged bar, up to it.
    `session_starts` holds the first bars of those, `due_at` the bars before whose openings funding is due; both end
    with the number of bars.
    """

    past: Past
    prices: Reach
    marks: Reach
    lowest_close: Floats
    highest_close: Floats
    session: Ints
    session_starts: Ints
    due_at: Ints

    @property
    def sessions(self) -> int:
        """How many sessions are judged."""
        return int(self.session[-1]) + 1


def laid_out(market: Market, grid: Grid, start: int | None) -> Track:
    """The track of a market; bars from `start` on (ns since 1970 UTC) are judged."""
    past = flattened([market], [NO_SIGNALS], [grid], start, 0)
    first, bars = int(past.first[0]), len(past.close)
    starts = np.flatnonzero(np.diff(past.sessions)) + first + 1
    session = np.zeros(bars, dtype=np.int64)
    session[starts] = 1
    prices = reach_of(past.open, past.high, past.low)
    return Track(
        past=past,
        prices=prices,
        marks=prices if market.mark is None else reach_of(past.mark_open, past.mark_high, past.mark_low),
        lowest_close=blocks(past.close, np.minimum, np.inf),
        highest_close=blocks(past.close, np.maximum, -np.inf),
        session=np.cumsum(session),
        session_starts=np.append(starts, bars),
        due_at=np.append(np.flatnonzero(past.funding_due), bars),
    )
