"""Made-up markets for hypothesis: flat stretches, extreme moves, tiny prices, bars without volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from trader_cli.conformance import bars_of
from trader_cli.domain.timeframe import Timeframe, TradingHours

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars, Floats


def ramp(size: int) -> Floats:
    """A price that rises evenly from 1 to 2."""
    return np.linspace(1, 2, size, dtype=np.float64)


@st.composite
def markets(
    draw: st.DrawFn,
    *,
    min_size: int = 1,
    max_size: int = 300,
    reach: float = 1e5,
    timeframe: Timeframe = Timeframe.H1,
) -> Bars:
    """Bars of stretches, each flat, calm, wild, a jump or a crash, at any level of price.

    No price is more than `reach` times above or below the first.
    """
    size = draw(st.integers(min_size, max_size))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    moves: Floats = np.empty(0)
    while len(moves) < size:
        length = draw(st.integers(1, 80))
        kind = draw(st.sampled_from(("flat", "calm", "wild", "sparse", "jump", "crash")))
        stretch = generator.standard_normal(length)
        if kind == "flat":
            stretch *= 0
        elif kind == "sparse":
            stretch *= 1e-3 * (generator.random(length) < 0.05)
        elif kind in ("jump", "crash"):
            stretch *= 1e-4
            stretch[0] = np.log(10.0) * (1 if kind == "jump" else -1)
        else:
            stretch *= 1e-4 if kind == "calm" else 0.03
        moves = np.concatenate([moves, stretch])
    level = draw(st.sampled_from((1e-11, 1e-4, 1.0, 3e4, 1e9)))
    walk = np.clip(np.cumsum(moves[:size]), -np.log(reach), np.log(reach))
    empty = draw(st.sampled_from((0.0, 0.2, 0.9, 1.0)))
    volume = generator.exponential(10.0 ** draw(st.integers(-8, 8)), size) * (generator.random(size) >= empty)
    spread = draw(st.sampled_from((0.0, 1e-5, 1e-2)))
    return bars_of(
        level * np.exp(walk), volume=volume, spread=spread, timeframe=timeframe, hours=TradingHours.CONTINUOUS
    )
