"""A trading session over history on the simulated exchange: the loop that trades live, on bars that have been."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trader_cli.app.judging import result_of
from trader_cli.backtest.run import backtest
from trader_cli.engine.desk import Desk, Ports
from trader_cli.engine.session import Session
from trader_cli.feeds.replay import ReplayClock, ReplayFeed
from trader_cli.journal.memory import Both, MemoryJournal
from trader_cli.simulation.exchange import SimulatedExchange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.app.journaling import Record
    from trader_cli.backtest.result import Result
    from trader_cli.domain.market import Market
    from trader_cli.engine.governor import Governor
    from trader_cli.engine.witness import Witness
    from trader_cli.ports import Clock
    from trader_cli.rules.terms import Terms
    from trader_cli.strategies.base import Strategy


class Rehearsal:
    """One account on the bars of its markets, told one at a time.

    `start` (ns since 1970 UTC) is the first bar that may decide and is judged. Without a `clock` it goes as fast as it
    can. Without a `governor` it makes the trades that `backtest.run.backtest` makes (law P1), also where
    it goes on from what the `record` holds of one that was cut off.
    """

    def __init__(
        self,
        markets: Sequence[Market],
        strategy: Strategy[Any],
        terms: Terms,
        *,
        start: int | None = None,
        clock: Clock | None = None,
        record: Record | None = None,
        governor: Governor | None = None,
    ) -> None:
        bars = markets[0].bars
        symbols = tuple(market.symbol for market in markets)
        remains = None if record is None else record.remains
        self._markets, self._start = markets, start
        self._recorder = MemoryJournal()
        self.clock = clock or ReplayClock()
        begins = start if remains is None else remains.state.open_time + 1
        self.feed = ReplayFeed(markets, self.clock, start=begins)
        self.exchange = SimulatedExchange(terms.numbers(), symbols)
        desk = Desk(symbols, bars.timeframe, bars.hours, strategy, terms, "" if record is None else record.book)
        journal = self._recorder if record is None else Both(record.journal, self._recorder)
        switch = None if record is None else record.switch
        self.session = Session(desk, Ports(self.feed, self.exchange, self.clock, journal, switch, governor))
        if record is not None and remains is not None:
            self._recorder.resume(record.told(0))
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
        return result_of(self.session, self._recorder, self.session.numbers.starting_balance)
