"""What a session keeps of its account from one cycle to the next, and all that it must know to go on elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.domain.order import Purpose, Refusal
from trader_cli.domain.report import Fill, FundingPaid, Withdrawn
from trader_cli.domain.state import SessionState
from trader_cli.engine.ledger import Ledger
from trader_cli.engine.outstanding import Outstanding
from trader_cli.engine.strikes import Strikes
from trader_cli.risk.losses import LossLimits
from trader_cli.risk.plan import Candidate, Holding, OrderedEntry, Situation
from trader_cli.rules import account, codes, exits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.domain.cycle import Bar, Cycle
    from trader_cli.domain.halt import HaltOrder
    from trader_cli.domain.report import Report
    from trader_cli.domain.state import Remains
    from trader_cli.engine.story import Story
    from trader_cli.risk.governor import Together
    from trader_cli.risk.plan import Wish
    from trader_cli.rules.numbers import Grid, Numbers


class Books:
    """The account's ledger and limits, its orders on their way, its symbols' failures, and how many bars have passed.

    `equity` is that of the last close, `lifted` the last word of `trader resume` known when a drawdown tripped.
    """

    def __init__(self, numbers: Numbers, symbols: Sequence[str]) -> None:
        self.ledger = Ledger(numbers, symbols)
        self.losses = LossLimits(numbers)
        self.outstanding = Outstanding(symbols)
        self.strikes = Strikes()
        self.held_bars: dict[str, int] = {}
        self._bars_since_stop: dict[str, int] = {}
        self.lifted = ""
        self.cycle = 0
        self.equity = numbers.starting_balance

    @property
    def day_opening(self) -> float:
        """The equity at which the day opened."""
        return self.losses.day_opening

    def engaged(self) -> tuple[float, int]:
        """The notional of all that is held or ordered to be entered, at the last closes, and how many those are."""
        ordered = self._ordered()
        total = self.ledger.gross_notional() + sum(entry.notional for entry in ordered)
        return total, len(self.ledger.positions) + len(ordered)

    def resume(self, remains: Remains) -> None:
        """Goes on where others were cut off."""
        state = remains.state
        self.ledger.resume(remains.booked, state)
        self.losses.resume(state)
        self.strikes.resume(state.strikes, tuple(state.struck))
        self.cycle, self.equity = state.cycle, state.equity
        self.held_bars, self._bars_since_stop = dict(state.held_bars), dict(state.bars_since_stop)
        self.lifted = state.lifted
        for order in remains.pending:
            self.outstanding.remember(order)

    def begin(self, cycle: Cycle) -> None:
        """Opens the cycle, and the day where it is the day's first."""
        self.cycle += 1
        self.losses.begin(next(iter(cycle.bars.values())).bar.session)

    def count(self, symbol: str) -> None:
        """A bar of a symbol has passed since it was stopped out, if it ever was."""
        if symbol in self._bars_since_stop:
            self._bars_since_stop[symbol] += 1

    def book(self, reports: Sequence[Report], story: Story) -> None:
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

    def mark(self, symbol: str, bar: Bar) -> None:
        """Takes note of a symbol's closed bar; what is held of it is a bar older."""
        self.ledger.see(symbol, bar.high, bar.low, bar.close)
        if symbol in self.ledger.positions:
            self.held_bars[symbol] = self.held_bars.get(symbol, 0) + 1

    def candidate(self, wish: Wish, price: float, grid: Grid) -> Candidate:
        """A wish with what is known of its symbol."""
        symbol = wish.symbol
        return Candidate(
            wish,
            price=price,
            held_bars=self.held_bars.get(symbol, 0),
            bars_since_stop=self._bars_since_stop.get(symbol),
            grid=grid,
        )

    def situation(self, symbol: str, halt_order: HaltOrder | None, together: Together | None) -> Situation:
        """The account as it is when a wish for a symbol is looked at."""
        marks = self.ledger.marks
        return Situation(
            cash=self.ledger.cash,
            equity=self.equity,
            holdings=[Holding(position, marks[held]) for held, position in self.ledger.positions.items()],
            ordered=self._ordered(),
            day_lost=self.losses.day_lost,
            drawn_down=self.losses.drawn_down,
            is_halted=halt_order is not None,
            is_flattened=halt_order is not None and halt_order.flatten,
            is_struck=symbol in self.strikes.halted,
            together=together,
        )

    def _ordered(self) -> list[OrderedEntry]:
        marks = self.ledger.marks
        return [
            OrderedEntry(order.symbol, account.notional(float(order.quantity), marks[order.symbol]))
            for order in self.outstanding.entries
        ]

    def state(self, cycle: Cycle) -> SessionState:
        """What another session must know to go on after a cycle."""
        losses, positions = self.losses, self.ledger.positions
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
            best_prices={symbol: position.best_price for symbol, position in positions.items()},
            held_bars=dict(self.held_bars),
            bars_since_stop=dict(self._bars_since_stop),
            levels={symbol: (held.stop, held.target) for symbol, held in positions.items()},
            strikes=dict(self.strikes.counts),
            struck=self.strikes.halted,
            lifted=self.lifted,
        )
