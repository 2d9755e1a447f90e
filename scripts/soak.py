"""`make soak`: a million cycles of one session in memory. Whatever a session keeps, it must not be ever more of it.

    python scripts/soak.py [CYCLES]

The same session, simulated exchange and view as in a paper session, on made bars, with a strategy that always wishes
for something: entries, exits, refusals and halts come by the hundred thousand. Exit 1 where the process has grown.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, override

import numpy as np

from trader_cli.app.onlooking import Nobody, Watched
from trader_cli.cli import render
from trader_cli.data.book import instrument
from trader_cli.domain.bars import Bars
from trader_cli.domain.clock import from_nanoseconds
from trader_cli.domain.cycle import Bar, Cycle, MarketBar
from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.risk import Costs, RiskSettings, Sizing
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.engine.desk import Desk, Ports
from trader_cli.engine.session import Session
from trader_cli.engine.view import Title, View
from trader_cli.journal.memory import NoJournal
from trader_cli.rules.terms import Terms
from trader_cli.simulation.exchange import SimulatedExchange
from trader_cli.strategies.base import Params, Strategy
from trader_cli.strategies.wishes import wishes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from datetime import datetime

    from trader_cli.domain.record import CycleRecord
    from trader_cli.domain.signal import Signals
    from trader_cli.ports import Meanwhile

SYMBOL, TIMEFRAME = "BTC/USD", Timeframe.H1
HOUR, DAY = TIMEFRAME.nanoseconds, 24 * TIMEFRAME.nanoseconds
CYCLES = 1_000_000
GROWTH_BYTES = 10 * 2**20
"""How much a process may grow after its first tenth: what an allocator does by itself, not a list that is kept."""

PICTURES = 100
"""Cycles from one picture of the session to the next."""


def moves(count: int, seed: int = 7) -> list[float]:
    """Prices that wander and come back to where they began, so that they can be told for ever."""
    steps = np.random.default_rng(seed).normal(0, 0.01, count)
    prices: list[float] = (10_000 * np.exp(np.cumsum(steps - steps.mean()))).tolist()
    return prices


class EndlessFeed:
    """Made bars one after the other, and the time they close at; `told` hears how many it has been."""

    def __init__(self, cycles: int, told: Callable[[int], None]) -> None:
        self._cycles, self._told = cycles, told
        self._prices = moves(4_999)
        self._now = from_nanoseconds(0)

    def now(self) -> datetime:
        """The close of the latest bar."""
        return self._now

    async def reach(self, time: datetime, meanwhile: Meanwhile | None = None) -> None:
        """It is always time for the next bar."""

    async def history(self, symbol: str, bars: int) -> Bars:
        """Nothing was before."""
        none, times = np.empty(0), np.empty(0, np.int64)
        return Bars(symbol, TIMEFRAME, TradingHours.CONTINUOUS, times, none, none, none, none, none, times)

    async def moments(self, meanwhile: Meanwhile) -> AsyncIterator[Cycle]:
        """So many closes."""
        opened, prices = self._prices[-1], self._prices
        for number in range(self._cycles):
            time, close = number * HOUR, prices[number % len(prices)]
            high, low = max(opened, close) * 1.002, min(opened, close) * 0.998
            self._now = from_nanoseconds(time + HOUR)
            yield Cycle(time, self._now, {SYMBOL: MarketBar(Bar(time, opened, high, low, close, 1.0, time // DAY))})
            opened = close
            self._told(number + 1)


class Restless(Strategy[Params]):
    """Buys every rise and leaves at every fall."""

    name: ClassVar[str] = "restless"
    summary: ClassVar[str] = "always wants something"
    params_model: ClassVar[type[Params]] = Params

    @override
    def warmup(self, timeframe: Timeframe, hours: TradingHours) -> int:
        return 0

    @override
    def window(self, timeframe: Timeframe, hours: TradingHours) -> int:
        return 1

    @override
    def signals(self, bars: Bars) -> Signals:
        rises = bars.close > bars.open
        return wishes(rises, ~rises, confidence=0.8, values={"close": bars.close})

    @override
    def reason(self, values: Mapping[str, float]) -> str:
        return "it moved"


class _Glances(Watched):
    """Draws a picture now and then, as a dashboard has it drawn."""

    def __init__(self, view: View, feed: EndlessFeed) -> None:
        super().__init__(view, Nobody(), feed)
        self._cycles = self.trades = self.halts = 0

    @override
    def cycle(self, record: CycleRecord) -> None:
        super().cycle(record)
        self._cycles += 1
        self.trades += len(record.trades)
        self.halts += len(record.halts)
        if self._cycles % PICTURES == 0:
            self._view.snapshot(record.closed_at)
            self._view.standing()


@dataclass(frozen=True, slots=True)
class Soaked:
    """What so many cycles have done to the process. Units: bytes, after a tenth and in the end; seconds."""

    cycles: int
    trades: int
    halts: int
    early: int
    late: int
    seconds: float

    def __str__(self) -> str:
        mb = 2**20
        return (
            f"{self.cycles:,} cycles, {self.trades:,} trades, {self.halts:,} halts: {self.early / mb:.1f} MB after a "
            f"tenth, {self.late / mb:.1f} MB in the end; {self.cycles / self.seconds:,.0f} cycles a second"
        )


def soaked(
    cycles: int, told: Callable[[int], None] = lambda _: None, measured: Callable[[], int] | None = None
) -> Soaked:
    """Trades so many cycles; `measured` says how big the process is."""
    size, early = measured or resident, 0

    def tell(number: int) -> None:
        nonlocal early
        if number == cycles // 10:
            early = size()
        told(number)

    feed = EndlessFeed(cycles, tell)
    risk = RiskSettings(sizing=Sizing.FIXED, max_daily_loss=1e-8, max_drawdown=1.0, max_holding_bars=5)
    terms = Terms(1e9, risk, Costs(), (instrument("kraken", AssetClass.CRYPTO, SYMBOL),))
    desk = Desk((SYMBOL,), TIMEFRAME, TradingHours.CONTINUOUS, Restless(Params()), terms)
    exchange = SimulatedExchange(terms.numbers(), desk.symbols)
    session = Session(desk, Ports(feed, exchange, feed, NoJournal()))
    witness = _Glances(View(Title("soak", "kraken", "restless", "paper", "crypto", "made"), session), feed)
    begun = monotonic()
    asyncio.run(session.run(witness=witness))
    return Soaked(cycles, witness.trades, witness.halts, early, size(), monotonic() - begun)


def resident() -> int:
    """The memory that this process holds; where only the most it ever held is known, that."""
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(arguments: list[str]) -> int:
    """0 where the process has not grown, 1 where it has."""
    cycles = int(arguments[0]) if arguments else CYCLES
    with render.progress() as bar:
        task = bar.add_task("soaking", total=cycles)

        def tell(number: int) -> None:
            if number % 1_000 == 0:
                bar.update(task, completed=number)

        found = soaked(cycles, tell)
    render.line(str(found))
    return 0 if found.late - found.early < GROWTH_BYTES else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
