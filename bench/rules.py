"""W1: the one job every engine does, and W3: the same for many symbols. The numbers stand in w1.c and w3.c too."""

from __future__ import annotations

PERIOD = 14
OVERSOLD, OVERBOUGHT, TOLERANCE = 30.0, 70.0, 1e-9
FLAT_BARS = 3 * PERIOD
BELOW, ABOVE = OVERSOLD * (1 - TOLERANCE), OVERBOUGHT * (1 + TOLERANCE)
TAKE_PROFIT, STOP_LOSS = 0.05, 0.02
FEE = 0.001
NOTIONAL, LOT, START_CASH = 10_000.0, 1e-8, 1_000_000.0

SYMBOLS, SYMBOL_BARS = 50, 100_000
POSITIONS, EXPOSURE = 8, 80_000.0
