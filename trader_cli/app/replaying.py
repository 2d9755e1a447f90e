"""A variant traded over history: the composition root of a replay."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from trader_cli.app.judging import start_of, too_short
from trader_cli.app.markets import Loaded, Span, load_markets, terms_of
from trader_cli.app.onlooking import Watched, end_of
from trader_cli.domain.event import Event, EventKind
from trader_cli.errors import TraderError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trader_cli.app.onlooking import Onlooker
    from trader_cli.app.rehearsal import Record
    from trader_cli.backtest.result import Result
    from trader_cli.domain.timeframe import Timeframe
    from trader_cli.engine.view import Title
    from trader_cli.variant.model import Variant


class Disagreement(TraderError):  # noqa: N818 - it names what was found
    """A replay and a backtest of the same bars made different trades. That must never be: it is a bug."""

    code = "disagreement"


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

        for warning in self._warnings:
            onlooker.tell(Event(EventKind.WARNING, feed.begins, {"message": warning}))
        try:
            await rehearsal.run(cycles, Watched(view, onlooker, clock))
        finally:  # also where it was stopped
            result = rehearsal.result().saying(*self._warnings)
            onlooker.tell(end_of(result, clock.now()))
        return result

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
