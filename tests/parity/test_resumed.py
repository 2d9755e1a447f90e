"""A session that was cut off after any cycle goes on as if nothing had been, on any market and any terms."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backtest.markets import EXAMPLES, Case, Script, cases
from tests.parity.watching import Keeping
from trader_cli.app.journaling import Record
from trader_cli.app.rehearsal import Rehearsal
from trader_cli.domain.report import Fill, FundingPaid
from trader_cli.domain.state import Remains
from trader_cli.journal.memory import MemoryJournal
from trader_cli.journal.recovery import Told

if TYPE_CHECKING:
    from trader_cli.domain.record import CycleRecord

NOTHING = Told((), (), (), (), 0, (), (), ())


class Released:
    """A kill switch that nobody throws."""

    def order(self) -> None:
        return None

    def resumed(self) -> str:
        return ""


def session_of(case: Case, remains: Remains | None = None) -> Rehearsal:
    """A session over a case, or the one that goes on where another left these remains."""
    record = Record("made", MemoryJournal(), Released(), remains, lambda _: NOTHING)
    return Rehearsal(case.markets, Script(warmup=case.warmup), case.terms, start=case.start, record=record)


def run(rehearsal: Rehearsal, cycles: int | None = None) -> list[CycleRecord]:
    kept = Keeping()
    asyncio.run(rehearsal.run(cycles, kept))
    return kept.records


@given(cases(), st.floats(0, 1, exclude_max=True))
@settings(max_examples=EXAMPLES)
def test_a_session_that_was_cut_off_goes_on_as_if_nothing_had_been(case: Case, where: float) -> None:
    """Every record of every cycle to the last bit: fills, trades, refusals, halts, decisions, state and events."""
    undisturbed = session_of(case)
    expected = run(undisturbed)
    if not expected:
        return
    first = session_of(case)
    told = run(first, 1 + int(where * len(expected)))
    booked = tuple(each for record in told for each in record.reports if isinstance(each, Fill | FundingPaid))
    second = session_of(case, Remains(told[-1].state, booked, first.session.books.outstanding.all()))
    told += run(second)
    assert [repr(record) for record in told] == [repr(record) for record in expected]  # so that NaN is NaN
    assert second.session.books.outstanding.all() == undisturbed.session.books.outstanding.all()
    assert second.session.books.ledger.positions == undisturbed.session.books.ledger.positions
