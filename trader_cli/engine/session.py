"""The loop: closed bars in, decisions on them, orders out, fills booked, everything journaled. There is no other.

One cycle: what the executor has to report is booked, the bars are marked, limits are looked at, then every symbol with
a bar is decided on. Of the account a session knows what stands in its books, of the past what its strategy declares as
its window.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from trader_cli.domain.clock import from_nanoseconds
from trader_cli.domain.cycle import Cycle, Glimpse, Notice, Settled, Trouble
from trader_cli.domain.event import Event, EventKind
from trader_cli.domain.order import Order, Purpose, Refusal
from trader_cli.engine.books import Books
from trader_cli.engine.naming import client_id
from trader_cli.engine.story import Story, halt_event
from trader_cli.engine.strikes import STRIKES
from trader_cli.engine.window import Windows
from trader_cli.engine.witness import Witness
from trader_cli.risk.explaining import explained, failed, held_still, warming_up
from trader_cli.risk.losses import halt
from trader_cli.risk.plan import Wish, plan
from trader_cli.risk.review import reviewed
from trader_cli.rules import codes

if TYPE_CHECKING:
    from trader_cli.domain.cycle import Moment
    from trader_cli.domain.halt import HaltOrder
    from trader_cli.domain.position import Position
    from trader_cli.domain.record import CycleRecord
    from trader_cli.domain.signal import Signals
    from trader_cli.domain.state import Remains
    from trader_cli.domain.trade import Side
    from trader_cli.engine.desk import Desk, Ports
    from trader_cli.risk.governor import Together
    from trader_cli.risk.plan import Plan


class Session:
    """One account traded by one strategy."""

    def __init__(self, desk: Desk, ports: Ports) -> None:
        self.desk, self._ports = desk, ports
        self.numbers = desk.terms.numbers()
        self._grids = dict(zip(desk.symbols, desk.terms.grids(), strict=True))
        self._warmup = desk.strategy.warmup(desk.timeframe, desk.hours)
        self._windows = Windows(desk)
        self.books = Books(self.numbers, desk.symbols)
        self.signals: dict[str, tuple[int, Signals]] = {}
        self.glimpse: Glimpse | None = None
        self.was_halted = False
        self.halt_order: HaltOrder | None = None
        if ports.governor is not None:
            ports.governor.join(self.books)

    def resume(self, remains: Remains) -> None:
        """Goes on where another session was cut off; the feed must go on there, too."""
        self.books.resume(remains)

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
        if self.books.losses.drawn_down and switch.resumed() != self.books.lifted:
            self.books.losses.lift()
            what = "`trader resume`: the drawdown is forgiven, entries are allowed again"
            witness.event(Event(EventKind.WARNING, self._ports.clock.now(), {"message": what}))
        order = switch.order()
        if order == self.halt_order:
            return
        self.halt_order = order
        self.was_halted = True
        witness.event(halt_event(order, self._ports.clock.now()))
        if order is not None:
            for entry in self.books.outstanding.entries:
                await self._ports.executor.withdraw(entry)

    def _strike(self, trouble: Trouble, witness: Witness) -> None:
        """Takes note of a symbol that does not work. After three times in a row it is entered no more."""
        what = f"{trouble.symbol}: {trouble.message}"
        if self.books.strikes.failed(trouble.symbol):
            what += f"; {STRIKES} times in a row: no entries until it has worked as often"
        witness.event(Event(EventKind.WARNING, trouble.time, {"message": what, "symbol": trouble.symbol}))

    async def _step(self, cycle: Cycle, witness: Witness) -> CycleRecord:
        """One cycle, in the order that the top of this file gives."""
        books = self.books
        books.begin(cycle)
        story = Story(books.cycle, cycle)
        reports = await self._ports.executor.reports(cycle)
        for symbol, market in cycle.bars.items():
            self._windows[symbol].append(market.bar)
            if books.strikes.worked(symbol):
                story.warned(f"{symbol}: works again, entries are allowed", symbol)
            books.count(symbol)
        books.book(reports, story)
        for symbol, market in cycle.bars.items():
            books.mark(symbol, market.bar)
        books.equity = books.ledger.equity()
        story.closed(books.ledger, books.equity)
        for code in books.losses.after_close(books.equity):
            story.halted(halt(self.numbers, code, cycle.open_time, books.equity))
            if code == codes.MAX_DRAWDOWN and self._ports.switch is not None:
                books.lifted = self._ports.switch.resumed()
        if not cycle.is_late:
            await self._decide(cycle, story, witness)
        return story.record(books.state(cycle), books.ledger)

    async def _decide(self, cycle: Cycle, story: Story, witness: Witness) -> None:
        """Decides on every symbol that has a bar, the surest wish first."""
        wishes = [wish for symbol in cycle.bars if (wish := self._wish(symbol, cycle, story, witness)) is not None]
        for wish in sorted(
            wishes, key=lambda wish: -wish.confidence
        ):  # a stable sort: ties in the order of the symbols
            position = self.books.ledger.positions.get(wish.symbol)
            signal = self.desk.strategy.at(self.signals[wish.symbol][1], -1)
            if self._concerns(wish, position):
                story.wished(signal, wish.symbol)
            if not wish.entry and position is None:
                story.decided(held_still(wish.symbol, signal))
                continue
            candidate = self.books.candidate(wish, cycle.bars[wish.symbol].bar.close, self._grids[wish.symbol])
            situation = self.books.situation(wish.symbol, self.halt_order, self._together(wish))
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

    def _together(self, wish: Wish) -> Together | None:
        """All accounts of this process, where a governor limits them and the wish is his business."""
        governor = self._ports.governor
        return governor.together() if governor is not None and wish.entry else None

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
        position = self.books.ledger.positions.get(order.symbol)
        held = 0.0 if position is None else position.quantity
        approved = reviewed(order, self.numbers, self._grids[order.symbol], held=held)
        self.books.outstanding.remember(order)
        story.ordered(order)
        self._ports.journal.intend(approved)
        await self._ports.executor.submit(approved)
