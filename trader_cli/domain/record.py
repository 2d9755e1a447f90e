"""What one cycle leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from trader_cli.domain.decision import Decision
    from trader_cli.domain.event import Event
    from trader_cli.domain.order import Refusal
    from trader_cli.domain.report import Report
    from trader_cli.domain.state import SessionState
    from trader_cli.domain.trade import Halt, Trade


@dataclass(frozen=True, slots=True)
class CycleRecord:
    """One cycle, whole: what a journal keeps and an onlooker sees.

    `reports` are what the executor reported, in the order of booking; `state` is what the session must know to go on.
    Units: `open_time` (of its bars) in ns since 1970 UTC; `session` in days since 1970; `equity` at the close, in
    account currency; `exposure` is gross notional / equity, NaN where positions stand on no equity.
    """

    number: int
    open_time: int
    closed_at: datetime
    session: int
    equity: float
    exposure: float
    ambiguous_bars: int
    cash: float
    trades: tuple[Trade, ...]
    refusals: tuple[Refusal, ...]
    halts: tuple[Halt, ...]
    decisions: tuple[Decision, ...]
    reports: tuple[Report, ...]
    state: SessionState
    events: tuple[Event, ...]
