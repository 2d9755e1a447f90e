"""The loop: closed bars in, decisions on them, orders out, fills booked, everything journaled. There is no other.

One cycle: what the executor has to report is booked, the bars are marked, limits are looked at, then every symbol with
a bar is decided on. The session remembers of the past only what its strategy declares as its window.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from trader_cli.domain.clock import from_nanoseconds
from trader_cli.domain.cycle import Cycle, Glimpse, Notice, Settled, Trouble
from trader_cli.domain.event import Event, EventKind
from trader_cli.domain.order import Order, Purpose, Refusal
from trader_cli.domain.report import Fill, FundingPaid, Withdrawn
from trader_cli.domain.state import SessionState
from trader_cli.engine.ledger import Ledger
from trader_cli.engine.naming import client_id
from trader_cli.engine.outstanding import Outstanding
from trader_cli.engine.story import Story, halt_event
from trader_cli.engine.strikes import STRIKES, Strikes
from trader_cli.engine.window import Windows
from trader_cli.engine.witness import Witness
from trader_cli.risk.explaining import explained, failed, held_still, warming_up
from trader_cli.risk.losses import LossLimits, halt
from trader_cli.risk.plan import Candidate, Holding, OrderedEntry, Situation, Wish, plan
from trader_cli.risk.review import reviewed
from trader_cli.rules import account, codes, exits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.domain.cycle import Bar, Moment
    from trader_cli.domain.halt import HaltOrder
    from trader_cli.domain.position import Position
    from trader_cli.domain.record import CycleRecord
    from trader_cli.domain.report import Report
    from trader_cli.domain.signal import Signals
    from trader_cli.domain.state import Remains
    from trader_cli.domain.trade import Side
    from trader_cli.engine.desk import Desk, Ports
    from trader_cli.risk.plan import Plan


class Session:
    """One account traded by one strategy."""

    def __init__(self, desk: Desk, ports: Ports) -> None:
        self.desk, self._ports = desk, ports
        self.numbers = desk.terms.numbers()
        self._grids = dict(zip(desk.symbols, desk.terms.grids(), strict=True))
        self._warmup = desk.strategy.warmup(desk.timeframe, desk.hours)
        self._windows = Windows(desk)
        self.ledger = Ledger(self.numbers, desk.symbols)
        self.losses = LossLimits(self.numbers)
        self.signals: dict[str, tuple[int, Signals]] = {}
        self.outstanding = Outstanding(desk.symbols)
        self.held_bars: dict[str, int] = {}
        self._bars_since_stop: dict[str, int] = {}
        self.strikes = Strikes()
        self.glimpse: Glimpse | None = None
        self.was_halted = False
        self.halt_order: HaltOrder | None = None
        self._lifted = ""
        self.cycle = 0
        self.open_time: int | None = None
        self.equity = self.numbers.starting_balance
        if ports.governor is not None:
            ports.governor.join(self)

    @property
    def day_opening(self) -> float:
        """The equity at which the day opened."""
        return self.losses.day_opening

    def engaged(self) -> tuple[float, int]:
        """The notional of all that is held or ordered to be entered, at the last closes, and how many those are."""
        marks, entries = self.ledger.marks, self.outstanding.entries
        ordered = sum(account.notional(float(entry.quantity), marks[entry.symbol]) for entry in entries)
        return self.ledger.gross_notional() + ordered, len(self.ledger.positions) + len(entries)

    def resume(self, remains: Remains) -> None:
        """Goes on where another session was cut off; the feed must go on there, too."""
        state = remains.state
        self.ledger.resume(remains.booked, state)
        self.losses.resume(state)
        self.strikes.resume(state.strikes, tuple(state.struck))
        self.cycle, self.equity, self.open_time = state.cycle, state.equity, state.open_time
        self.held_bars, self._bars_since_stop = dict(state.held_bars), dict(state.bars_since_stop)
        self._lifted = state.lifted
        for order in remains.pending:
            self.outstanding.remember(order)

    async def run(self, cycles: int | None = None, witness: Witness | None = None, *, settle: bool = False) -> None:
        """Trades until the feed ends, or for so many cycles; bars that come late are made up for and do not count.

        With `settle` only what has closed by now is traded. `witness` is handed what each cycle leaves, and what
        happens between them. Raises: Unavailable, DataError where no symbol's history can be had.
        """
        witness = witness or Witness()
        await self._look_back()

        async def meanwhile() -> None:
            await self._heed(witness)
            witness.idle()

        done = 0
        stream = self._ports.feed.moments(meanwhile)
        while done != cycles and (moment := await anext(stream, None)) is not None:
            if isinstance(moment, Cycle):
                done += await self._trade(moment, witness)
            elif isinstance(moment, Settled):
                if settle:
                    break
            else:
                self._note(moment, witness)

    async def _look_back(self) -> None:
        """Fills the windows; a symbol whose history cannot be had is left out until it can: its feed tells of it.

        Raises: TraderError where no symbol's can be had.
        """
        failures = await self._windows.fill(self._ports.feed, self.desk.symbols)
        if len(failures) == len(self.desk.symbols):
            raise next(iter(failures.values()))

    async def _with_history(self, cycle: Cycle, witness: Witness) -> Cycle:
        """A cycle without the symbols whose history cannot be had even now."""
        lacking = [symbol for symbol in cycle.bars if symbol in self._windows.lacking]
        failures = await self._windows.fill(self._ports.feed, lacking, cycle.open_time)
        for symbol, error in failures.items():
            self._strike(Trouble(symbol, cycle.closed_at, str(error)), witness)
        present = {symbol: market for symbol, market in cycle.bars.items() if symbol not in failures}
        return replace(cycle, bars=present)

    async def _trade(self, cycle: Cycle, witness: Witness) -> bool:
        """Trades the bars of one moment; whether that counts as a cycle."""
        await self._heed(witness)
        if self._windows.lacking:
            cycle = await self._with_history(cycle, witness)
        if not cycle.bars:
            return False
        record = await self._step(cycle, witness)
        self._ports.journal.commit(record)
        witness.cycle(record)
        return not cycle.is_late

    def _note(self, moment: Moment, witness: Witness) -> None:
        """Takes note of what is no bar."""
        if isinstance(moment, Trouble):
            self._strike(moment, witness)
        elif isinstance(moment, Notice):
            witness.event(Event(EventKind.WARNING, moment.time, {"message": moment.message}))
        elif isinstance(moment, Glimpse):
            self.glimpse = moment
            witness.idle()

    async def _heed(self, witness: Witness) -> None:
        """Looks at the kill switch. When it is thrown, entries on their way are taken back."""
        switch = self._ports.switch
        if switch is None:
            return
        if self.losses.drawn_down and switch.resumed() != self._lifted:
            self.losses.lift()
            what = "`trader resume`: the drawdown is forgiven, entries are allowed again"
            witness.event(Event(EventKind.WARNING, self._ports.clock.now(), {"message": what}))
        order = switch.order()
        if order == self.halt_order:
            return
        self.halt_order = order
        self.was_halted = True
        witness.event(halt_event(order, self._ports.clock.now()))
        if order is not None:
            for entry in self.outstanding.entries:
                await self._ports.executor.withdraw(entry)

    def _strike(self, trouble: Trouble, witness: Witness) -> None:
        """Takes note of a symbol that does not work. After three times in a row it is entered no more."""
        what = f"{trouble.symbol}: {trouble.message}"
        if self.strikes.failed(trouble.symbol):
            what += f"; {STRIKES} times in a row: no entries until it has worked as often"
        witness.event(Event(EventKind.WARNING, trouble.time, {"message": what, "symbol": trouble.symbol}))

    async def _step(self, cycle: Cycle, witness: Witness) -> CycleRecord:
        self.cycle += 1
        self.open_time = cycle.open_time
        story = Story(self.cycle, cycle)
        self.losses.begin(next(iter(cycle.bars.values())).bar.session)
        reports = await self._ports.executor.reports(cycle)
        for symbol, market in cycle.bars.items():
            self._windows[symbol].append(market.bar)
            if self.strikes.worked(symbol):
                story.warned(f"{symbol}: works again, entries are allowed", symbol)
            if symbol in self._bars_since_stop:
                self._bars_since_stop[symbol] += 1
        self._book(reports, story)
        for symbol, market in cycle.bars.items():
            self._mark(symbol, market.bar)
        self.equity = self.ledger.equity()
        story.closed(self.ledger, self.equity)
        for code in self.losses.after_close(self.equity):
            story.halted(halt(self.numbers, code, cycle.open_time, self.equity))
            if code == codes.MAX_DRAWDOWN and self._ports.switch is not None:
                self._lifted = self._ports.switch.resumed()
        if not cycle.is_late:
            await self._decide(cycle, story, witness)
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
                self.outstanding.forget(report.symbol, Purpose.ENTRY)
                story.refused(Refusal(report.symbol, report.side, codes.REFUSALS[codes.HALTED]))
            else:
                self.outstanding.forget(report.symbol, Purpose.ENTRY)
                story.refused(Refusal(report.symbol, report.side, codes.REFUSALS[report.code]))

    def _book_fill(self, fill: Fill, story: Story) -> None:
        self.outstanding.forget(fill.symbol, fill.purpose)
        story.filled(fill)
        if fill.purpose is Purpose.ENTRY:
            story.opened(self.ledger.open(fill))
            return
        story.closed_position(self.ledger.close(fill))
        self.held_bars.pop(fill.symbol, None)
        if exits.is_stop(fill.reason):
            self._bars_since_stop[fill.symbol] = 0

    async def _decide(self, cycle: Cycle, story: Story, witness: Witness) -> None:
        """Decides on every symbol that has a bar, the surest wish first."""
        wishes = [wish for symbol in cycle.bars if (wish := self._wish(symbol, cycle, story, witness)) is not None]
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
            candidate, situation = self._candidate(wish, cycle), self._situation(wish)
            planned = plan(candidate, situation, self.numbers)
            story.decided(explained(candidate, situation, planned, signal, self.numbers))
            await self._act(planned, wish.symbol, position, cycle, story)

    @staticmethod
    def _concerns(wish: Wish, position: Position | None) -> bool:
        """Whether a wish is worth telling: one to enter, or one to leave what is held."""
        if wish.entry or position is None:
            return bool(wish.entry)
        return bool(wish.exit_long if position.side.sign > 0 else wish.exit_short)

    def _wish(self, symbol: str, cycle: Cycle, story: Story, witness: Witness) -> Wish | None:
        """What the strategy wants at the bar that has just closed; None while it warms up, or where it breaks down."""
        window = self._windows[symbol]
        if window.seen <= self._warmup:
            story.decided(warming_up(symbol, window.seen, self._warmup))
            return None
        bars = window.bars()
        try:
            signals = self.desk.strategy.signals(bars)
        except Exception as error:  # a strategy may be anybody's: one symbol's trouble is not the others'
            if not self.desk.is_forgiving:
                raise
            what = f"the strategy broke down: {type(error).__name__}: {error}"
            story.decided(failed(symbol, what))
            self._strike(Trouble(symbol, cycle.closed_at, what), witness)
            return None
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

    def _situation(self, wish: Wish) -> Situation:
        marks, governor = self.ledger.marks, self._ports.governor
        return Situation(
            cash=self.ledger.cash,
            equity=self.equity,
            holdings=[Holding(position, marks[symbol]) for symbol, position in self.ledger.positions.items()],
            ordered=[
                OrderedEntry(order.symbol, account.notional(float(order.quantity), marks[order.symbol]))
                for order in self.outstanding.entries
            ],
            day_lost=self.losses.day_lost,
            drawn_down=self.losses.drawn_down,
            is_halted=self.halt_order is not None,
            is_flattened=self.halt_order is not None and self.halt_order.flatten,
            is_struck=wish.symbol in self.strikes.halted,
            together=governor.together() if governor is not None and wish.entry else None,
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
        self.outstanding.remember(order)
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
            levels={symbol: (held.stop, held.target) for symbol, held in self.ledger.positions.items()},
            strikes=dict(self.strikes.counts),
            struck=self.strikes.halted,
            lifted=self._lifted,
        )
