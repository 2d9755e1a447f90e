"""A variant traded with simulated money on its venue's own bars: the composition root of a paper session."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from trader_cli.app.judging import result_of
from trader_cli.app.markets import assumptions, terms_of
from trader_cli.app.onlooking import Watched, end_of
from trader_cli.domain.event import Event, EventKind
from trader_cli.engine.desk import Desk, Ports
from trader_cli.engine.session import Session
from trader_cli.errors import ConfigError, DataError, ExitCode, Unavailable, UsageError
from trader_cli.feeds.contracts import Contracts
from trader_cli.feeds.stocked import Stock
from trader_cli.feeds.venue import VenueFeed
from trader_cli.journal.memory import MemoryJournal
from trader_cli.simulation.exchange import SimulatedExchange

if TYPE_CHECKING:
    from collections.abc import Callable

    from trader_cli.app.journaling import Record
    from trader_cli.app.onlooking import Onlooker
    from trader_cli.backtest.result import Result
    from trader_cli.domain.bars import Bars
    from trader_cli.domain.instrument import Instrument
    from trader_cli.domain.state import Remains
    from trader_cli.engine.governor import Governor
    from trader_cli.engine.view import Title, View
    from trader_cli.feeds.sharing import SharedMarket
    from trader_cli.ports import Clock
    from trader_cli.variant.model import Variant


class Paper:
    """One variant's simulated account on its venue, going on where its book ends."""

    def __init__(
        self,
        variant: Variant,
        market: SharedMarket,
        clock: Clock,
        record: Record,
        governor: Governor | None = None,
        instruments: tuple[Instrument, ...] | None = None,
    ) -> None:
        self.name = variant.name
        self._variant, self._record, self._clock, self._market = variant, record, clock, market
        symbols, remains = variant.symbols, record.remains
        _demand_symbols(variant, remains)
        terms = terms_of(variant, symbols, instruments)
        self._warnings = assumptions(terms)
        exchange = SimulatedExchange(terms.numbers(), symbols)
        after = None if remains is None else remains.state.open_time
        poll = variant.session.poll_seconds
        strategy, timeframe, hours = variant.strategy(), variant.timeframe, variant.hours
        stock = Stock(strategy.warmup(timeframe, hours), partial(kept_bars, variant))
        contracts = Contracts(market, variant.costs.funding_rate) if terms.is_margined else None
        feed = VenueFeed(
            market,
            symbols,
            timeframe,
            hours,
            clock,
            after=after,
            poll_seconds=poll,
            past=stock,
            contracts=contracts,
        )
        desk = Desk(symbols, timeframe, hours, strategy, terms, record.book, is_forgiving=True)
        self.session = Session(desk, Ports(feed, exchange, clock, record.journal, record.switch, governor))
        if remains is not None:
            exchange.resume(remains)
            self.session.resume(remains)
        self._before, self._opening = self.session.books.cycle, self.session.books.equity
        self._is_once = False

    async def run(self, onlooker: Onlooker, cycles: int | None = None, *, once: bool = False) -> Result:
        """Trades for so many cycles, or until it is stopped; `once`: what has closed by now, and not a bar twice.

        However it ends, it tells the end of what it has done. Raises: Unavailable, DataError where nothing can be had.
        """
        from trader_cli.engine.view import View

        self._is_once = once
        await self._market.open()
        view = View(self._title(), self.session, None, self._warnings)
        witness = _Alive(view, onlooker, self._clock, self._record.beat)
        for warning in self._warnings:
            onlooker.tell(Event(EventKind.WARNING, self._clock.now(), {"message": warning}))
        try:
            await self.session.run(cycles, witness, settle=once)
        finally:
            result = self.result()
            onlooker.tell(end_of(result, self._clock.now()))
        if once and self.session.books.cycle == self._before and witness.troubled >= set(self.session.desk.symbols):
            raise Unavailable(f"no bar of {', '.join(self.session.desk.symbols)} could be had")
        return result

    @property
    def exit_code(self) -> ExitCode:
        """What the session is to end with: whether a limit or a kill switch holds."""
        session = self.session
        is_halted = session.halt_order is not None or session.books.losses.drawn_down
        return ExitCode.HALTED if is_halted or (self._is_once and session.books.losses.day_lost) else ExitCode.OK

    @property
    def goes_on(self) -> str | None:
        """An account on a venue always does: not worth a word."""
        return None

    def verify(self) -> int | None:
        """Raises: UsageError, as there is no file to backtest."""
        raise UsageError("--verify compares a replay with a backtest: it needs --replay")

    def result(self) -> Result:
        """What this session has done, not those before it."""
        told = MemoryJournal()
        told.resume(self._record.told(self._before))
        return result_of(self.session, told, self._opening).saying(*self._warnings)

    def _title(self) -> Title:
        from trader_cli.engine.view import Title

        cell = self._variant.variants
        return Title(self.name, cell.broker, cell.strategy, str(cell.mode), str(cell.asset_class), cell.broker)


def kept_bars(variant: Variant, symbol: str) -> Bars | None:
    """What the data folder has of a symbol of a variant's venue; None where nothing, or nothing sound."""
    from trader_cli.data.catalog import venue_folder
    from trader_cli.data.reading import load_bars
    from trader_cli.settings import data_dir

    cell, is_test = variant.variants, variant.broker_config.test_mode
    folder = data_dir() / venue_folder(cell.broker, cell.asset_class, is_test=is_test)
    if not folder.is_dir():
        return None
    try:
        return load_bars(folder, symbol, variant.timeframe, variant.hours).bars
    except DataError:
        return None


class _Alive(Watched):
    """Shows the session, gives signs of life while it waits, and keeps in mind which symbols were in trouble."""

    def __init__(self, view: View, onlooker: Onlooker, clock: Clock, beat: Callable[[], None]) -> None:
        super().__init__(view, onlooker, clock)
        self._beat = beat
        self.troubled: set[str] = set()

    def event(self, event: Event) -> None:
        """Something happened between two cycles."""
        self._onlooker.tell(event)
        if event.kind is EventKind.WARNING and "symbol" in event.details:
            self.troubled.add(event.details["symbol"])

    def idle(self) -> None:
        """The session waits."""
        super().idle()
        self._beat()


def _demand_symbols(variant: Variant, remains: Remains | None) -> None:
    """That everything the account holds or has ordered is still traded. Raises: ConfigError."""
    if remains is None:
        return
    bound = [*remains.state.best_prices, *(order.symbol for order in remains.pending)]
    lost = sorted({symbol for symbol in bound if symbol not in variant.symbols})
    if lost:
        raise ConfigError(
            f"the account still holds {', '.join(lost)}: trade it until it is closed, or begin --anew",
            key=f"trading_symbols.{variant.variants.asset_class}",
        )
