"""A venue in memory: fills orders from closed bars as DESIGN section 3 says.

It keeps books of its own, as every venue does, and knows its customer by his orders alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.domain.order import Purpose
from trader_cli.domain.report import Fill, FundingPaid, Rejected, Withdrawn
from trader_cli.domain.trade import ExitReason
from trader_cli.engine.ledger import Ledger
from trader_cli.rules import account, codes, exits, fills
from trader_cli.rules.numbers import Candle, FineBars, Levels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trader_cli.domain.cycle import Bar, Cycle, MarketBar
    from trader_cli.domain.order import ApprovedOrder, Order
    from trader_cli.domain.position import Position
    from trader_cli.domain.report import Report
    from trader_cli.domain.state import Remains
    from trader_cli.rules.numbers import Numbers


NO_FINE_BARS = FineBars((), (), (), 0, 0)


class SimulatedExchange:
    """An executor that fills orders at the open of their symbol's next bar and guards positions by stop and target."""

    def __init__(self, numbers: Numbers, symbols: Sequence[str]) -> None:
        self._numbers = numbers
        self._symbols = tuple(symbols)
        self._exits: dict[str, Order] = {}
        self._entries: list[Order] = []
        self._withdrawn: list[Withdrawn] = []
        self.ledger = Ledger(numbers, symbols)

    def resume(self, remains: Remains) -> None:
        """Brings the venue to where it was when it and its customer were cut off."""
        self.ledger.resume(remains.booked, remains.state)
        for order in remains.pending:
            self._take(order)

    async def submit(self, order: ApprovedOrder) -> None:
        """Takes an order; it waits for the next bar of its symbol."""
        self._take(order)

    def _take(self, order: Order) -> None:
        if order.purpose is Purpose.EXIT:
            self._exits[order.symbol] = order
        else:
            self._entries.append(order)

    async def withdraw(self, order: Order) -> None:
        """Takes back an entry order that waits for its bar."""
        if order in self._entries:
            self._entries.remove(order)
            self._withdrawn.append(Withdrawn(order.symbol, order.side, order.client_id))

    async def reports(self, cycle: Cycle) -> Sequence[Report]:
        """Books the cycle's bars: funding, openings, then what happened within the bars."""
        reports: list[Report] = list(self._withdrawn)
        self._withdrawn.clear()
        reports += self._funding(cycle)
        reports += self._ordered_exits(cycle)
        reports += self._ordered_entries(cycle)
        reports += self._within(cycle)
        for symbol, market in cycle.bars.items():
            bar = market.bar
            self.ledger.see(symbol, bar.high, bar.low, bar.close)
        return reports

    def _funding(self, cycle: Cycle) -> Iterator[Report]:
        for position in self._present(cycle):
            due = cycle.bars[position.symbol].funding_due
            if due != 0.0:
                paid = FundingPaid(position.symbol, account.funding(position.side.sign, position.quantity, due))
                self.ledger.pay(paid)
                yield paid

    def _ordered_exits(self, cycle: Cycle) -> Iterator[Report]:
        for position in self._present(cycle):
            order = self._exits.pop(position.symbol, None)
            if order is not None:
                yield from self._leave(position, cycle.bars[position.symbol], order)

    def _ordered_entries(self, cycle: Cycle) -> Iterator[Report]:
        waiting: list[Order] = []
        for order in self._entries:
            market = cycle.bars.get(order.symbol)
            if market is None:
                waiting.append(order)
            else:
                yield self._enter(order, market.bar)
        self._entries = waiting

    def _enter(self, order: Order, bar: Bar) -> Report:
        numbers, quantity = self._numbers, float(order.quantity)
        price = fills.slipped(bar.open, order.side.sign, numbers.slippage)
        fee = account.fee(quantity, price, numbers.taker_fee)
        fill = Fill(
            order.symbol, order.side, Purpose.ENTRY, quantity, price, fee, bar.open_time, client_id=order.client_id
        )
        if self.ledger.is_overdrawn_by(fill):
            return Rejected(order.symbol, order.side, codes.INSUFFICIENT_FUNDS, order.client_id)
        self.ledger.open(fill)
        return fill

    def _within(self, cycle: Cycle) -> Iterator[Report]:
        for position in self._present(cycle):
            yield from self._leave(position, cycle.bars[position.symbol], None)

    def _leave(self, position: Position, market: MarketBar, order: Order | None) -> Iterator[Report]:
        bar, side = market.bar, position.side.sign
        reason, price, fee_rate, is_ambiguous = exits.leaving(
            self._numbers,
            side,
            codes.STAY if order is None else codes.EXIT_CODES[ExitReason(order.reason)],
            position.entry_time < bar.open_time,
            _candle(bar),
            _candle(market.mark or bar),
            Levels(position.stop, position.target, position.liquidation),
            position.entry_price,
            position.best_price,
            _inside(market),
        )
        if reason == codes.STAY:
            return
        fee = account.fee(position.quantity, price, fee_rate)
        fill = Fill(
            position.symbol,
            position.side,
            Purpose.EXIT,
            position.quantity,
            price,
            fee,
            bar.open_time,
            reason,
            is_ambiguous,
            "" if order is None else order.client_id,
        )
        self.ledger.close(fill)
        yield fill

    def _present(self, cycle: Cycle) -> list[Position]:
        """The positions whose symbol has a bar, in the order of the symbols, as they are now."""
        return [position for symbol, position in self.ledger.positions.items() if symbol in cycle.bars]


def _candle(bar: Bar) -> Candle:
    return Candle(bar.open, bar.high, bar.low)


def _inside(market: MarketBar) -> FineBars:
    fine = market.inside
    if fine is None:
        return NO_FINE_BARS
    # lists, so that what leaves here are Python's own numbers
    return FineBars(fine.open.tolist(), fine.high.tolist(), fine.low.tolist(), 0, len(fine))
