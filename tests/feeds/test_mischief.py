"""Whatever a venue does: what is told is true, in order, and nothing is left out without a word."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.feeds.trading import BEGINS, MINUTE, walk
from tests.feeds.venue import (
    RecordedVenue,
    between,
    duplicated,
    failing,
    from_the_future,
    frozen,
    late,
    missing,
    newest_first,
    off_the_grid,
    spoiled,
)
from trader_cli.domain.clock import from_nanoseconds, to_nanoseconds
from trader_cli.domain.cycle import Cycle, Notice, Settled, Trouble, bar_at
from trader_cli.feeds.venue import VenueFeed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tests.feeds.venue import Mischief
    from trader_cli.domain.cycle import Moment
    from trader_cli.ports import Meanwhile

SERIES = [walk(120, "BTC/USD"), walk(120, "ETH/USD", seed=2), walk(120, "SOL/USD", seed=3)]
FIRST, PASSES = 40, 30
NOW = BEGINS + FIRST * MINUTE
MINUTES = st.integers(FIRST - 3, FIRST + PASSES)
WRONG = (duplicated, newest_first, from_the_future, off_the_grid, failing())


class TrueTime:
    """What time it really is."""

    def __init__(self) -> None:
        self.time = from_nanoseconds(NOW)

    def now(self) -> datetime:
        return self.time

    async def reach(self, time: datetime, meanwhile: Meanwhile | None = None) -> None:
        self.time = max(self.time, time)


class Sleepy:
    """A machine that sleeps, its clock now and then behind: after each wait something of the script happens."""

    def __init__(self, true: TrueTime, script: Sequence[tuple[int, int]]) -> None:
        self._true, self._script = true, list(script)
        self._behind = timedelta(0)

    def now(self) -> datetime:
        return self._true.now() - self._behind

    async def reach(self, time: datetime, meanwhile: Meanwhile | None = None) -> None:
        slept, behind = self._script.pop(0) if self._script else (0, 0)
        self._true.time = max(self._true.time, time + self._behind) + timedelta(seconds=slept)
        self._behind = timedelta(seconds=behind)  # set back, or set right again


@st.composite
def mischiefs(draw: st.DrawFn, place: int) -> Mischief:
    """One thing that goes wrong with the symbol of a place."""
    minute, length = draw(MINUTES), draw(st.integers(1, 6))
    time, end = BEGINS + minute * MINUTE, BEGINS + (minute + length) * MINUTE
    kind = draw(st.sampled_from(("late", "missing", "frozen", "nan", "wrong")))
    if kind == "late":
        return late({time}, draw(st.integers(1, 200)) * 10**9)
    if kind == "missing":
        return missing({time, end})
    if kind == "frozen":
        return frozen(time, end)
    if kind == "nan":
        return between(time, end, spoiled(time - MINUTE, close=float("nan")))
    return between(time, end, draw(st.sampled_from(WRONG)))


SCRIPTS = st.tuples(*(st.lists(mischiefs(place), max_size=2) for place in range(len(SERIES))))
SLEEPS = st.lists(
    st.tuples(st.sampled_from([0, 0, 0, 0, 5, 61, 400]), st.sampled_from([0, 0, 0, 4, 70, 3700])), max_size=12
)


def told(
    script: Sequence[Sequence[Mischief]], sleeps: Sequence[tuple[int, int]], **options: Any
) -> tuple[list[tuple[Moment, int]], VenueFeed]:
    """All that a feed tells, each with the true time (ns) at which it was told."""

    async def run() -> tuple[list[tuple[Moment, int]], VenueFeed]:
        true = TrueTime()
        clock = Sleepy(true, sleeps)
        venue = RecordedVenue(SERIES, true, most=options.get("most"))
        symbols = [bars.symbol for bars in SERIES]
        for symbol, mischief in zip(symbols, script, strict=True):
            venue.mischief[symbol] = list(mischief)
        feed = VenueFeed(venue, symbols, SERIES[0].timeframe, SERIES[0].hours, clock)
        await asyncio.gather(*(feed.history(symbol, 5) for symbol in symbols), return_exceptions=True)
        found: list[tuple[Moment, int]] = []

        async def idle() -> None:
            pass

        stream = feed.moments(idle)
        async for moment in stream:
            found.append((moment, to_nanoseconds(true.now())))
            if isinstance(moment, Settled) and true.now() >= from_nanoseconds(NOW + PASSES * MINUTE):
                break
        await stream.aclose()  # type: ignore[attr-defined]
        return found, feed

    return asyncio.run(run())


@given(SCRIPTS, SLEEPS)
@settings(max_examples=60)
def test_f047_f049_f051_f052_f068_f070_what_is_told_is_true_and_in_order(
    script: tuple[list[Mischief], ...], sleeps: list[tuple[int, int]]
) -> None:
    found, _ = told(script, sleeps)
    cycles = [(moment, at) for moment, at in found if isinstance(moment, Cycle)]
    times = [cycle.open_time for cycle, _ in cycles]
    assert all(one < other for one, other in pairwise(times))
    recorded = {bars.symbol: {int(time): row for row, time in enumerate(bars.open_time)} for bars in SERIES}
    for cycle, at in cycles:
        assert cycle.open_time + MINUTE <= at
        assert cycle.bars
        assert cycle.is_late or cycle.open_time + 3 * MINUTE > at or sleeps
        for symbol, market in cycle.bars.items():
            bars = next(bars for bars in SERIES if bars.symbol == symbol)
            assert market.bar == bar_at(bars, recorded[symbol][cycle.open_time])


@given(SCRIPTS, st.lists(st.tuples(st.sampled_from([0, 0, 0, 61, 400]), st.just(0)), max_size=6))
@settings(max_examples=60)
def test_f048_f071_f095_no_bar_is_left_out_without_a_word(
    script: tuple[list[Mischief], ...], sleeps: list[tuple[int, int]]
) -> None:
    found, feed = told(script, sleeps)
    end = feed._told_to
    words = [
        (moment.symbol, at) if isinstance(moment, Trouble) else (moment.message.split(": ")[0], at)
        for moment, at in found
        if isinstance(moment, Trouble | Notice)
    ]
    for bars, mischief in zip(SERIES, script, strict=True):
        known = bars
        for each in mischief:  # what there will ever be: nothing was traded in what is missing at the end of time
            if each.__qualname__.startswith("missing"):
                known = each(known, 0)
        times = {moment.open_time for moment, _ in found if isinstance(moment, Cycle) and bars.symbol in moment.bars}
        owed = [time for time in known.open_time.tolist() if NOW - MINUTE <= time < end]
        for time in owed:  # but for the last bar: it may have had no trade yet
            after = [at for symbol, at in words if symbol == bars.symbol and at >= time + MINUTE]
            assert time in times or after, f"{bars.symbol} {(time - BEGINS) // MINUTE}"


@given(SCRIPTS, st.integers(2, 5))
@settings(max_examples=20)
def test_a_venue_with_a_small_limit_makes_no_difference_while_nothing_is_missed(
    script: tuple[list[Mischief], ...], most: int
) -> None:
    found, _ = told(script, [], most=most)
    times = [moment.open_time for moment, _ in found if isinstance(moment, Cycle)]
    assert times == sorted(set(times))


def test_without_mischief_everything_is_told_and_nothing_else() -> None:
    found, _ = told(((), (), ()), [])
    assert {type(moment) for moment, _ in found} == {Cycle, Settled}
    cycles = [moment for moment, _ in found if isinstance(moment, Cycle)]
    assert [len(cycle.bars) for cycle in cycles] == [3] * (PASSES + 1)
