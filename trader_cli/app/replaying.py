"""A variant traded over history: the composition root of a replay."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from trader_cli.app.judging import start_of, too_short
from trader_cli.app.markets import Loaded, Past, load_markets, terms_of
from trader_cli.app.onlooking import Watched, end_of
from trader_cli.domain.clock import from_nanoseconds, iso
from trader_cli.domain.event import Event, EventKind
from trader_cli.errors import ExitCode, TraderError

if TYPE_CHECKING:
    from collections.abc import Callable

    from trader_cli.app.journaling import Record
    from trader_cli.app.onlooking import Onlooker
    from trader_cli.backtest.result import Result
    from trader_cli.engine.governor import Governor
    from trader_cli.engine.view import Title
    from trader_cli.feeds.conductor import ConductedClock
    from trader_cli.variant.model import Variant


class Disagreement(TraderError):  # noqa: N818 - it names what was found
    """A replay and a backtest of the same bars made different trades. That must never be: it is a bug."""

    code = "disagreement"


def loaded_for(variant: Variant, past: Past, announce: Callable[[str], None]) -> Loaded:
    """The market data of a replay; `announce` is told what is being read.

    Raises: UsageError, ConfigError, DataError.
    """
    return load_markets(variant, past.source, past.span, detail=past.detail, announce=announce)


class Replay:
    """A variant traded over history, whatever its mode."""

    def __init__(
        self,
        variant: Variant,
        past: Past,
        loaded: Loaded,
        record: Record | None = None,
        *,
        seat: ConductedClock | None = None,
        governor: Governor | None = None,
    ) -> None:
        """On market data that was read; `record` is where it is journaled, and what of it is there already.

        With a `seat` it goes by a time that others share.
        """
        from trader_cli.app.rehearsal import Rehearsal
        from trader_cli.feeds.replay import ReplayClock

        self.name = variant.name
        self._variant, self._past = variant, past
        self._rehearsal = Rehearsal(
            loaded.markets,
            variant.strategy(),
            terms_of(variant, variant.symbols),
            start=start_of(past.span),
            clock=seat or ReplayClock(past.speed),
            record=record,
            governor=governor,
        )
        self._seat = seat
        self._is_governed = governor is not None
        self._goes_on = None
        if record is not None and record.remains is not None:
            state = record.remains.state
            self._goes_on = f"after {iso(from_nanoseconds(state.open_time))}, cycle {state.cycle:,}"
        warmup = self._rehearsal.result().warmup_bars
        self._warnings = (*loaded.warnings, *too_short(loaded.markets, warmup))

    async def run(self, onlooker: Onlooker, cycles: int | None = None, *, once: bool = False) -> Result:
        """Trades until the history ends, or for so many cycles; `once` is one. However it ends, it tells the end."""
        from trader_cli.engine.view import View

        rehearsal = self._rehearsal
        feed, clock = rehearsal.feed, rehearsal.clock
        cycles = 1 if once else cycles
        total = rehearsal.session.books.cycle + (len(feed) if cycles is None else min(cycles, len(feed)))
        view = View(self._title(), rehearsal.session, total, self._warnings)

        for warning in self._warnings:
            onlooker.tell(Event(EventKind.WARNING, feed.begins, {"message": warning}))
        try:
            await rehearsal.run(cycles, Watched(view, onlooker, clock))
        finally:  # also where it was stopped
            result = self.result()
            onlooker.tell(end_of(result, clock.now()))
            if self._seat is not None:
                self._seat.leave()
        return result

    def result(self) -> Result:
        """What has come of it so far."""
        return self._rehearsal.result().saying(*self._warnings)

    @property
    def goes_on(self) -> str | None:
        """After which bar it goes on, where one before it did not come to its end."""
        return self._goes_on

    @property
    def exit_code(self) -> ExitCode:
        """Whether the kill switch is in force; a replay's limits are told in its result."""
        return ExitCode.OK if self._rehearsal.session.halt_order is None else ExitCode.HALTED

    def verify(self) -> int | None:
        """Backtests the bars that were told; how many trades both have made.

        None where a kill switch or a governor was in force at any time: a backtest knows of neither.
        Raises: Disagreement where they are not the same trades, field by field (law P1).
        """
        if self._rehearsal.session.was_halted or self._is_governed:
            return None
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
