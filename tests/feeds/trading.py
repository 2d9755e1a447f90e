"""Sessions on a venue of this process, in a time of their own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.feeds.venue import RecordedVenue
from tests.parity.scenes import STRATEGIES
from tests.parity.watching import Keeping
from trader_cli.domain.bars import Bars
from trader_cli.domain.clock import from_nanoseconds, parse, to_nanoseconds
from trader_cli.domain.cycle import Settled
from trader_cli.domain.instrument import Instrument
from trader_cli.domain.risk import Costs, RiskSettings
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.engine.desk import Desk, Ports
from trader_cli.engine.session import Session
from trader_cli.feeds.replay import ReplayClock
from trader_cli.feeds.venue import SETTLING, VenueFeed
from trader_cli.journal.memory import MemoryJournal
from trader_cli.registry import strategy_class
from trader_cli.rules.terms import Terms
from trader_cli.simulation.exchange import SimulatedExchange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.domain.cycle import Moment
    from trader_cli.domain.state import Remains
    from trader_cli.ports import Clock, MarketData
    from trader_cli.strategies.base import Strategy

MINUTE = Timeframe.M1.nanoseconds
BEGINS = to_nanoseconds(parse("2024-03-04T10:00:00Z"))
STEP = Decimal("1e-8")


def walk(
    count: int, symbol: str = "BTC/USD", *, begins: int = BEGINS, timeframe: Timeframe = Timeframe.M1, seed: int = 1
) -> Bars:
    """A made market without holes, around the clock."""
    return walk_at(begins + np.arange(count) * timeframe.nanoseconds, symbol, timeframe=timeframe, seed=seed)


def walk_at(
    times: Sequence[int] | np.ndarray,  # type: ignore[type-arg]
    symbol: str = "BTC/USD",
    *,
    timeframe: Timeframe = Timeframe.M1,
    hours: TradingHours = TradingHours.CONTINUOUS,
    seed: int = 1,
) -> Bars:
    """A made market with bars that open at these times."""
    random = np.random.default_rng(seed)
    open_time = np.array(times, dtype=np.int64)
    close = 100 * np.exp(np.cumsum(random.normal(0, 2e-3, len(open_time))))
    opened = np.concatenate(([100.0], close[:-1]))[: len(open_time)]
    return Bars(
        symbol,
        timeframe,
        hours,
        open_time,
        open=opened,
        high=np.maximum(opened, close) * 1.0005,
        low=np.minimum(opened, close) * 0.9995,
        close=close,
        volume=random.exponential(10, len(open_time)) + 1.0,
        session=open_time // (1440 * MINUTE),
    )


def strategy(name: str = "momentum", **params: Any) -> Strategy[Any]:
    """An eager strategy: one that trades nothing proves nothing."""
    family = strategy_class(name)
    return family(family.params_model.model_validate({**STRATEGIES[name], **params}))


def terms_for(symbols: Sequence[str], **risk: Any) -> Terms:
    """An account whose sizes follow its equity, so that no error stays alone."""
    settings = {
        "max_position_size": 4_000,
        "max_total_exposure": 1e9,
        "max_daily_loss": 0.02,
        "max_drawdown": 1.0,
        "stop_loss": 0.004,
        "take_profit": 0.008,
        "risk_per_trade": 0.001,
        "trailing_stop": 0.003,
        "cooldown_bars": 3,
        "allow_short": True,
        **risk,
    }
    book = tuple(Instrument(symbol, STEP, STEP, STEP, Decimal(0)) for symbol in symbols)
    return Terms(10_000, RiskSettings(**settings), Costs(slippage_bps=1), book)


@dataclass
class Trader:
    """A session on a venue; `after` and `remains` where it goes on where another was cut off."""

    venue: MarketData
    clock: Clock
    series: Sequence[Bars]
    strategy: Strategy[Any]
    terms: Terms
    after: int | None = None
    remains: Remains | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        bars = self.series[0]
        symbols = tuple(each.symbol for each in self.series)
        self.feed = VenueFeed(
            self.venue, symbols, bars.timeframe, bars.hours, self.clock, after=self.after, **self.options
        )
        self.exchange = SimulatedExchange(self.terms.numbers(), symbols)
        self.journal = MemoryJournal()
        desk = Desk(symbols, bars.timeframe, bars.hours, self.strategy, self.terms, is_forgiving=True)
        self.session = Session(desk, Ports(self.feed, self.exchange, self.clock, self.journal))
        if self.remains is not None:
            self.exchange.resume(self.remains)
            self.session.resume(self.remains)
        self.kept = Keeping()

    async def run(self, cycles: int | None = None, *, settle: bool = False) -> None:
        await self.session.run(cycles, self.kept, settle=settle)

    @property
    def warnings(self) -> list[str]:
        """What was told between cycles."""
        return [str(event.details["message"]) for event in self.kept.events]


async def started(clock: ReplayClock, begins: int) -> None:
    """It is shortly after this time (ns)."""
    await clock.reach(from_nanoseconds(begins) + SETTLING)


async def idle() -> None:
    """Nobody looks up."""


async def collected(feed: VenueFeed, clock: Clock, until: int) -> list[Moment]:
    """What a feed tells up to the first pass that ends at or after a time (ns)."""
    told = []
    stream = feed.moments(idle)
    async for moment in stream:
        told.append(moment)
        if isinstance(moment, Settled) and to_nanoseconds(clock.now()) >= until:
            break
    await stream.aclose()  # type: ignore[attr-defined]
    return told


def told_by(
    series: Sequence[Bars], begins: int, until: int, prepare: Any = None, **options: Any
) -> tuple[list[Moment], RecordedVenue]:
    """What a feed tells of these markets from one time (ns) to another, and the venue it asked."""

    async def run() -> tuple[list[Moment], RecordedVenue]:
        clock = ReplayClock()
        most = options.pop("most", None)
        venue = RecordedVenue(series, clock, most=most)
        if prepare is not None:
            prepare(venue)
        await started(clock, begins)
        symbols = [bars.symbol for bars in series]
        feed = VenueFeed(venue, symbols, series[0].timeframe, series[0].hours, clock, **options)
        for symbol in symbols:
            await feed.history(symbol, 10)
        return await collected(feed, clock, until), venue

    return asyncio.run(run())
