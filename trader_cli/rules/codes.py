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
LIQUIDATION: Final = 7
HALT: Final = 8

EXIT_REASONS: Final = MappingProxyType(
    {
        SIGNAL: ExitReason.SIGNAL,
        THRESHOLD: ExitReason.THRESHOLD,
        TIME: ExitReason.TIME,
        STOP_LOSS: ExitReason.STOP_LOSS,
        TRAILING_STOP: ExitReason.TRAILING_STOP,
        TAKE_PROFIT: ExitReason.TAKE_PROFIT,
        LIQUIDATION: ExitReason.LIQUIDATION,
        HALT: ExitReason.HALT,
    }
)
"""Why a position is left, by code."""

EXIT_CODES: Final = MappingProxyType({reason: code for code, reason in EXIT_REASONS.items()})
"""The same the other way round."""

ALLOWED: Final = -1
MAX_DAILY_LOSS: Final = 0
MAX_DRAWDOWN: Final = 1
COOLDOWN: Final = 2
MAX_CONCURRENT_POSITIONS: Final = 3
LIQUIDATION_BEFORE_STOP: Final = 4
MAX_TOTAL_EXPOSURE: Final = 5
BELOW_LOT: Final = 6
BELOW_MINIMUM: Final = 7
INSUFFICIENT_FUNDS: Final = 8
HALTED: Final = 9
GOVERNOR_DAILY_LOSS: Final = 10
GOVERNOR_POSITIONS: Final = 11
GOVERNOR_EXPOSURE: Final = 12

REFUSALS: Final = (
    "max_daily_loss",
    "max_drawdown",
    "cooldown",
    "max_concurrent_positions",
    "liquidation_before_stop",
    "max_total_exposure",
    "below_lot",
    "below_minimum_notional",
    "insufficient_funds",
    "halted",
    "governor_daily_loss",
    "governor_positions",
    "governor_exposure",
)
"""Why an entry is refused, by code."""
