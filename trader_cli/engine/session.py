"""The loop: closed bars in, decisions on them, orders out, fills booked, everything journaled. There is no other.

One cycle: what the executor has to report is booked, the bars are marked, limits are looked at, then every symbol with
a bar is decided on. The session remembers of the past only what its strategy declares as its window.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

from trader_cli.domain.clock import from_nanoseconds
from trader_cli.domain.order import Order, Purpose, Refusal
from trader_cli.domain.report import Fill, FundingPaid
from trader_cli.engine.ledger import Ledger
from trader_cli.engine.story import Story
from trader_cli.engine.window import Window
from trader_cli.risk.losses import LossLimits, halt
from trader_cli.risk.plan import Candidate, Holding, OrderedEntry, Situation, Wish, plan
from trader_cli.risk.review import reviewed
from trader_cli.rules import account, codes, exits, limits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trader_cli.domain.cycle import Cycle
    from trader_cli.domain.position import Position
    from trader_cli.domain.record import CycleRecord
    from trader_cli.domain.report import Report
    from trader_cli.domain.signal import Signals
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.ports import Clock, Executor, Feed, Journal
    from trader_cli.risk.plan import Plan
    from trader_cli.rules.terms import Terms
    from trader_cli.strategies.base import Strategy

    type Observer = Callable[[CycleRecord], None]


@dataclass(frozen=True, slots=True)
class Desk:
    """What is traded, how, and on which terms; `symbols` in the order in which ties are broken."""

    symbols: tuple[str, ...]
    timeframe: Timeframe
    hours: TradingHours
    strategy: Strategy[Any]
    terms: Terms


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside of a session."""

    feed: Feed
    executor: Executor
    clock: Clock
    journal: Journal


