"""From what a journal holds of a book to what people are shown: the snapshot and the row its session would show."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from trader_cli.app.journaling import REPLAY
from trader_cli.domain.clock import from_nanoseconds
from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.risk import Costs, RiskSettings
from trader_cli.domain.state import SessionState
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.engine import seeing
from trader_cli.engine.snapshot import Snapshot, Standing
from trader_cli.journal.looks import Story
from trader_cli.rules import account, fills
from trader_cli.rules.terms import Terms
from trader_cli.variant.sections import trading_hours

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from trader_cli.domain.halt import HaltOrder
    from trader_cli.domain.report import Fill
    from trader_cli.engine.snapshot import Driver, Gauge, HeldPosition
    from trader_cli.journal.drivers import BookName
    from trader_cli.journal.looks import Brief
    from trader_cli.rules.numbers import Numbers


@dataclass(frozen=True, slots=True)
class Plan:
    """What a book's configuration says, as far as a picture needs it."""

    broker: str
    strategy: str
    mode: str
    asset_class: str
    timeframe: Timeframe
    hours: TradingHours
    symbols: tuple[str, ...]
    numbers: Numbers

    @property
    def untouched(self) -> SessionState:
        """The account before its first cycle."""
        balance = self.numbers.starting_balance
        return SessionState(0, 0, balance, -1, balance, balance, day_lost=False, drawn_down=False)


@dataclass(frozen=True, slots=True)
class Book:
    """A book as one look found it: its name, what the journal holds, who drives it, and its kill switch."""

    name: BookName
    plan: Plan
    brief: Brief
    driver: Driver
    order: HaltOrder | None

    @property
    def state(self) -> SessionState:
        """Where its last cycle left it."""
        return self.brief.state or self.plan.untouched

    @property
    def data_time(self) -> datetime | None:
        """When its latest bar closed."""
        state, plan = self.brief.state, self.plan
        return None if state is None else from_nanoseconds(_close(state.open_time, plan.timeframe, plan.hours))


@lru_cache(maxsize=1000)
def plan_of(document: str) -> Plan:
    """What a resolved variant says. Raises: ValueError, KeyError, TypeError where it is none of this program's."""
    told = json.loads(document)
    cell, session = told["variants"], told["session"]
    asset_class = AssetClass(cell["asset_class"])
    terms = Terms(
        starting_balance=float(session["starting_balance"]),
        risk=RiskSettings.model_validate(told["risk_settings"]),
        costs=Costs.model_validate(told["costs"]),
        instruments=(),
    )
    return Plan(
        broker=cell["broker"],
        strategy=cell["strategy"],
        mode=cell["mode"],
        asset_class=str(asset_class),
        timeframe=Timeframe(session["timeframe"]),
        hours=trading_hours(asset_class, extended=session["extended_hours"]),
        symbols=tuple(told["trading_symbols"][asset_class]),
        numbers=terms.numbers(),
    )


def snapshot(book: Book, story: Story | None, now: datetime) -> Snapshot:
    """The picture of a book; without a `story` of one that has kept no cycle yet.

    Its time is the wall's, of a replay that of the last close.
    """
    state, plan, name = book.state, book.plan, book.name
    story = story or Story.untold(plan.numbers.starting_balance)
    held = _held(book)
    replayed = name.account == REPLAY
    return Snapshot(
        variant=name.variant,
        broker=plan.broker,
        strategy=plan.strategy,
        mode=plan.mode,
        asset_class=plan.asset_class,
        timeframe=str(plan.timeframe),
        source="a replay" if replayed else plan.broker,
        cycle=state.cycle,
        cycles=None,
        time=(book.data_time if replayed else None) or now,
        cash=story.cash,
        equity=state.equity,
        starting_balance=plan.numbers.starting_balance,
        day_pnl=state.equity - state.day_opening,
        exposure=_gross(held),
        realized_pnl=story.realized_pnl,
        trade_count=story.trade_count,
        wins=story.wins,
        positions=held,
        pending=story.pending,
        signals=story.signals,
        refusals=story.refusals,
        trades=story.trades,
        gauges=_gauges(book, held),
        halts=(*story.halts, *seeing.thrown(book.order)),
        warnings=seeing.struck(state.struck),
        data_time=book.data_time,
        driver=book.driver,
    )


def standing(book: Book, called: str, now: datetime) -> Standing:
    """The same in one row, under the name by which the book is known among the others.

    A replay's latest bar is as old as its last sign of life: it was told then.
    """
    state, held, told_at = book.state, _held(book), book.data_time
    if told_at is not None and book.name.account == REPLAY and book.driver.silence is not None:
        told_at = now - timedelta(seconds=book.driver.silence)
    runs = book.driver.state == "running"
    return Standing(
        variant=called,
        state=seeing.state_of(book.order, state, is_holding=bool(held)) if runs else book.driver.state,
        held=tuple(f"{position.side} {position.symbol}" for position in held),
        equity=state.equity,
        day_pnl=state.equity - state.day_opening,
        gauges=_gauges(book, held),
        data_time=told_at,
        decision=book.brief.decision,
        decided_at=told_at,
    )


def _gauges(book: Book, held: tuple[HeldPosition, ...]) -> tuple[Gauge, ...]:
    state = book.state
    return seeing.gauges(book.plan.numbers, state, equity=state.equity, held=len(held), gross=_gross(held))


def _gross(held: Iterable[HeldPosition]) -> float:
    """The notional of all positions, summed in their order: the ledger's last digit."""
    total = 0.0
    for position in held:
        total += account.notional(position.quantity, position.mark)
    return total


def _held(book: Book) -> tuple[HeldPosition, ...]:
    """What is held, in the order of the symbols."""
    state = book.state
    opened = {entry.symbol: entry for entry in book.brief.entries if entry.symbol in state.marks}
    rank = {symbol: place for place, symbol in enumerate(book.plan.symbols)}
    ordered = sorted(opened.values(), key=lambda entry: rank.get(entry.symbol, len(rank)))
    return tuple(_position(entry, state, book.plan.numbers) for entry in ordered)


def _position(entry: Fill, state: SessionState, numbers: Numbers) -> HeldPosition:
    symbol = entry.symbol
    fixed = fills.protective_levels(numbers, entry.side.sign, entry.price)
    stop, target = state.levels.get(symbol, (fixed.stop, fixed.target))
    return seeing.held_position(
        symbol,
        entry.side,
        entry.quantity,
        (entry.time, entry.price),
        (stop, target),
        state.best_prices[symbol],
        trailing_stop=numbers.trailing_stop,
        mark=state.marks[symbol],
        bars_held=state.held_bars.get(symbol, 0),
    )


@lru_cache(maxsize=1000)
def _close(open_time: int, timeframe: Timeframe, hours: TradingHours) -> int:
    """When the bar that opened then has closed (ns)."""
    if hours is TradingHours.CONTINUOUS:
        return open_time + timeframe.nanoseconds
    import numpy as np

    from trader_cli.data.closing import closing_times

    return int(closing_times(np.array([open_time], dtype=np.int64), timeframe, hours)[0])
