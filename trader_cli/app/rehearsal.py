"""A trading session over history on the simulated exchange: the loop that trades live, on bars that have been."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trader_cli.backtest.result import judged
from trader_cli.backtest.run import backtest
from trader_cli.domain.trade import PendingOrder
from trader_cli.engine.desk import Desk, Ports
from trader_cli.engine.session import Session
from trader_cli.feeds.replay import ReplayClock, ReplayFeed
from trader_cli.journal.memory import Both, MemoryJournal
from trader_cli.simulation.exchange import SimulatedExchange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.backtest.result import Result
    from trader_cli.domain.market import Market
    from trader_cli.domain.order import Order
    from trader_cli.domain.state import Remains
    from trader_cli.engine.witness import Witness
    from trader_cli.journal.recovery import Told
    from trader_cli.ports import Journal, Switch
    from trader_cli.rules.terms import Terms
    from trader_cli.strategies.base import Strategy


@dataclass(frozen=True, slots=True)
class Record:
    """Where a rehearsal is journaled, under which book, and what an earlier one that was cut off left there.

    `switch` is the kill switch that it heeds.
    """

    book: str
    journal: Journal
    switch: Switch
    remains: Remains | None
    told: Told


class Rehearsal:
    """One account on the bars of its markets, told one at a time.

    `start` (ns since 1970 UTC) is the first bar that may decide and is judged; `speed` how many times faster than the
    market it goes, None: as fast as it can. It makes the trades that `backtest.run.backtest` makes (law P1), also where
    it goes on from what the `record` holds of one that was cut off.
    """

    def __init__(
        self,
        markets: Sequence[Market],
        strategy: Strategy[Any],
        terms: Terms,
        *,
        start: int | None = None,
        speed: float | None = None,
        record: Record | None = None,
    ) -> None:
        bars = markets[0].bars
        symbols = tuple(market.symbol for market in markets)
        remains = None if record is None else record.remains
        self._markets, self._start = markets, start
        self._recorder = MemoryJournal()
        self.clock = ReplayClock(speed)
        begins = start if remains is None else remains.state.open_time + 1
        self.feed = ReplayFeed(markets, self.clock, start=begins)
        self.exchange = SimulatedExchange(terms.numbers(), symbols)
        desk = Desk(symbols, bars.timeframe, bars.hours, strategy, terms, "" if record is None else record.book)
        journal = self._recorder if record is None else Both(record.journal, self._recorder)
        switch = None if record is None else record.switch
        self.session = Session(desk, Ports(self.feed, self.exchange, self.clock, journal, switch))
        if record is not None and remains is not None:
            self._recorder.resume(record.told)
            self.exchange.resume(remains)
            self.session.resume(remains)

    async def run(self, cycles: int | None = None, witness: Witness | None = None) -> None:
        """Trades until the history ends, or for so many cycles; as `Session.run`."""
        await self.session.run(cycles, witness)

    def backtested(self) -> Result:
        """What a backtest makes of the bars told so far: the same, or one of the two is wrong."""
        desk, times = self.session.desk, self._recorder.times
        told = [market.until(int(times[-1])) for market in self._markets] if len(times) else self._markets
        return backtest(told, desk.strategy, desk.terms, start=self._start)

    def result(self) -> Result:
        """What has come of it so far."""
        session, told, desk = self.session, self._recorder, self.session.desk
        positions = session.ledger.positions.values()
        return judged(
            strategy=desk.strategy,
            timeframe=desk.timeframe,
            hours=desk.hours,
            symbols=desk.symbols,
            starting_balance=session.numbers.starting_balance,
            times=told.times,
            sessions=told.sessions,
            equity=told.equity,
            exposure_sum=told.exposure,
            ambiguous_bars=told.ambiguous_bars,
            trades=told.trades,
            open_positions=session.ledger.held(),
            open_fees=[position.entry_fee for position in positions],
            open_funding=[position.funding for position in positions],
            pending=[_pending(order) for order in session.outstanding.all()],
            halts=told.halts,
            refusals=told.refusals,
        )


def _pending(order: Order) -> PendingOrder:
    return PendingOrder(
        order.symbol, order.side, str(order.purpose), float(order.quantity), order.decided_at, order.reason
    )
