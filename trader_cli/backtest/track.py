"""The past of one symbol, laid out for jumping over it: what blocks of its bars reach, and where its days begin."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from trader_cli.backtest.columns import Past, flattened
from trader_cli.domain.signal import Signals

if TYPE_CHECKING:
    from collections.abc import Callable

    from trader_cli.domain.bars import Floats, Ints
    from trader_cli.domain.market import Market
    from trader_cli.rules.numbers import Grid

BLOCK: Final = 16
"""Bars in a block: few enough that walking one is cheap, many enough that most of a position's life is whole blocks."""

NO_SIGNALS = Signals(
    np.empty(0, np.int8), np.empty(0, np.int8), np.empty(0, np.int8), np.empty(0), MappingProxyType({})
)


class Track(NamedTuple):
    """One symbol's past; its signals are elsewhere.

    Shape: `lowest` and `highest` of the prices, of the closes and of the mark prices have one entry a whole block of
    `BLOCK` bars. `session` has one entry a bar: how many sessions began after the first judged bar, up to it.
    `session_starts` holds the first bars of those, `due_at` the bars before whose openings funding is due; both end
    with the number of bars.
    """

    past: Past
    lowest: Floats
    highest: Floats
    lowest_close: Floats
    highest_close: Floats
    lowest_mark: Floats
    highest_mark: Floats
    session: Ints
    session_starts: Ints
    due_at: Ints


def laid_out(market: Market, grid: Grid, start: int | None) -> Track:
    """The track of a market; bars from `start` on (ns since 1970 UTC) are judged."""
    past = flattened([market], [NO_SIGNALS], [grid], start, 0)
    first, bars = int(past.first[0]), len(past.close)
    starts = np.flatnonzero(np.diff(past.sessions)) + first + 1
    session = np.zeros(bars, dtype=np.int64)
    session[starts] = 1
    return Track(
        past=past,
        lowest=_blocks(np.minimum(past.open, past.low), np.min),
        highest=_blocks(np.maximum(past.open, past.high), np.max),
        lowest_close=_blocks(past.close, np.min),
        highest_close=_blocks(past.close, np.max),
        lowest_mark=_blocks(np.minimum(past.mark_open, past.mark_low), np.min),
        highest_mark=_blocks(np.maximum(past.mark_open, past.mark_high), np.max),
        session=np.cumsum(session),
        session_starts=np.append(starts, bars),
        due_at=np.append(np.flatnonzero(past.funding_due), bars),
    )


def _blocks(column: Floats, extreme: Callable[..., Floats]) -> Floats:
    """The extreme of each whole block."""
    whole = len(column) // BLOCK
    return extreme(column[: whole * BLOCK].reshape(whole, BLOCK), axis=1)
