"""`make soak`: a session on a venue in this process, for as many closes as a machine lives through in two years.

    python scripts/soak.py [CYCLES]

Everything is as in paper trading but the venue, the clock and the journal, which are in memory and as small as can be.
What grows is printed; more than 10 MB between the first tenth and the end is an error: exit 1.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trader_cli.domain.bars import Bars
from trader_cli.domain.clock import parse, to_nanoseconds
from trader_cli.domain.instrument import Instrument
from trader_cli.domain.risk import Costs, RiskSettings
from trader_cli.domain.signal import Signals
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.engine.desk import Desk, Ports
from trader_cli.engine.session import Session
from trader_cli.engine.view import Title, View
from trader_cli.engine.witness import Witness
from trader_cli.feeds.replay import ReplayClock
from trader_cli.feeds.venue import VenueFeed
from trader_cli.rules.terms import Terms
from trader_cli.simulation.exchange import SimulatedExchange
from trader_cli.strategies.base import Params, Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trader_cli.domain.order import ApprovedOrder
    from trader_cli.domain.record import CycleRecord
    from trader_cli.ports import Clock

CYCLES = 1_000_000
ALLOWED_MB = 10
SYMBOL = "BTC/USD"
LENGTH = Timeframe.M1.nanoseconds
ROOM = 100_000  # bars after which the made market begins again


class EndlessVenue:
    """A market that repeats itself: its bar of any minute is made from a table, so that nothing has to be kept."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        random = np.random.default_rng(1)
        steps = np.cumsum(random.normal(0, 2e-3, ROOM))
        close = 100 * np.exp(steps - np.linspace(0, steps[-1], ROOM))  # it ends where it began
        opened = np.roll(close, 1)
        reach = 1 + np.abs(random.normal(0, 5e-4, ROOM))
        self._rows = opened, np.maximum(opened, close) * reach, np.minimum(opened, close) / reach, close, reach - 0.99

    async def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        """The latest bars, the one in progress last."""
        last = to_nanoseconds(self._clock.now()) // LENGTH
        places = np.arange(last - limit + 1, last + 1)
        opened, high, low, close, volume = (column[places % ROOM] for column in self._rows)
        session = places // 1440
        return Bars(
            symbol, timeframe, TradingHours.CONTINUOUS, places * LENGTH, opened, high, low, close, volume, session
        )

    async def close(self) -> None:
        """There is nothing to let go of."""


class Forgetful:
    """A journal that keeps nothing: what is measured is the session."""

    def intend(self, order: ApprovedOrder) -> None:
        """Nothing."""

    def commit(self, record: CycleRecord) -> None:
        """Nothing."""


class Measuring(Witness):
    """Watches as a dashboard does, and prints how large the process is."""

    def __init__(self, view: View, cycles: int) -> None:
        self._view, self._cycles = view, cycles
        self.sizes: list[tuple[int, float]] = []

    def cycle(self, record: CycleRecord) -> None:
        """Takes note of a cycle."""
        self._view.watch(record)
        if record.number % max(1, self._cycles // 10) == 0:
            gc.collect()
            self.sizes.append((record.number, resident_mb()))
            print(f"{record.number:>9} cycles  {self.sizes[-1][1]:8.2f} MB", flush=True)


def resident_mb() -> float:
    """How much memory this process holds; where that is not told, the most it ever held."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text(encoding="utf-8").split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


class Restless(Strategy[Params]):
    """In for three bars, out for four: it costs nothing, so that what is measured is everything around it."""

    name = "restless"
    summary = "in for three bars, out for four"
    params_model = Params

    def warmup(self, timeframe: Timeframe, hours: TradingHours) -> int:
        """Nothing to wait for."""
        return 0

    def window(self, timeframe: Timeframe, hours: TradingHours) -> int:
        """A few bars."""
        return 10

    def signals(self, bars: Bars) -> Signals:
        """By the clock alone."""
        place = bars.open_time // LENGTH % 7
        entry, leave = (place == 0).astype(np.int8), (place == 3).astype(np.int8)
        return Signals(entry, leave, np.zeros_like(entry), np.full(len(bars), 0.5))

    def reason(self, values: Mapping[str, float]) -> str:
        """There is none."""
        return "it is time"


def session_of(clock: Clock, poll_seconds: float | None) -> Session:
    """A trader of one symbol."""
    step = Decimal("1e-8")
    risk = RiskSettings(
        max_position_size=1_000,
        max_total_exposure=1e9,
        max_daily_loss=1.0,
        max_drawdown=1.0,
        take_profit=0.003,
        stop_loss=0.003,
    )
    terms = Terms(1e9, risk, Costs(), (Instrument(SYMBOL, step, step, step, Decimal(0)),))
    hours = TradingHours.CONTINUOUS
    feed = VenueFeed(EndlessVenue(clock), [SYMBOL], Timeframe.M1, hours, clock, poll_seconds=poll_seconds)
    desk = Desk((SYMBOL,), Timeframe.M1, hours, Restless(Params()), terms)
    return Session(desk, Ports(feed, SimulatedExchange(terms.numbers(), desk.symbols), clock, Forgetful()))


async def soak(cycles: int) -> Measuring:
    """Runs so many cycles."""
    clock = ReplayClock()
    await clock.reach(parse("2024-01-01") + timedelta(days=30, seconds=1))
    session = session_of(clock, poll_seconds=40)
    measuring = Measuring(View(Title("soak", "-", "momentum", "paper", "crypto", "memory"), session), cycles)
    await session.run(cycles, measuring)
    return measuring


def main(arguments: list[str]) -> int:
    """Measures; the exit code says whether memory stayed."""
    cycles = int(arguments[0]) if arguments else CYCLES
    begun = time.monotonic()
    sizes = asyncio.run(soak(cycles)).sizes
    grown = sizes[-1][1] - sizes[0][1]
    took = time.monotonic() - begun
    print(f"{cycles} cycles in {took:.0f} s ({took / cycles * 1e6:.0f} us each), grown by {grown:.2f} MB")
    return int(grown >= ALLOWED_MB)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
