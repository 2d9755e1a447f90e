"""The composition root of a trading session: a variant and where its bars come from, to a session that runs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Protocol

from trader_cli.app.judging import start_of, too_short
from trader_cli.app.markets import Loaded, Span, load_markets, terms_of
from trader_cli.domain.event import Event, EventKind
from trader_cli.domain.plain import plain
from trader_cli.errors import TraderError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from trader_cli.app.rehearsal import Record
    from trader_cli.backtest.result import Result
    from trader_cli.domain.record import CycleRecord
    from trader_cli.domain.timeframe import Timeframe
    from trader_cli.engine.view import Title, View
    from trader_cli.variant.model import Variant


class Disagreement(TraderError):  # noqa: N818 - it names what was found
    """A replay and a backtest of the same bars made different trades. That must never be: it is a bug."""

    code = "disagreement"


class Onlooker(Protocol):
    """Who watches a session: a log, a script, a dashboard."""

    def tell(self, event: Event) -> None:
        """Hears every event, in the order of happening."""
        ...

    def look(self, view: View, now: datetime) -> None:
        """May look at the session after each cycle."""
        ...


class Nobody:
    """Watches nothing."""

    def tell(self, event: Event) -> None:
        """Hears nothing."""

    def look(self, view: View, now: datetime) -> None:
        """Sees nothing."""


@dataclass(frozen=True, slots=True)
class Past:
    """The market data a replay tells: the span of it that is traded, and finer bars that decide ambiguous ones.

    `speed` is how many times faster than the market it goes; None: as fast as it can.
    """

    source: Path
    span: Span
    detail: Timeframe | None = None
    speed: float | None = None


def loaded_for(variant: Variant, past: Past, announce: Callable[[str], None]) -> Loaded:
    """The market data of a replay; `announce` is told what is being read.

    Raises: UsageError, ConfigError, DataError.
    """
    return load_markets(variant, past.source, past.span, detail=past.detail, announce=announce)


class Replay:
    """A variant traded over history, whatever its mode."""

    def __init__(self, variant: Variant, past: Past, loaded: Loaded, record: Record | None = None) -> None:
        """On market data that was read; `record` is where it is journaled, and what of it is there already."""
        from trader_cli.app.rehearsal import Rehearsal

        self._variant, self._past = variant, past
        self._rehearsal = Rehearsal(
            loaded.markets,
            variant.strategy(),
            terms_of(variant, variant.symbols),
            start=start_of(past.span),
            speed=past.speed,
            record=record,
        )
        warmup = self._rehearsal.result().warmup_bars
        self._warnings = (*loaded.warnings, *too_short(loaded.markets, warmup))

    async def run(self, onlooker: Onlooker, cycles: int | None = None) -> Result:
        """Trades until the history ends, or for so many cycles. Stopped early, it tells the end of what there was."""
        from trader_cli.engine.view import View

        rehearsal = self._rehearsal
        feed, clock = rehearsal.feed, rehearsal.clock
        total = rehearsal.session.cycle + (len(feed) if cycles is None else min(cycles, len(feed)))
        view = View(self._title(), rehearsal.session, total, self._warnings)

        def observe(record: CycleRecord) -> None:
            view.watch(record)
            for event in record.events:
                onlooker.tell(event)
            onlooker.look(view, clock.now())

        for warning in self._warnings:
            onlooker.tell(Event(EventKind.WARNING, feed.begins, {"message": warning}))
        try:
            await rehearsal.run(cycles, observe, onlooker.tell)
        finally:  # also where it was stopped
            result = self.result()
            onlooker.tell(_end(result, clock.now()))
        return result

    def result(self) -> Result:
        """What has come of it so far."""
        return self._rehearsal.result().saying(*self._warnings)

    @property
    def was_halted(self) -> bool:
        """Whether the kill switch was in force at any time: a backtest knows of none."""
        return self._rehearsal.session.was_halted

    @property
    def is_halted(self) -> bool:
        """Whether the kill switch is in force."""
        return self._rehearsal.session.halt_order is not None

    def verify(self) -> int:
        """Backtests the bars that were told; how many trades both have made.

        Raises: Disagreement where they are not the same trades, field by field (law P1).
        """
        slow, fast = self._rehearsal.result().trades, self._rehearsal.backtested().trades
        for number, (one, other) in enumerate(zip_longest(slow, fast), start=1):
            if one != other:
                raise Disagreement(f"trade {number} is {one} in the replay, {other} in the backtest (a bug)")
        return len(slow)

    def _title(self) -> Title:
        from trader_cli.engine.view import Title

        cell = self._variant.variants
        told = f"replay of {self._past.source}"
        return Title(self._variant.name, cell.broker, cell.strategy, str(cell.mode), str(cell.asset_class), told)


def _end(result: Result, now: datetime) -> Event:
    details = {
        "cycles": result.period.bars,
        "trades": [plain(trade) for trade in result.trades],
        "metrics": plain(result.metrics),
    }
    return Event(EventKind.END, now, details)
