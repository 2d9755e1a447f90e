"""MACD: the distance between a fast and a slow average."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.indicators.talib_core import talib

if TYPE_CHECKING:
    from trader_cli.domain.bars import Floats


def macd(close: Floats, fast: int, slow: int, signal: int) -> tuple[Floats, Floats, Floats]:
    """MACD line, its signal line and their difference, the histogram.

    TA-Lib's: exponential averages, each seeded with a simple mean, the fast one starting at the same bar as the slow.

    Shape: one value a close each, NaN for the first slow + signal - 2. Units: those of the price.
    """
    return talib().MACD(close, fastperiod=fast, slowperiod=slow, signalperiod=signal)
