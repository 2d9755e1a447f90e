"""What happens in one cycle, told as it happens."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from trader_cli.domain.clock import from_nanoseconds, iso
from trader_cli.domain.event import Event, EventKind
from trader_cli.domain.order import Purpose
from trader_cli.domain.plain import plain
from trader_cli.domain.record import CycleRecord
from trader_cli.rules import account, codes

if TYPE_CHECKING:
    from datetime import datetime

    from trader_cli.domain.cycle import Cycle
    from trader_cli.domain.decision import Decision
    from trader_cli.domain.halt import HaltOrder
    from trader_cli.domain.order import Order, Refusal
    from trader_cli.domain.position import Position
    from trader_cli.domain.report import Fill, Report
    from trader_cli.domain.signal import Signal
    from trader_cli.domain.state import SessionState
    from trader_cli.domain.trade import Halt, Trade
    from trader_cli.engine.ledger import Ledger


def halt_event(order: HaltOrder | None, now: datetime) -> Event:
    """The kill switch was thrown, or released."""
    if order is None:
        return Event(EventKind.WARNING, now, {"message": "the kill switch was released"})
    what = "positions are closed, no entries" if order.flatten else "exits only"
    since = f"{order.by} since {iso(order.since)}"
    return Event(
        EventKind.HALT, now, {"reason": "kill_switch", "detail": f"{what}, by {since}; `trader resume` ends it"}
    )


class Story:
    """Collects a cycle's events in the order of happening."""

    def __init__(self, number: int, cycle: Cycle) -> None:
        self._number, self._cycle = number, cycle
        self._events: list[Event] = []
        self._trades: list[Trade] = []
        self._refusals: list[Refusal] = []
        self._halts: list[Halt] = []
        self._decisions: list[Decision] = []
        self._reports: list[Report] = []
        self._ambiguous_bars = 0

    def filled(self, fill: Fill) -> None:
        """An order or a level has filled."""
        self._ambiguous_bars += fill.is_ambiguous
        self._tell(
            EventKind.FILL,
            symbol=fill.symbol,
            side=str(fill.side),
            purpose=str(fill.purpose),
            quantity=fill.quantity,
            price=fill.price,
            fee=fill.fee,
            reason="signal" if fill.purpose is Purpose.ENTRY else str(codes.EXIT_REASONS[fill.reason]),
        )

    def opened(self, position: Position) -> None:
        """A position stands."""
        self._tell(
            EventKind.POSITION_OPENED,
            symbol=position.symbol,
            side=str(position.side),
            quantity=position.quantity,
            entry_time=iso(from_nanoseconds(position.entry_time)),
            entry_price=position.entry_price,
            stop=position.stop,
            target=position.target,
        )

    def closed_position(self, trade: Trade) -> None:
        """A position has been left."""
        self._trades.append(trade)
        self._tell(EventKind.POSITION_CLOSED, **plain(trade))

    def refused(self, refusal: Refusal) -> None:
        """An entry was not to be."""
        self._refusals.append(refusal)
        self._tell(EventKind.REFUSAL, symbol=refusal.symbol, side=str(refusal.side), code=refusal.code)

    def closed(self, ledger: Ledger, equity: float) -> None:
        """The bars have closed and everything is marked."""
        self._tell(
            EventKind.CYCLE,
            cycle=self._number,
            bar=iso(from_nanoseconds(self._cycle.open_time)),
            symbols=list(self._cycle.bars),
            equity=equity,
            cash=ledger.cash,
            positions=len(ledger.positions),
        )

    def halted(self, halt: Halt) -> None:
        """A limit has tripped."""
        self._halts.append(halt)
        self._tell(EventKind.HALT, reason=halt.reason, detail=halt.detail)

    def warned(self, message: str, symbol: str) -> None:
        """Something about a symbol is worth a word."""
        self._tell(EventKind.WARNING, message=message, symbol=symbol)

    def wished(self, signal: Signal, symbol: str) -> None:
        """The strategy wants something."""
        self._tell(
            EventKind.SIGNAL,
            symbol=symbol,
            action=str(signal.action),
            confidence=signal.confidence,
            reason=signal.reason,
            values={name: value if isfinite(value) else None for name, value in signal.values.items()},
        )

    def ordered(self, order: Order) -> None:
        """An order leaves."""
        self._tell(
            EventKind.ORDER,
            symbol=order.symbol,
            side=str(order.side),
            purpose=str(order.purpose),
            quantity=float(order.quantity),
            reason=order.reason,
            price=order.price,
        )

    def reported(self, report: Report) -> None:
        """The executor has said something."""
        self._reports.append(report)

    def decided(self, decision: Decision) -> None:
        """A symbol has been decided on."""
        self._decisions.append(decision)

    def record(self, state: SessionState, ledger: Ledger) -> CycleRecord:
        """The whole cycle."""
        return CycleRecord(
            number=self._number,
            open_time=self._cycle.open_time,
            closed_at=self._cycle.closed_at,
            session=state.day,
            equity=state.equity,
            exposure=account.exposure_share(ledger.gross_notional(), state.equity),
            ambiguous_bars=self._ambiguous_bars,
            cash=ledger.cash,
            trades=tuple(self._trades),
            refusals=tuple(self._refusals),
            halts=tuple(self._halts),
            decisions=tuple(self._decisions),
            reports=tuple(self._reports),
            state=state,
            events=tuple(self._events),
        )

    def _tell(self, kind: EventKind, **details: Any) -> None:
        self._events.append(Event(kind, self._cycle.closed_at, details))
