"""From variants to sessions: their accounts locked, their books opened, their bars found; all let go of in the end."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trader_cli.app.descriptors import allow_for
from trader_cli.app.journaling import (
    driven,
    opened_journal,
    paper_book,
    paper_glance,
    paper_record,
    replay_book,
    replay_glance,
    replay_record,
)
from trader_cli.domain.symbols import symbol_key
from trader_cli.errors import TraderError, UsageError
from trader_cli.variant.sections import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from trader_cli.app.fleet import Run
    from trader_cli.app.journaling import OpenJournal
    from trader_cli.app.markets import Past
    from trader_cli.app.venues import Venues
    from trader_cli.engine.governor import Governor
    from trader_cli.feeds.conductor import Conductor
    from trader_cli.variant.model import Variant


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be traded: variants on the past, or on their venues; from the beginning again where `anew`.

    With `is_plan` nothing is locked or kept, and what is kept is only looked at.
    """

    variants: Sequence[Variant]
    past: Past | None = None
    anew: bool = False
    governor: Governor | None = None
    is_plan: bool = False


class Crew:
    """The sessions that can be run, and what keeps the other variants from it."""

    def __init__(self, wanted: Wanted, venues: Venues, announce: Callable[[str], None]) -> None:
        self.runs: list[Run] = []
        self.failures: list[tuple[str, TraderError]] = []
        self._wanted, self._venues, self._announce = wanted, venues, announce

    def assemble(self, stack: ExitStack) -> None:
        """Makes every session that can be had. Raises: what went wrong, where none can."""
        wanted = self._wanted
        if not wanted.is_plan:
            allow_for(len(wanted.variants))
        ours = [variant for variant in wanted.variants if wanted.is_plan or self._locked(variant, stack)]
        self._demand_some(ours)
        journal = None if wanted.is_plan else stack.enter_context(opened_journal())
        conductor = _conductor(self._wanted.past, len(ours))
        for variant in ours:
            with self._apart(variant):
                self.runs.append(self._session(variant, journal, stack, conductor))
        self._demand_some(self.runs)

    def _locked(self, variant: Variant, stack: ExitStack) -> bool:
        """Whether an account is ours: looked at before anything else, so that a second process leaves at once."""
        before = len(self.failures)
        with self._apart(variant):
            book = paper_book(variant) if self._wanted.past is None else replay_book(variant)
            stack.enter_context(driven(book))
        return len(self.failures) == before

    def _session(
        self, variant: Variant, journal: OpenJournal | None, stack: ExitStack, conductor: Conductor | None
    ) -> Run:
        past, wanted = self._wanted.past, self._wanted
        if past is None:
            from trader_cli.app.paper import Paper

            market, time = self._venues.market(variant)
            self._announce(f"asking {variant.variants.broker} what it lists")
            instruments = self._venues.instruments(variant)
            if journal is None:
                record = paper_glance(variant, anew=wanted.anew)
            else:
                record = stack.enter_context(paper_record(journal, variant, anew=wanted.anew))
            return Paper(variant, market, time, record, wanted.governor, instruments)
        from trader_cli.app.replaying import Replay, loaded_for

        loaded = loaded_for(variant, past, self._announce)
        if journal is None:
            record = replay_glance(variant)
        else:
            record = stack.enter_context(replay_record(journal, variant, past, loaded, anew=wanted.anew))
        seat = None if conductor is None else conductor.clock()
        try:
            return Replay(variant, past, loaded, record, seat=seat, governor=wanted.governor)
        except TraderError:
            if seat is not None:
                seat.leave()
            raise

    @contextmanager
    def _apart(self, variant: Variant) -> Iterator[None]:
        """One variant's trouble leaves the others alone."""
        try:
            yield
        except TraderError as error:
            self.failures.append((variant.name, error))

    def _demand_some(self, found: Sequence[object]) -> None:
        if not found:
            raise self.failures[0][1]


@contextmanager
def assembled(wanted: Wanted, venues: Venues, announce: Callable[[str], None]) -> Iterator[Crew]:
    """Every session that can be had; `announce` is told what is being read.

    Raises: UsageError where an account would be traded twice; what went wrong, where no session can be had.
    """
    demand_apart(wanted.variants)
    crew = Crew(wanted, venues, announce)
    with ExitStack() as stack:
        crew.assemble(stack)
        yield crew


def demand_owners(variants: Sequence[Variant]) -> None:
    """That no symbol of a real account has two owners, each of whom would trade what the other holds.

    Raises: UsageError naming the symbol and both variants.
    """
    owners: dict[tuple[str, str], str] = {}
    for variant in variants:
        cell = variant.variants
        if cell.mode not in (Mode.LIVE, Mode.FUTURES):
            continue
        for symbol in variant.symbols:
            owner = owners.setdefault((cell.broker, symbol_key(symbol)), variant.name)
            if owner != variant.name:
                raise UsageError(f"'{owner}' and '{variant.name}' both trade {symbol} on {cell.broker}: one owner each")


def demand_apart(variants: Sequence[Variant]) -> None:
    """That no account would be traded twice. Raises: UsageError."""
    names = [variant.name for variant in variants]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"'{twice[0]}' is named twice: one account has one trader (trader_name tells variants apart)")


def _conductor(past: Past | None, count: int) -> Conductor | None:
    """Several replays go by one clock."""
    if past is None or count < 2:
        return None
    from trader_cli.feeds.conductor import Conductor

    return Conductor(past.speed)
