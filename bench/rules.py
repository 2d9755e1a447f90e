"""W1: the one job every engine does; W2: the same for many parameters; W3: for many symbols.

The numbers stand in the C programs too.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type Floats = NDArray[np.float64]


class Combination(NamedTuple):
    """The parameters of one run; RSI below `oversold` buys, above `overbought` sells."""

    period: int
    oversold: float
    overbought: float

    @property
    def below(self) -> float:
        """RSI below this buys; equality, but for rounding, is no signal."""
        return self.oversold * (1 - TOLERANCE)

    @property
    def above(self) -> float:
        """RSI above this sells."""
        return self.overbought * (1 + TOLERANCE)


TOLERANCE = 1e-9
FLAT_PERIODS = 3
"""RSI is 50 where no close has moved in so many times its period."""
W1 = Combination(14, 30.0, 70.0)
TAKE_PROFIT, STOP_LOSS = 0.05, 0.02
FEE = 0.001
NOTIONAL, LOT, START_CASH = 10_000.0, 1e-8, 1_000_000.0
ROUNDING = 1e-12
"""A quotient so close below a whole number of lots is that number."""

PERIODS = range(8, 28, 2)
OVERSOLD, OVERBOUGHT = range(20, 40, 2), range(62, 82, 2)
COMBINATIONS = [Combination(*axes) for axes in product(PERIODS, map(float, OVERSOLD), map(float, OVERBOUGHT))]
"""W2, the last axis fastest."""
SWEEP_BARS = 100_000

STOPS, TARGETS = [0.005 * (1 + k) for k in range(10)], [0.01 * (1 + k) for k in range(10)]
LEVELS = list(product(PERIODS, STOPS, TARGETS))
"""W2's other axes: RSI's period, stop and target, with the signals of W1; the last axis fastest."""

FAST, SIGNAL, SLOW, THRESHOLDS = 12, 9, range(20, 40, 2), [1e-4 * (1 + k) for k in range(10)]
MACD = list(product(SLOW, THRESHOLDS, TARGETS))
"""W2 with another strategy: MACD's slow period, threshold and target; the last axis fastest."""
DAILY_LOSS, DRAWDOWN = 0.002, 0.5
"""W2 with limits: these shares of the account. A few bad trades reach the first one, none of its runs the second."""

SYMBOLS, SYMBOL_BARS = 50, 100_000
POSITIONS, EXPOSURE = 8, 80_000.0


def of_period(period: int) -> list[Combination]:
    """The combinations of W2 that share an RSI."""
    return [each for each in COMBINATIONS if each.period == period]


def quantity(close: Floats) -> Floats:
    """What is ordered at a close: the notional, rounded down to the lot."""
    return np.floor(NOTIONAL / close / LOT * (1 + ROUNDING)) * LOT
