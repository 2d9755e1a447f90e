"""What came of an entry: a closed trade, an open position, an order that never filled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Side(StrEnum):
    """The side of a position."""

    LONG = "long"
    SHORT = "short"

    @property
    def sign(self) -> int:
        """+1 for long, -1 for short."""
        return 1 if self is Side.LONG else -1


class ExitReason(StrEnum):
    """Why a position was closed."""

    TAKE_PROFIT = "take_profit"
    STOP_LOSS = "stop_loss"
    SIGNAL = "signal"
    THRESHOLD = "threshold"
    LIQUIDATION = "liquidation"
    TRAILING_STOP = "trailing_stop"
    TIME = "time"
    HALT = "halt"
    MANUAL = "manual"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class Trade:
    """An entry and its exit. Times are the open times of the bars in which the fills happened.

    Units: prices and amounts in account currency; `pnl` net of `fees` and `funding`; `return_fraction` is
    `pnl` / entry notional.
    """

    symbol: str
    side: Side
    quantity: float
    entry_time: datetime
    entry_price: float
    exit_time: datetime
    exit_price: float
    exit_reason: ExitReason
    fees: float
    funding: float
    pnl: float
    return_fraction: float


@dataclass(frozen=True, slots=True)
class OpenPosition:
    """A position that is still held, marked at `mark`; `unrealized_pnl` is before the exit's fee."""

    symbol: str
    side: Side
    quantity: float
    entry_time: datetime
    entry_price: float
    mark: float
    unrealized_pnl: float


@dataclass(frozen=True, slots=True)
class PendingOrder:
    """An order decided on the last bar: there is no next open to fill it."""

    symbol: str
    side: Side
    purpose: str
    quantity: float
    time: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Halt:
    """A limit that tripped, and when."""

    time: datetime
    reason: str
    detail: str