class Session:
    """One account traded by one strategy."""

    def __init__(self, desk: Desk, ports: Ports) -> None:
        self.desk, self._ports = desk, ports
        self.numbers = desk.terms.numbers()
        self._grids = dict(zip(desk.symbols, desk.terms.grids(), strict=True))
        self._warmup = desk.strategy.warmup(desk.timeframe, desk.hours)
        size = desk.strategy.window(desk.timeframe, desk.hours)
        self._windows = {symbol: Window(symbol, desk.timeframe, desk.hours, size) for symbol in desk.symbols}
        self.ledger = Ledger(self.numbers, desk.symbols)
        self.losses = LossLimits(self.numbers)
        self.signals: dict[str, tuple[int, Signals]] = {}
        self.leaving: dict[str, Order] = {}
        self.entering: list[Order] = []
        self._entry_rows: dict[str, int] = {}
        self._stopped_rows: dict[str, int] = {}
        self.cycle = 0
        self.equity = self.numbers.starting_balance

    def pending(self) -> tuple[Order, ...]:
        """The orders on their way: exits in the order of the symbols, then entries in that of their decision."""
        exits_waiting = [self.leaving[symbol] for symbol in self.desk.symbols if symbol in self.leaving]
        return (*exits_waiting, *self.entering)

    def bars_held(self, symbol: str) -> int:
        """How many bars a position has lasted, its entry bar included."""
        return self._row(symbol) - self._entry_rows[symbol] + 1

    async def run(self, cycles: int | None = None, observe: Observer | None = None) -> None:
        """Trades until the feed ends, or for so many cycles; `observe` is handed what each of them leaves."""
        feed = self._ports.feed
        for symbol, window in self._windows.items():
            window.fill(await feed.history(symbol, window.size))
        stream = feed.cycles()
        for done in count():
            if done == cycles:
                break
            cycle = await anext(stream, None)
            if cycle is None:
                break
            await self._ports.clock.reach(cycle.closed_at)
            record = await self._step(cycle)
            self._ports.journal.commit(record)
            if observe is not None:
                observe(record)

    async def _step(self, cycle: Cycle) -> CycleRecord:
        self.cycle += 1
        story = Story(self.cycle, cycle)
        day = next(iter(cycle.bars.values())).bar.session
        self.losses.begin(day)
        reports = await self._ports.executor.reports(cycle)
        for symbol, market in cycle.bars.items():
            self._windows[symbol].append(market.bar)
        self._book(reports, story)
        for symbol, market in cycle.bars.items():
            bar = market.bar
            self.ledger.see(symbol, bar.high, bar.low, bar.close)
        self.equity = self.ledger.equity()
        story.closed(self.ledger, self.equity)
        for code in self.losses.after_close(self.equity):
            story.halted(halt(self.numbers, code, cycle.open_time, self.equity))
        await self._decide(cycle, story)
        exposure = account.exposure_share(self.ledger.gross_notional(), self.equity)
        return story.record(day, self.equity, exposure)

    def _book(self, reports: Sequence[Report], story: Story) -> None:
        """Moves the books by what the executor reports, in the order of happening."""
        for report in reports:
            if isinstance(report, Fill):
                self._book_fill(report, story)
            elif isinstance(report, FundingPaid):
                self.ledger.pay(report)
            else:
                self._done(report.symbol, Purpose.ENTRY)
                story.refused(Refusal(report.symbol, report.side, codes.REFUSALS[report.code]))

    def _book_fill(self, fill: Fill, story: Story) -> None:
        row = self._row(fill.symbol)
        self._done(fill.symbol, fill.purpose)
        story.filled(fill)
        if fill.purpose is Purpose.ENTRY:
            self._entry_rows[fill.symbol] = row
            story.opened(self.ledger.open(fill))
            return
        story.closed_position(self.ledger.close(fill))
        if exits.is_stop(fill.reason):
            self._stopped_rows[fill.symbol] = row

    def _done(self, symbol: str, purpose: Purpose) -> None:
        """Forgets an order that is on its way no more. A position that its stop has closed needs no exit either."""
        if purpose is Purpose.EXIT:
            self.leaving.pop(symbol, None)
        else:
            self.entering = [order for order in self.entering if order.symbol != symbol]

    async def _decide(self, cycle: Cycle, story: Story) -> None:
        """Decides on every symbol that has a bar, the surest wish first."""
        wishes = [wish for symbol in cycle.bars if (wish := self._wish(symbol)) is not None]
        for wish in sorted(
            wishes, key=lambda wish: -wish.confidence
        ):  # a stable sort: ties in the order of the symbols
            position = self.ledger.positions.get(wish.symbol)
            if self._concerns(wish, position):
                story.wished(self.desk.strategy.at(self.signals[wish.symbol][1], -1), wish.symbol)
            if wish.entry or position is not None:
                await self._act(self._plan(wish, cycle), wish.symbol, position, cycle, story)

    @staticmethod
    def _concerns(wish: Wish, position: Position | None) -> bool:
        """Whether a wish is worth telling: one to enter, or one to leave what is held."""
        if wish.entry or position is None:
            return bool(wish.entry)
        return bool(wish.exit_long if position.side.sign > 0 else wish.exit_short)

    def _wish(self, symbol: str) -> Wish | None:
        """What the strategy wants at the bar that has just closed; None while it warms up."""
        window = self._windows[symbol]
        if self._row(symbol) < self._warmup:
            return None
        bars = window.bars()
        signals = self.desk.strategy.signals(bars)
        self.signals[symbol] = int(bars.open_time[-1]), signals
        return Wish(
            symbol,
            int(signals.entry[-1]),
            int(signals.exit_long[-1]),
            int(signals.exit_short[-1]),
            float(signals.confidence[-1]),
        )

    def _plan(self, wish: Wish, cycle: Cycle) -> Plan:
        symbol = wish.symbol
        candidate = Candidate(
            wish,
            price=cycle.bars[symbol].bar.close,
            row=self._row(symbol),
            entry_row=self._entry_rows.get(symbol, limits.NEVER),
            stopped_row=self._stopped_rows.get(symbol, limits.NEVER),
            grid=self._grids[symbol],
        )
        return plan(candidate, self._situation(), self.numbers)

    def _situation(self) -> Situation:
        marks = self.ledger.marks
        return Situation(
            cash=self.ledger.cash,
            equity=self.equity,
            holdings=[Holding(position, marks[symbol]) for symbol, position in self.ledger.positions.items()],
            ordered=[
                OrderedEntry(order.symbol, account.notional(float(order.quantity), marks[order.symbol]))
                for order in self.entering
            ],
            day_lost=self.losses.day_lost,
            drawn_down=self.losses.drawn_down,
        )

    async def _act(self, decided: Plan, symbol: str, position: Position | None, cycle: Cycle, story: Story) -> None:
        """Orders what was planned; tells what was refused."""
        time, price = from_nanoseconds(cycle.open_time), cycle.bars[symbol].bar.close
        if decided.leave != codes.STAY and position is not None:
            reason = str(codes.EXIT_REASONS[decided.leave])
            size = Decimal(repr(position.quantity))
            order = Order(symbol, position.side, Purpose.EXIT, size, reason, time, price)
            self.leaving[symbol] = order
            await self._send(order, story)
        if decided.enter is None:
            return
        if decided.refused != codes.ALLOWED:
            story.refused(Refusal(symbol, decided.enter, codes.REFUSALS[decided.refused]))
            return
        size = Decimal(repr(decided.quantity))
        order = Order(symbol, decided.enter, Purpose.ENTRY, size, "signal", time, price)
        self.entering.append(order)
        await self._send(order, story)

    async def _send(self, order: Order, story: Story) -> None:
        position = self.ledger.positions.get(order.symbol)
        held = 0.0 if position is None else position.quantity
        approved = reviewed(order, self.numbers, self._grids[order.symbol], held=held)
        story.ordered(order)
        await self._ports.executor.submit(approved)

    def _row(self, symbol: str) -> int:
        """The number of a symbol's latest bar."""
        return self._windows[symbol].seen - 1
