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
class Driver:
    """The process that drives a session, as another one sees it.

    `state`: `starting`, `running`, `silent` (it lives, and has given no sign of that for too long), `stopped` or
    `cut_off` (killed). `silence` is for how many seconds there has been no sign of life, `ending` how it ended.
    """

    state: str
    pid: int | None
    silence: float | None
    ending: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How one of several variants stands, in one row.

    `state`: `starting`, `running`, `no-entries`, `exits-only`, `halted`, `failed`, `stopped`, `cut_off` (killed) or
    `silent` (alive, without a sign of life). `held` names positions as people say them ("long BTC/USDT"). `gauges` are
    its limits. `data_time` is when its latest bar closed. `decision` is the last one in words, of `decided_at`; after a
    failure it says what went wrong.
    """

    variant: str
    state: str
    held: tuple[str, ...]
    equity: float | None
    day_pnl: float | None
    gauges: tuple[Gauge, ...]
    data_time: datetime | None
    decision: str
    decided_at: datetime | None

    @property
    def nearest(self) -> Gauge | None:
        """The limit that is used most."""
        return max(self.gauges, key=lambda gauge: gauge.used / gauge.limit if gauge.limit else 1.0, default=None)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything worth seeing at the close of one cycle.

    `cycles` is how many there will be, where that is known. `time` is the session's clock. `trades` and `refusals`
    are the latest ones, newest last; `trade_count`, `wins` and `realized_pnl` speak of all. `day_pnl` is the equity
    against the day's opening. `source` says where bars come from ("replay of samples", "bybit"), `data_time` when the
    latest one closed. `driver` is there where another process than the session's draws it.
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
    data_time: datetime | None = None
    driver: Driver | None = None
