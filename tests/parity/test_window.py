"""A session remembers of the past what its strategy declares as its window, and no more."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.backtest.markets import Script
from tests.parity.alike import assert_alike
from trader_cli.app.rehearsal import Rehearsal
from trader_cli.backtest.run import backtest
from trader_cli.conformance import market
from trader_cli.conformance.parity import accounts
from trader_cli.domain.cycle import Bar
from trader_cli.domain.market import Market
from trader_cli.engine.window import Window

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars
    from trader_cli.domain.signal import Signals
    from trader_cli.domain.timeframe import Timeframe, TradingHours

COLUMNS = "open_time", "open", "high", "low", "close", "volume", "session"


def bar(bars: Bars, row: int) -> Bar:
    return Bar(**{name: getattr(bars, name)[row].item() for name in COLUMNS})


def same(shown: Bars, expected: Bars) -> bool:
    return all(np.array_equal(getattr(shown, name), getattr(expected, name)) for name in COLUMNS)


def empty(bars: Bars, size: int) -> Window:
    return Window(bars.symbol, bars.timeframe, bars.hours, size)


@given(size=st.integers(1, 7), before=st.integers(0, 9), after=st.integers(0, 40))
def test_a_window_shows_the_tail_of_the_series_at_every_bar(size: int, before: int, after: int) -> None:
    bars = market(1, size=before + after)
    window = empty(bars, size)
    window.fill(bars.slice(0, before))
    for end in range(before, before + after + 1):
        assert same(window.bars(), bars.slice(max(0, end - size), end))
        assert window.seen == end
        if end < before + after:
            window.append(bar(bars, end))
    assert (window.bars().symbol, window.bars().timeframe, window.bars().hours) == ("TEST", bars.timeframe, bars.hours)


def test_a_window_takes_the_same_memory_however_many_bars_there_were() -> None:
    bars = market(2, size=10_000)
    window = empty(bars, 50)
    held = set()
    for row in range(len(bars)):
        window.append(bar(bars, row))
        shown = window.bars()
        held.add(sum(column.base.nbytes for name in COLUMNS if (column := getattr(shown, name)).base is not None))
    assert held == {len(COLUMNS) * 8 * 2 * 50}
    assert same(window.bars(), bars.slice(9_950, 10_000))


class Spy(Script):
    """Writes down what it is shown."""

    size = 5

    def __init__(self) -> None:
        super().__init__(warmup=2)
        self.shown: list[tuple[str, int, int]] = []

    def window(self, timeframe: Timeframe, hours: TradingHours) -> int:
        return self.size

    def signals(self, bars: Bars) -> Signals:
        self.shown.append((bars.symbol, len(bars), int(bars.open_time[-1]) if len(bars) else 0))
        return super().signals(bars)


def scripted(symbol: str, seed: int) -> Market:
    """A market whose volumes hold wishes, as `Script` reads them; every fifth bar or so is missing."""
    random = np.random.default_rng(seed)
    bars = replace(market(seed, size=200), symbol=symbol, volume=random.integers(0, 13, 200).astype(np.float64))
    kept = random.random(200) > 0.2
    return Market(replace(bars, **{name: getattr(bars, name)[kept] for name in COLUMNS}))


@pytest.mark.parametrize("first", [None, 0, 3, 100])
def test_a_session_shows_its_strategy_the_window_of_each_closed_bar_and_nothing_else(first: int | None) -> None:
    markets = [scripted("ONE", 3), scripted("TWO", 4)]
    start = None if first is None else int(markets[0].bars.open_time[first])
    account = accounts("ONE")["long only, fixed sizes"]
    terms = replace(account, instruments=tuple(replace(account.instruments[0], symbol=each.symbol) for each in markets))
    spy = Spy()
    rehearsal = Rehearsal(markets, spy, terms, start=start)
    asyncio.run(rehearsal.run())
    for each in markets:
        decided = [
            (min(row + 1, Spy.size), int(time))
            for row, time in enumerate(each.bars.open_time)
            if row >= 2 and (start is None or time >= start)
        ]
        assert [(length, time) for symbol, length, time in spy.shown if symbol == each.symbol] == decided
    fast = backtest(markets, Script(warmup=2), terms, start=start)
    assert len(fast.trades) > 5
    slow = rehearsal.result()
    assert_alike(replace(fast, window_bars=slow.window_bars), slow)
