"""Made-up markets to try a strategy on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.domain.bars import Bars
from trader_cli.domain.timeframe import Timeframe, TradingHours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.domain.bars import Floats


def market(
    seed: int = 0,
    size: int = 3000,
    *,
    timeframe: Timeframe = Timeframe.M15,
    hours: TradingHours = TradingHours.CONTINUOUS,
) -> Bars:
    """A made-up market with what real ones have: calm, flat and wild stretches, jumps, bars without volume."""
    import numpy as np

    generator = np.random.default_rng(seed)
    regime = np.repeat(generator.choice([0.0, 1e-4, 2e-3, 2e-2], size=-(-size // 60)), 60)[:size]
    moves = regime * generator.standard_normal(size)
    moves[generator.random(size) < 0.002] += np.log(4.0)
    moves[generator.random(size) < 0.002] -= np.log(4.0)
    close = np.round(100 * np.exp(np.cumsum(moves)), 8)
    volume = generator.exponential(5.0, size) * (generator.random(size) > 0.1)
    return bars_of(close, volume=volume, spread=regime / 2, timeframe=timeframe, hours=hours)


def bars_of(
    close: Floats | Sequence[float],
    *,
    volume: Floats | Sequence[float] | None = None,
    spread: Floats | float = 0.0,
    timeframe: Timeframe = Timeframe.M15,
    hours: TradingHours = TradingHours.CONTINUOUS,
) -> Bars:
    """Bars with these closes from 2024-01-01 on; each opens at the close before, highs and lows `spread` beyond."""
    import numpy as np

    day = 86_400_000_000_000
    closes = np.asarray(close, dtype=np.float64)
    opens = np.concatenate([closes[:1], closes[:-1]])
    time = 19_723 * day + np.arange(len(closes), dtype=np.int64) * timeframe.nanoseconds
    return Bars(
        symbol="TEST",
        timeframe=timeframe,
        hours=hours,
        open_time=time,
        open=opens,
        high=np.maximum(opens, closes) * (1 + spread),
        low=np.minimum(opens, closes) * (1 - spread),
        close=closes,
        volume=np.ones(len(closes)) if volume is None else np.asarray(volume, dtype=np.float64),
        session=time // day,
    )
