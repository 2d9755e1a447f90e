"""A session as people see it: the snapshot that a dashboard draws."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trader_cli.domain.clock import from_nanoseconds
from trader_cli.engine import seeing
from trader_cli.engine.snapshot import LastRefusal, LastSignal, Snapshot, Standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from trader_cli.domain.position import Position
    from trader_cli.domain.record import CycleRecord
    from trader_cli.domain.trade import Halt, Trade
    from trader_cli.engine.session import Session
    from trader_cli.engine.snapshot import Gauge, HeldPosition

KEPT = 50
"""How many of the latest trades, refusals and halts are remembered."""


@dataclass(frozen=True, slots=True)
class Title:
    """What a session is called: its variant, its cell, and where its bars come from."""

    variant: str
    broker: str
    strategy: str
    mode: str
    asset_class: str
    source: str


@dataclass
class View:
    """Watches a session from outside and remembers the little that people want to see again."""

    title: Title
    session: Session
    cycles: int | None = None
    warnings: tuple[str, ...] = ()
    _trades: deque[Trade] = field(default_factory=lambda: deque(maxlen=KEPT))
    _refusals: deque[LastRefusal] = field(default_factory=lambda: deque(maxlen=KEPT))
    _halts: deque[Halt] = field(default_factory=lambda: deque(maxlen=KEPT))
    _trade_count: int = 0
    _wins: int = 0
    _realized_pnl: float = 0.0
    _data_time: datetime | None = None
    _decision: str = ""

    def watch(self, record: CycleRecord) -> None:
        """Takes note of a cycle."""
        self._data_time = record.closed_at
        for decision in record.decisions:
            self._decision = f"{decision.symbol} {decision.outcome}"
        self._halts.extend(record.halts)
        for trade in record.trades:
            self._trades.append(trade)
            self._trade_count += 1
            self._wins += trade.pnl > 0
            self._realized_pnl += trade.pnl
        time = from_nanoseconds(record.open_time)
        self._refusals.extend(LastRefusal(each.symbol, time, each.side, each.code) for each in record.refusals)

    def snapshot(self, now: datetime) -> Snapshot:
        """Everything worth seeing, at the close of the last cycle."""
        session, books, title = self.session, self.session.books, self.title
        marks = self._marks()
        equity = books.equity if marks is books.ledger.marks else books.ledger.equity(marks)
        return Snapshot(
            variant=title.variant,
            broker=title.broker,
            strategy=title.strategy,
            mode=title.mode,
            asset_class=title.asset_class,
            timeframe=str(session.desk.timeframe),
            source=title.source,
            cycle=books.cycle,
            cycles=self.cycles,
            time=now,
            cash=books.ledger.cash,
            equity=equity,
            starting_balance=session.numbers.starting_balance,
            day_pnl=equity - books.day_opening,
            exposure=books.ledger.gross_notional(),
            realized_pnl=self._realized_pnl,
            trade_count=self._trade_count,
            wins=self._wins,
            positions=tuple(
                self._held(position, marks[position.symbol]) for position in books.ledger.positions.values()
            ),
            pending=books.outstanding.all(),
            signals=tuple(self._signals()),
            refusals=tuple(self._refusals),
            trades=tuple(self._trades),
            gauges=self._gauges(),
            halts=(*self._halts, *seeing.thrown(session.halt_order)),
            warnings=(*self.warnings, *seeing.struck(books.strikes.halted)),
            data_time=self._data_time,
        )

    def standing(self) -> Standing:
        """The same in one row."""
        books, marks = self.session.books, self._marks()
        equity = books.equity if marks is books.ledger.marks else books.ledger.equity(marks)
        held = books.ledger.positions.values()
        return Standing(
            variant=self.title.variant,
            state=self.state,
            held=tuple(f"{position.side} {position.symbol}" for position in held),
            equity=equity,
            day_pnl=equity - books.day_opening,
            gauges=self._gauges(),
            data_time=self._data_time,
            decision=self._decision,
            decided_at=self._data_time,
        )

    @property
    def state(self) -> str:
        """What it may do: all, or which part of it."""
        books = self.session.books
        return seeing.state_of(self.session.halt_order, books.losses, is_holding=bool(books.ledger.positions))

    def _marks(self) -> Mapping[str, float]:
        """The latest prices: of the last close, or of a look between two closes."""
        glimpse, marks = self.session.glimpse, self.session.books.ledger.marks
        return marks if glimpse is None else {**marks, **glimpse.prices}

    def _held(self, position: Position, mark: float) -> HeldPosition:
        session = self.session
        return seeing.held_position(
            position.symbol,
            position.side,
            position.quantity,
            (position.entry_time, position.entry_price),
            (position.stop, position.target),
            position.best_price,
            trailing_stop=session.numbers.trailing_stop,
            mark=mark,
            bars_held=session.books.held_bars[position.symbol],
        )

    def _signals(self) -> Iterator[LastSignal]:
        """In the order of the symbols."""
        session = self.session
        for symbol in session.desk.symbols:
            if symbol in session.signals:
                time, signals = session.signals[symbol]
                signal = session.desk.strategy.at(signals, -1)
                yield LastSignal(symbol, from_nanoseconds(time), signal.action, signal.confidence, signal.reason)

    def _gauges(self) -> tuple[Gauge, ...]:
        session, books = self.session, self.session.books
        held, gross = len(books.ledger.positions), books.ledger.gross_notional()
        return seeing.gauges(session.numbers, books.losses, equity=books.equity, held=held, gross=gross)
