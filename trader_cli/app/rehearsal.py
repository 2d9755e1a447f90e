"""A trading session over history on the simulated exchange: the loop that trades live, on bars that have been."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trader_cli.backtest.result import judged
from trader_cli.backtest.run import backtest
from trader_cli.domain.trade import PendingOrder
from trader_cli.engine.session import Desk, Ports, Session
from trader_cli.feeds.replay import ReplayClock, ReplayFeed
from trader_cli.journal.memory import MemoryJournal
from trader_cli.simulation.exchange import SimulatedExchange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.backtest.result import Result
    from trader_cli.domain.market import Market
    from trader_cli.domain.order import Order
    from trader_cli.engine.session import Observer
    from trader_cli.rules.terms import Terms
    from trader_cli.strategies.base import Strategy


class Rehearsal:
    """One account on the bars of its markets, told one at a time.

    `start` (ns since 1970 UTC) is the first bar that may decide and is judged; `speed` how many times faster than the
    market it goes, None: as fast as it can. It makes the trades that `backtest.run.backtest` makes (law P1).
    """

    def __init__(
        self,
        markets: Sequence[Market],
        strategy: Strategy[Any],
        terms: Terms,
        *,
        start: int | None = None,
        speed: float | None = None,
    ) -> None:
        bars = markets[0].bars
        symbols = tuple(market.symbol for market in markets)
        self.feed = ReplayFeed(markets, start=start)
        self.clock = ReplayClock(speed)
        self.exchange = SimulatedExchange(terms.numbers(), symbols)
        self._journal = MemoryJournal()
        self._markets, self._start = markets, start
        desk = Desk(symbols, bars.timeframe, bars.hours, strategy, terms)
        self.session = Session(desk, Ports(self.feed, self.exchange, self.clock, self._journal))

    async def run(self, cycles: int | None = None, observe: Observer | None = None) -> None:
        """Trades until the history ends, or for so many cycles."""
        await self.session.run(cycles, observe)

    def backtested(self) -> Result:
        """What a backtest makes of the bars told so far: the same, or one of the two is wrong."""
        desk, times = self.session.desk, self._journal.times
        told = [market.until(int(times[-1])) for market in self._markets] if len(times) else self._markets
        return backtest(told, desk.strategy, desk.terms, start=self._start)

    def result(self) -> Result:
        """What has come of it so far."""
        session, journal, desk = self.session, self._journal, self.session.desk
        positions = session.ledger.positions.values()
        return judged(
            strategy=desk.strategy,
            timeframe=desk.timeframe,
            hours=desk.hours,
            symbols=desk.symbols,
            starting_balance=session.numbers.starting_balance,
            times=journal.times,
            sessions=journal.sessions,
            equity=journal.equity,
            exposure_sum=journal.exposure,
            ambiguous_bars=journal.ambiguous_bars,
            trades=journal.trades,
            open_positions=session.ledger.held(),
            open_fees=[position.entry_fee for position in positions],
            open_funding=[position.funding for position in positions],
            pending=[_pending(order) for order in session.pending()],
            halts=journal.halts,
            refusals=journal.refusals,
        )


def _pending(order: Order) -> PendingOrder:
    return PendingOrder(
        order.symbol, order.side, str(order.purpose), float(order.quantity), order.decided_at, order.reason
    )
