"""The numbers by which a rule says why; machine code knows no words."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from trader_cli.domain.signal import Exit
from trader_cli.domain.trade import ExitReason

STAY: Final = 0
SIGNAL: Final = int(Exit.SIGNAL)
THRESHOLD: Final = int(Exit.THRESHOLD)
TIME: Final = 3
STOP_LOSS: Final = 4
TRAILING_STOP: Final = 5
TAKE_PROFIT: Final = 6

EXIT_REASONS: Final = MappingProxyType(
    {
        SIGNAL: ExitReason.SIGNAL,
        THRESHOLD: ExitReason.THRESHOLD,
        TIME: ExitReason.TIME,
        STOP_LOSS: ExitReason.STOP_LOSS,
        TRAILING_STOP: ExitReason.TRAILING_STOP,
        TAKE_PROFIT: ExitReason.TAKE_PROFIT,
    }
)
"""Why a position is left, by code."""

ALLOWED: Final = -1
MAX_DAILY_LOSS: Final = 0
MAX_DRAWDOWN: Final = 1
COOLDOWN: Final = 2
BELOW_LOT: Final = 3
BELOW_MINIMUM: Final = 4
INSUFFICIENT_FUNDS: Final = 5

REFUSALS: Final = (
    "max_daily_loss",
    "max_drawdown",
    "cooldown",
    "below_lot",
    "below_minimum_notional",
    "insufficient_funds",
)
"""Why an entry is refused, by code."""
