"""A session on a venue that was cut off goes on where it was; what it missed is booked, and not acted on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.feeds.trading import BEGINS, MINUTE, Trader, started, strategy, terms_for, walk
from tests.feeds.venue import RecordedVenue
from trader_cli.domain.clock import from_nanoseconds
from trader_cli.domain.event import EventKind
from trader_cli.domain.order import Purpose
from trader_cli.domain.report import Fill, FundingPaid
from trader_cli.domain.state import Remains
from trader_cli.feeds.replay import ReplayClock
from trader_cli.rules import exits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trader_cli.domain.bars import Bars
    from trader_cli.domain.record import CycleRecord
    from trader_cli.rules.terms import Terms

SERIES = [walk(400, "BTC/USD"), walk(400, "ETH/USD", seed=2), walk(400, "SOL/USD", seed=3)]
SYMBOLS = [bars.symbol for bars in SERIES]
NOW = BEGINS + 60 * MINUTE
CYCLES = 300
EAGER = strategy(threshold_buy=0.5, threshold_sell=-0.5)


def remains_of(records: Sequence[CycleRecord], trader: Trader) -> Remains:
    """What a session leaves to the next one."""
    booked = tuple(each for record in records for each in record.reports if isinstance(each, Fill | FundingPaid))
    return Remains(records[-1].state, booked, trader.session.books.outstanding.all())


def ordered(record: CycleRecord) -> list[Mapping[str, Any]]:
    """What was ordered in a cycle."""
    return [event.details for event in record.events if event.kind is EventKind.ORDER]


async def traded(
    cuts: Sequence[tuple[int, int]], cycles: int, terms: Terms, series: Sequence[Bars] = SERIES
) -> tuple[list[CycleRecord], Trader]:
    """All records of a session that is cut off after so many cycles for so many seconds, time and again."""
    clock = ReplayClock()
    venue = RecordedVenue(series, clock)
    await started(clock, NOW)
    trader = Trader(venue, clock, series, EAGER, terms)
    records: list[CycleRecord] = []
    for count, seconds in cuts:
        await trader.run(count)
        records += trader.kept.records
        await clock.reach(clock.now() + timedelta(seconds=seconds))
        remains = remains_of(records, trader)
        after = remains.state.open_time
        trader = Trader(venue, clock, series, EAGER, terms, after=after, remains=remains)
    await trader.run(cycles - len(records))
    return records + trader.kept.records, trader


def undisturbed(terms: Terms) -> tuple[list[CycleRecord], Trader]:
    return asyncio.run(traded([], CYCLES, terms))


@pytest.mark.parametrize("seed", range(4))
def test_a_session_that_is_restarted_goes_on_as_if_nothing_had_been(seed: int) -> None:
    """Every record to the last bit, with up to eight restarts, each within a bar."""
    random = np.random.default_rng(seed)
    terms = terms_for(SYMBOLS)
    expected, whole = undisturbed(terms)
    cuts = [(int(count), int(random.integers(0, 58))) for count in random.integers(1, 50, random.integers(2, 9))]
    found, last = asyncio.run(traded(cuts, CYCLES, terms))
    assert sum(len(record.trades) for record in expected) > 20
    assert [repr(record) for record in found] == [repr(record) for record in expected]
    assert last.session.books.ledger.positions == whole.session.books.ledger.positions
    assert last.session.books.outstanding.all() == whole.session.books.outstanding.all()
    assert last.warnings == []


@pytest.mark.parametrize("away", [3, 17, 45])
def test_f071_what_was_missed_is_booked_and_not_acted_on(away: int) -> None:
    """Stops that were met meanwhile are booked; nothing is entered but what was ordered before."""
    terms = terms_for(SYMBOLS, trailing_stop=0.0)
    left = 0
    for count in range(5, 125, 12):
        records, _ = asyncio.run(traded([(count, away * 60)], count + away, terms))
        before, missed, after = records[:count], records[count : count + away - 1], records[count + away - 1 :]
        assert [record.open_time for record in records] == [NOW + (place - 1) * MINUTE for place in range(len(records))]
        assert not any(ordered(record) or record.decisions for record in missed)
        assert after[0].decisions
        entered = [fill for record in missed for fill in record.reports if isinstance(fill, Fill)]
        allowed = {each["symbol"] for each in ordered(before[-1]) if each["purpose"] == str(Purpose.ENTRY)}
        assert {fill.symbol for fill in entered if fill.purpose is Purpose.ENTRY} <= allowed
        left += sum(exits.is_stop(fill.reason) for fill in entered if fill.purpose is Purpose.EXIT)
    assert left > 0


def test_f071_a_stop_that_was_met_meanwhile_is_left_at_the_bar_that_met_it() -> None:
    """A long at some 100 with its stop 0.4 % below; while nobody looks a bar falls by 2 %."""
    terms = terms_for(SYMBOLS[:1], trailing_stop=0.0, take_profit=0.5)
    for count in range(5, 200):
        records, trader = asyncio.run(traded([], count, terms, SERIES[:1]))
        if trader.session.books.ledger.positions:
            break
    (position,) = trader.session.books.ledger.positions.values()
    fall = records[-1].open_time + 5 * MINUTE
    row = int(SERIES[0].open_time.searchsorted(fall))
    price = np.full(len(SERIES[0]), position.entry_price)
    low = price.copy()
    low[row] = 0.98 * position.entry_price if position.side.sign > 0 else price[row]
    high = price.copy()
    high[row] = 1.02 * position.entry_price if position.side.sign < 0 else price[row]
    columns = {}
    for name, changed in (("open", price), ("high", high), ("low", low), ("close", price)):
        columns[name] = np.concatenate((getattr(SERIES[0], name)[: row - 4], changed[row - 4 :]))
    quiet = replace(SERIES[0], **columns)
    found, _ = asyncio.run(traded([(count, 20 * 60)], count + 20, terms, [quiet]))
    (trade,) = [trade for record in found[count:] for trade in record.trades][:1]
    assert trade.exit_time == from_nanoseconds(fall)
    assert trade.exit_price == pytest.approx(position.stop, rel=2e-4)


def test_a_run_once_after_another_within_a_bar_does_nothing() -> None:
    """`--once`, time and again: each bar is traded once, and a run that finds nothing new is over at once."""
    terms = terms_for(SYMBOLS)

    async def run() -> tuple[list[CycleRecord], list[int]]:
        clock = ReplayClock()
        venue = RecordedVenue(SERIES, clock)
        await started(clock, NOW)
        records: list[CycleRecord] = []
        counts, remains, after = [], None, None
        for _ in range(60):
            trader = Trader(venue, clock, SERIES, EAGER, terms, after=after, remains=remains)
            begun = clock.now()
            await trader.run(settle=True)
            assert clock.now() == begun
            assert trader.warnings == []
            records += trader.kept.records
            counts.append(len(trader.kept.records))
            remains = remains_of(records, trader)
            after = remains.state.open_time
            await clock.reach(clock.now() + timedelta(seconds=20))
        return records, counts

    records, counts = asyncio.run(run())
    assert counts == [1, 0, 0] * 20
    expected, _ = asyncio.run(traded([], 20, terms))
    assert [repr(record) for record in records] == [repr(record) for record in expected]
