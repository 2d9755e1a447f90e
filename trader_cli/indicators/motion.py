"""How far a price has moved, and how wildly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trader_cli.indicators.windows import deviations

if TYPE_CHECKING:
    from trader_cli.domain.bars import Floats


def momentum(close: Floats, lookback: int) -> Floats:
    """The change over `lookback` bars.

    Shape: one value a close, NaN for the first `lookback`. Units: percent.
    """
    result = np.full(len(close), np.nan)
    with np.errstate(over="ignore"):
        result[lookback:] = 100 * (close[lookback:] / close[:-lookback] - 1)
    return result


def volatility(close: Floats, lookback: int) -> Floats:
    """Standard deviation (ddof 1) of the last `lookback` bar returns, times sqrt(lookback).

    Shape: one value a close, NaN for the first `lookback`. Units: a fraction of the price over the lookback.
    """
    result = np.full(len(close), np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        returns = close[1:] / close[:-1] - 1
        result[1:] = deviations(returns, lookback) * np.sqrt(lookback)
    return result
