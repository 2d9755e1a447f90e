"""The loop: closed bars in, decisions on them, orders out, fills booked, everything journaled. There is no other.

One cycle: what the executor has to report is booked, the bars are marked, limits are looked at, then every symbol with
a bar is decided on. The session remembers of the past only what its strategy declares as its window.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from trader_cli.domain.clock import from_nanoseconds
from trader_cli.domain.cycle import Trouble
from trader_cli.domain.event import Event, EventKind
from trader_cli.domain.order import Order, Purpose, Refusal
from trader_cli.domain.report import Fill, FundingPaid, Withdrawn
from trader_cli.domain.state import SessionState
from trader_cli.engine.ledger import Ledger
from trader_cli.engine.naming import client_id
from trader_cli.engine.story import Story, halt_event
from trader_cli.engine.window import Window
from trader_cli.risk.explaining import explained, held_still, warming_up
from trader_cli.risk.losses import LossLimits, halt
from trader_cli.risk.plan import Candidate, Holding, OrderedEntry, Situation, Wish, plan
from trader_cli.risk.review import reviewed
from trader_cli.rules import account, codes, exits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trader_cli.domain.cycle import Bar, Cycle
    from trader_cli.domain.halt import HaltOrder
    from trader_cli.domain.position import Position
    from trader_cli.domain.record import CycleRecord
    from trader_cli.domain.report import Report
    from trader_cli.domain.signal import Signals
    from trader_cli.domain.state import Remains
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.domain.trade import Side
    from trader_cli.ports import Clock, Executor, Feed, Journal, Switch
    from trader_cli.risk.plan import Plan
    from trader_cli.rules.terms import Terms
    from trader_cli.strategies.base import Strategy

    type Observer = Callable[[CycleRecord], None]
    type Tell = Callable[[Event], None]


STRIKES = 3
"""So many failures of one symbol in a row end its entries."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What is traded, how, and on which terms; `symbols` in the order in which ties are broken.

    `book` names the account's books: orders of different books never share a client id.
    """

    symbols: tuple[str, ...]
    timeframe: Timeframe
    hours: TradingHours
    strategy: Strategy[Any]
    terms: Terms
    book: str = ""


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside of a session."""

    feed: Feed
    executor: Executor
    clock: Clock
    journal: Journal
    switch: Switch | None = None


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
        self.held_bars: dict[str, int] = {}
        self._bars_since_stop: dict[str, int] = {}
        self.was_halted = False
        self._strikes: dict[str, int] = {}
        self.halt_order: HaltOrder | None = None
        self.cycle = 0
        self.equity = self.numbers.starting_balance

    def pending(self) -> tuple[Order, ...]:
        """The orders on their way: exits in the order of the symbols, then entries in that of their decision."""
        exits_waiting = [self.leaving[symbol] for symbol in self.desk.symbols if symbol in self.leaving]
        return (*exits_waiting, *self.entering)

    def resume(self, remains: Remains) -> None:
        """Goes on where another session was cut off; the feed must go on there, too."""
        state = remains.state
        self.ledger.resume(remains.booked, state)
        self.losses.resume(state)
        self.cycle, self.equity = state.cycle, state.equity
        self.held_bars, self._bars_since_stop = dict(state.held_bars), dict(state.bars_since_stop)
        for order in remains.pending:
            self._remember(order)

    async def run(self, cycles: int | None = None, observe: Observer | None = None, tell: Tell | None = None) -> None:
        """Trades until the feed ends, or for so many cycles; bars that come late are made up for and do not count.

        `observe` is handed what each of them leaves, `tell` what happens between them.
        """
        feed = self._ports.feed
        for symbol, window in self._windows.items():
            window.fill(await feed.history(symbol, window.size))
        stream = feed.cycles(lambda: self._heed(tell))
        done = 0
        while done != cycles:
            cycle = await anext(stream, None)
            if cycle is None:
                break
            if isinstance(cycle, Trouble):
                self._strike(cycle, tell)
                continue
            await self._heed(tell)
            done += not cycle.is_late
            record = await self._step(cycle)
            self._ports.journal.commit(record)
            if observe is not None:
                observe(record)

    async def _heed(self, tell: Tell | None) -> None:
        """Looks at the kill switch. When it is thrown, entries on their way are taken back."""
        order = None if self._ports.switch is None else self._ports.switch.order()
        if order == self.halt_order:
            return
        self.halt_order = order
        self.was_halted = True
        if tell is not None:
            tell(halt_event(order, self._ports.clock.now()))
        if order is not None:
            for entry in self.entering:
                await self._ports.executor.withdraw(entry)

    def _strike(self, trouble: Trouble, tell: Tell | None) -> None:
        """Takes note of a symbol that does not work. After three times in a row it is entered no more."""
        symbol, strikes = trouble.symbol, self._strikes.get(trouble.symbol, 0) + 1
        self._strikes[symbol] = strikes
        if tell is not None:
            what = f"{symbol}: {trouble.message}"
            if strikes == STRIKES:
                what += f"; {STRIKES} times in a row: no entries in {symbol} until it works again"
            tell(Event(EventKind.WARNING, trouble.time, {"message": what, "symbol": symbol}))

    async def _step(self, cycle: Cycle) -> CycleRecord:
        self.cycle += 1
        story = Story(self.cycle, cycle)
        self.losses.begin(next(iter(cycle.bars.values())).bar.session)
        reports = await self._ports.executor.reports(cycle)
        for symbol, market in cycle.bars.items():
            self._windows[symbol].append(market.bar)
            self._strikes.pop(symbol, None)
            if symbol in self._bars_since_stop:
                self._bars_since_stop[symbol] += 1
        self._book(reports, story)
        for symbol, market in cycle.bars.items():
            self._mark(symbol, market.bar)
        self.equity = self.ledger.equity()
        story.closed(self.ledger, self.equity)
        for code in self.losses.after_close(self.equity):
            story.halted(halt(self.numbers, code, cycle.open_time, self.equity))
        if not cycle.is_late:
            await self._decide(cycle, story)
        return story.record(self._state(cycle), self.ledger)

    def _mark(self, symbol: str, bar: Bar) -> None:
        self.ledger.see(symbol, bar.high, bar.low, bar.close)
        if symbol in self.ledger.positions:
            self.held_bars[symbol] = self.held_bars.get(symbol, 0) + 1

    def _book(self, reports: Sequence[Report], story: Story) -> None:
        """Moves the books by what the executor reports, in the order of happening."""
        for report in reports:
            story.reported(report)
            if isinstance(report, Fill):
                self._book_fill(report, story)
            elif isinstance(report, FundingPaid):
                self.ledger.pay(report)
            elif isinstance(report, Withdrawn):
                self._forget(report.symbol, Purpose.ENTRY)
                story.refused(Refusal(report.symbol, report.side, codes.REFUSALS[codes.HALTED]))
            else:
                self._forget(report.symbol, Purpose.ENTRY)
                story.refused(Refusal(report.symbol, report.side, codes.REFUSALS[report.code]))

    def _book_fill(self, fill: Fill, story: Story) -> None:
        self._forget(fill.symbol, fill.purpose)
        story.filled(fill)
        if fill.purpose is Purpose.ENTRY:
            story.opened(self.ledger.open(fill))
            return
        story.closed_position(self.ledger.close(fill))
        self.held_bars.pop(fill.symbol, None)
        if exits.is_stop(fill.reason):
            self._bars_since_stop[fill.symbol] = 0

    def _remember(self, order: Order) -> None:
        """Keeps an order in mind until it is reported."""
        if order.purpose is Purpose.EXIT:
            self.leaving[order.symbol] = order
        else:
            self.entering.append(order)

    def _forget(self, symbol: str, purpose: Purpose) -> None:
        """Forgets an order that is on its way no more. A position that its stop has closed needs no exit either."""
        if purpose is Purpose.EXIT:
            self.leaving.pop(symbol, None)
        else:
            self.entering = [order for order in self.entering if order.symbol != symbol]

    async def _decide(self, cycle: Cycle, story: Story) -> None:
        """Decides on every symbol that has a bar, the surest wish first."""
        wishes = [wish for symbol in cycle.bars if (wish := self._wish(symbol, story)) is not None]
        for wish in sorted(
            wishes, key=lambda wish: -wish.confidence
        ):  # a stable sort: ties in the order of the symbols
            position = self.ledger.positions.get(wish.symbol)
            signal = self.desk.strategy.at(self.signals[wish.symbol][1], -1)
            if self._concerns(wish, position):
                story.wished(signal, wish.symbol)
            if not wish.entry and position is None:
                story.decided(held_still(wish.symbol, signal))
                continue
            candidate, situation = self._candidate(wish, cycle), self._situation(wish.symbol)
            planned = plan(candidate, situation, self.numbers)
            story.decided(explained(candidate, situation, planned, signal, self.numbers))
            await self._act(planned, wish.symbol, position, cycle, story)

    @staticmethod
    def _concerns(wish: Wish, position: Position | None) -> bool:
        """Whether a wish is worth telling: one to enter, or one to leave what is held."""
        if wish.entry or position is None:
            return bool(wish.entry)
        return bool(wish.exit_long if position.side.sign > 0 else wish.exit_short)

    def _wish(self, symbol: str, story: Story) -> Wish | None:
        """What the strategy wants at the bar that has just closed; None while it warms up."""
        window = self._windows[symbol]
        if window.seen <= self._warmup:
            story.decided(warming_up(symbol, window.seen, self._warmup))
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

    def _candidate(self, wish: Wish, cycle: Cycle) -> Candidate:
        symbol = wish.symbol
        return Candidate(
            wish,
            price=cycle.bars[symbol].bar.close,
            held_bars=self.held_bars.get(symbol, 0),
            bars_since_stop=self._bars_since_stop.get(symbol),
            grid=self._grids[symbol],
        )

    def _situation(self, symbol: str) -> Situation:
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
            is_halted=self.halt_order is not None or self._strikes.get(symbol, 0) >= STRIKES,
            is_flattened=self.halt_order is not None and self.halt_order.flatten,
        )

    async def _act(self, planned: Plan, symbol: str, position: Position | None, cycle: Cycle, story: Story) -> None:
        """Orders what was planned; tells what was refused."""
        price = cycle.bars[symbol].bar.close
        if planned.leave != codes.STAY and position is not None:
            reason = str(codes.EXIT_REASONS[planned.leave])
            await self._send(
                self._order(symbol, position.side, Purpose.EXIT, position.quantity, reason, cycle, price), story
            )
        if planned.enter is None:
            return
        if planned.refused != codes.ALLOWED:
            story.refused(Refusal(symbol, planned.enter, codes.REFUSALS[planned.refused]))
            return
        await self._send(
            self._order(symbol, planned.enter, Purpose.ENTRY, planned.quantity, "signal", cycle, price), story
        )

    def _order(
        self, symbol: str, side: Side, purpose: Purpose, quantity: float, reason: str, cycle: Cycle, price: float
    ) -> Order:
        decided_at = from_nanoseconds(cycle.open_time)
        known_as = client_id(self.desk.book, symbol, cycle.open_time, purpose)
        return Order(symbol, side, purpose, Decimal(repr(quantity)), reason, decided_at, price, known_as)

    async def _send(self, order: Order, story: Story) -> None:
        position = self.ledger.positions.get(order.symbol)
        held = 0.0 if position is None else position.quantity
        approved = reviewed(order, self.numbers, self._grids[order.symbol], held=held)
        self._remember(order)
        story.ordered(order)
        self._ports.journal.intend(approved)
        await self._ports.executor.submit(approved)

    def _state(self, cycle: Cycle) -> SessionState:
        losses = self.losses
        return SessionState(
            cycle=self.cycle,
            open_time=cycle.open_time,
            equity=self.equity,
            day=losses.day,
            day_opening=losses.day_opening,
            peak=losses.peak,
            day_lost=losses.day_lost,
            drawn_down=losses.drawn_down,
            marks=dict(self.ledger.marks),
            best_prices={symbol: position.best_price for symbol, position in self.ledger.positions.items()},
            held_bars=dict(self.held_bars),
            bars_since_stop=dict(self._bars_since_stop),
        )
