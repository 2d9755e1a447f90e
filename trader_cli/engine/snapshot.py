"""A trading session at one moment, for people: what the dashboard draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from trader_cli.domain.order import Order
    from trader_cli.domain.signal import Action
    from trader_cli.domain.trade import Halt, Side, Trade


@dataclass(frozen=True, slots=True)
class HeldPosition:
    """One position at its last mark. `stop` is the tighter of the fixed and the trailing one."""

    symbol: str
    side: Side
    quantity: float
    entry_price: float
    mark: float
    stop: float
    target: float
    unrealized_pnl: float
    opened_at: datetime
    bars_held: int


@dataclass(frozen=True, slots=True)
class LastSignal:
    """The latest wish for one symbol, with its reason in words."""

    symbol: str
    time: datetime
    action: Action
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class LastRefusal:
    """An entry that was refused, and why."""

    symbol: str
    time: datetime
    side: Side
    code: str


@dataclass(frozen=True, slots=True)
class Gauge:
    """A limit and how near it is.

    `used` and `limit` are fractions of 1 for losses (`unit` "%"), amounts or counts otherwise (`unit` "" or "#").
    `tripped` is True while it forbids entries.
    """

    name: str
    used: float
    limit: float
    unit: str
    tripped: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything worth seeing at the close of one cycle.

    `cycles` is how many there will be, where that is known. `time` is the session's clock. `trades` and `refusals`
    are the latest ones, newest last; `trade_count`, `wins` and `realized_pnl` speak of all. `day_pnl` is the equity
    against the day's opening. `source` says where bars come from ("replay of samples", "bybit").
    """

    variant: str
    broker: str
    strategy: str
    mode: str
    asset_class: str
    timeframe: str
    source: str
    cycle: int
    cycles: int | None
    time: datetime
    cash: float
    equity: float
    starting_balance: float
    day_pnl: float
    exposure: float
    realized_pnl: float
    trade_count: int
    wins: int
    positions: tuple[HeldPosition, ...]
    pending: tuple[Order, ...]
    signals: tuple[LastSignal, ...]
    refusals: tuple[LastRefusal, ...]
    trades: tuple[Trade, ...]
    gauges: tuple[Gauge, ...]
    halts: tuple[Halt, ...]
    warnings: tuple[str, ...]
