"""The kernel for sweeps makes the trades and the figures of the plain one, to the last bit, on any market and terms."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backtest.markets import EXAMPLES, FIRST_STEP, STEP, Case, Script, accounts, cases, market_of, pick
from tests.strategies.cases import every_strategy, label
from trader_cli.backtest import bits, conditions
from trader_cli.backtest.conditions import Table
from trader_cli.backtest.field import SHARED, Batch, Field
from trader_cli.backtest.kernel import simulate
from trader_cli.backtest.reach import first_beyond, first_met, reach_of
from trader_cli.backtest.steps import LONG, SHORT
from trader_cli.backtest.sweep import NOTHING_KNOWN, Runs, swept, unknown
from trader_cli.backtest.track import laid_out
from trader_cli.conformance.markets import market as made_up
from trader_cli.domain.instrument import Instrument
from trader_cli.domain.market import Market
from trader_cli.domain.risk import Costs, RiskSettings, Sizing
from trader_cli.metrics.figures import figures, measure, plain
from trader_cli.metrics.performance import session_closes
from trader_cli.rules import account, codes
from trader_cli.rules.numbers import Numbers, numbers_of
from trader_cli.rules.terms import Terms
from trader_cli.strategies.macd import Macd, MacdParams
from trader_cli.strategies.rsi import Rsi, RsiParams

if TYPE_CHECKING:
    from typing import Any

    from trader_cli.backtest.kernel import Outcome
    from trader_cli.domain.bars import Floats
    from trader_cli.metrics.figures import Rows
    from trader_cli.strategies.base import Strategy

FOLLOWED = "sharpe", "sortino", "calmar", "max_drawdown", "exposure"
"""What hangs on the equity at each bar."""

BEGIN_LATER = 3, 11, 0, 5
"""By how many bars the runs before one begin later than it."""


@st.composite
def quiet_cases(draw: st.DrawFn) -> Case:
    """One symbol that moves little and rarely wishes anything: positions last for blocks of bars, and over days.

    Limits are as near as the moves are small; now and then a bar opens beyond its high or low, as some venues have it.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    bars, traits = int(rng.integers(1, 300)), rng.random(8)  # hypothesis would rather have few bars
    moves = rng.normal(0, pick((0.0005, 0.002, 0.01), traits[0]), bars)
    close = 100 * np.exp(np.cumsum(np.where(rng.random(bars) < 0.02, 20 * moves, moves)))
    opening = np.concatenate(([100.0], close[:-1])) * np.exp(
        np.where(rng.random(bars) < pick((0.03, 0.3), traits[7]), 5 * moves, 0.0)
    )
    wicks = np.abs(rng.normal(0, 0.001, (2, bars)))
    meant = close if traits[7] > 0.7 else opening
    high, low = np.maximum(meant, close) * (1 + wicks[0]), np.minimum(meant, close) * (1 - wicks[1])
    rows = list(zip(opening, high, low, close, strict=True))
    marks = [tuple(price * (1 + 0.01 * traits[1]) for price in row) for row in rows]
    rare = pick((0.02, 0.1, 0.3), traits[2])
    script = "".join(rng.choice(list("LSxXTtBb")) if rng.random() < rare else "." for _ in range(bars))
    market = market_of(
        rows,
        script,
        mark=marks if traits[3] < 0.3 else None,
        funding=np.where(rng.random(bars) < 0.05, rng.normal(0, 0.1, bars), 0.0).tolist() if traits[4] < 0.6 else None,
        at=[FIRST_STEP + bar for bar in range(bars)],
        timeframe=STEP,
        hours_per_day=pick((24, 16, 96), traits[5]),
    )
    start = None if traits[6] < 0.5 else int(market.bars.open_time[bars // 3])
    limits = {
        "max_position_size": draw(st.sampled_from([750.0, 1e9])),
        "max_daily_loss": draw(st.sampled_from([1.0, 0.0005, 0.002, 0.004, 0.01])),
        "max_drawdown": draw(st.sampled_from([1.0, 0.002, 0.01, 0.05])),
        "stop_loss": draw(st.sampled_from([0.003, 0.02, 0.5, 0.9])),
        "take_profit": draw(st.sampled_from([0.004, 0.05, 2.0, 9.0])),
        "trailing_stop": draw(st.sampled_from([0.0, 0.0, 0.0, 0.01])),
        "max_holding_bars": draw(st.sampled_from([0, 0, 0, 4, 40])),
    }
    terms = draw(accounts())
    terms = replace(terms, risk=terms.risk.model_copy(update=limits))
    return Case((market,), terms, start, draw(st.integers(0, 20)))


def plainly(case: Case, strategy: Strategy[Any]) -> Outcome:
    """What the plain kernel makes of a case."""
    signals = [strategy.signals(case.markets[0].bars)]
    numbers, grids = case.terms.numbers(), case.terms.grids()
    return simulate(case.markets, signals, numbers, grids, start=case.start, warmup=case.warmup)


def jumped(
    case: Case, strategy: Strategy[Any], *, follows_equity: bool, is_alone: bool
) -> tuple[Floats, Rows, Floats | None]:
    """What the kernel for sweeps makes of it: the trades, what became of it, the equity at each session's end.

    Where it is not alone, runs of its terms have gone before it, which begin later, and every second one buys where it
    sells: it is told what they have found.
    """
    (market,), (grid,) = case.markets, case.terms.grids()
    table, trades = Table(market.bars), np.empty((len(market.bars), 10))
    wish = table.wish(strategy)
    enter_long, enter_short, may_enter, close_long, close_short, threshold_long, threshold_short = wish
    mirrored = enter_short, enter_long, may_enter, close_short, close_long, threshold_short, threshold_long
    later = [0] if is_alone else [*BEGIN_LATER, 0]
    runs = Runs(
        np.array([mirrored if run % 2 else wish for run in range(len(later))], dtype=np.int32),
        case.warmup + np.array(later),
        np.zeros(len(later), np.int32),
        np.array([case.terms.numbers()], dtype=np.float64),
    )
    track = laid_out(market, grid, case.start)
    known = NOTHING_KNOWN if is_alone else unknown(track)
    tallies, closes = swept(track, table.words(), runs, grid, follows_equity=follows_equity, known=known, trades=trades)
    return trades[: tallies[-1]["trades"]], tallies[-1:], None if closes is None else closes[-1:]


def assert_the_same(case: Case, strategy: Strategy[Any]) -> None:
    """The plain kernel's trades, figures and halt, with and without the equity of each bar and runs before it."""
    told = plainly(case, strategy)
    profits = [account.profit(int(t[1]), t[4], t[5], t[6], t[7], t[8]) for t in told.trades]
    open_ = told.positions
    start = case.terms.numbers().starting_balance
    expected = measure(
        equity=told.equity,
        session=told.sessions,
        start=start,
        per_year=365,
        profits=np.array(profits, dtype=np.float64),
        fees=_sum([*told.trades[:, 7], *open_[:, 5]]),
        funding=_sum([*told.trades[:, 8], *open_[:, 6]]),
        exposure_sum=told.exposure_sum,
        ambiguous_bars=told.ambiguous_bars,
    )
    halted = [int(step) for step, code in told.halts if code == codes.MAX_DRAWDOWN]
    sessions = len(session_closes(told.equity, told.sessions))
    for follows_equity, is_alone in product((False, True), repeat=2):
        trades, tallies, closes = jumped(case, strategy, follows_equity=follows_equity, is_alone=is_alone)
        np.testing.assert_array_equal(trades, told.trades)
        assert tallies[0]["halted_at"] == (halted[0] if halted else -1)
        (row,) = figures(
            tallies, closes, start=np.array([start]), per_year=365, sessions=sessions, bars=len(told.times)
        )
        for name, value in plain(row).items():
            if follows_equity or name not in FOLLOWED:
                assert value == getattr(expected, name), name
            else:
                assert value is None, name


def _sum(amounts: list[float]) -> float:
    total = 0.0
    for amount in amounts:
        total += amount
    return total


@given(cases(max_bars=60, max_symbols=1))
@settings(max_examples=EXAMPLES)
def test_a_sweep_trades_like_the_plain_kernel_in_wild_markets(case: Case) -> None:
    assert_the_same(case, Script())


@given(quiet_cases())
@settings(max_examples=EXAMPLES)
def test_a_sweep_trades_like_the_plain_kernel_where_positions_last_for_days(case: Case) -> None:
    assert_the_same(case, Script())


def test_a_new_day_within_a_position_counts_its_loss_from_the_equity_it_opened_with() -> None:
    prices = [100.0, 100.0, *np.linspace(100.0, 110.0, 8), *np.linspace(109.9, 108.5, 10), *[108.5] * 4, *[120.0] * 16]
    market = market_of(
        [(price, price, price, price) for price in prices],
        "L" + "." * 19 + "xL" + "." * 18,
        at=[FIRST_STEP + bar for bar in range(len(prices))],
        timeframe=STEP,
        hours_per_day=48,  # the second day opens on 110: it loses 1.4 %, and the entry it wishes at its end is banned
    )
    risk = RiskSettings(
        sizing=Sizing.FIXED,
        max_position_size=9e3,
        max_total_exposure=9e3,
        take_profit=5.0,
        stop_loss=0.5,
        max_daily_loss=0.01,
        max_drawdown=1.0,
    )
    lots = Instrument("TEST", Decimal("0.01"), Decimal("1e-8"), Decimal(0), Decimal(0))
    case = Case((market,), Terms(10_000.0, risk, Costs(taker_fee=0.0, slippage_bps=0.0), (lots,)), None, 0)
    assert len(plainly(case, Script()).trades) == 1
    assert len(plainly(case, Script()).positions) == 0
    assert_the_same(case, Script())


@pytest.mark.parametrize("strategy", every_strategy(), ids=label)
@given(terms=accounts(), seed=st.integers(0, 99))
@settings(max_examples=10)
def test_a_sweep_trades_the_conditions_of_a_strategy_as_its_signals(
    strategy: Strategy[Any], terms: Terms, seed: int
) -> None:
    bars = made_up(seed=seed)
    assert_the_same(Case((Market(bars),), terms, None, strategy.warmup(bars.timeframe, bars.hours)), strategy)


def test_a_table_keeps_no_more_indicators_than_it_has_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    bars = made_up(seed=1)
    runs = [Macd(MacdParams(fast_period=fast, slow_period=20, signal_period=5)) for fast in range(2, 18)]
    plenty, scarce = Table(bars), Table(bars)
    wishes = [plenty.wish(run) for run in runs]
    monkeypatch.setattr(conditions, "MOST_BYTES", 0)
    assert [scarce.wish(run) for run in runs] == wishes
    np.testing.assert_array_equal(scarce.words(), plenty.words())
    assert scarce.size - scarce.words().nbytes <= (plenty.size - plenty.words().nbytes) / len(runs)


@st.composite
def several_terms(draw: st.DrawFn) -> list[Terms]:
    """Terms of which most let an account trade, with levels near and far."""
    one_of = st.sampled_from
    return [
        replace(
            each,
            starting_balance=10_000.0,
            risk=each.risk.model_copy(
                update={
                    "stop_loss": draw(one_of([0.01, 0.03, 0.1])),
                    "take_profit": draw(one_of([0.01, 0.05, 0.2])),
                    "trailing_stop": draw(one_of([0.0, 0.0, 0.05])),
                    "max_position_size": 750.0,
                    "max_holding_bars": 0,
                }
            ),
        )
        for each in draw(st.lists(accounts(), min_size=2, max_size=3))
    ]


@given(seed=st.integers(0, 99), terms=several_terms(), shares=st.booleans())
@settings(max_examples=20)
def test_runs_of_a_field_come_to_what_each_comes_to_alone(seed: int, terms: list[Terms], shares: bool) -> None:
    market = Market(made_up(seed=seed))
    given = [Rsi(RsiParams(period=5, oversold_level=20.0 + run, overbought_level=80.0 - run)) for run in range(SHARED)]
    taken = given if shares else given[: SHARED // 2]
    run = np.arange(len(taken) * len(terms))
    together = Field([market], None).judged(
        Batch(taken, terms, run // len(terms), run % len(terms)), follows_equity=True
    )
    nothing = np.zeros(1, np.int64)
    for number in run:
        own = Batch([taken[number // len(terms)]], [terms[number % len(terms)]], nothing, nothing)
        alone = Field([market], None).judged(own, follows_equity=True)
        assert together.tallies[number].tobytes() == alone.tallies[0].tobytes()
        assert together.figures[number].tobytes() == alone.figures[0].tobytes()


@given(st.lists(st.booleans(), min_size=1, max_size=300), st.data())
def test_the_next_bar_of_a_condition_is_found_wherever_it_is(met: list[bool], data: st.DataObject) -> None:
    other = data.draw(st.lists(st.booleans(), min_size=len(met), max_size=len(met)))
    needed = data.draw(st.lists(st.booleans(), min_size=len(met), max_size=len(met)))
    bar = data.draw(st.integers(0, len(met)))
    end = data.draw(st.integers(0, len(met)))
    table = np.stack([bits.packed(np.array(row)) for row in (met, other, needed)])
    wished = [place for place in range(bar, end) if (met[place] or other[place]) and needed[place]]
    with np.errstate(over="ignore"):  # as in machine code, where a product of words keeps its lower half without a word
        assert bits.next_of(table, 0, 1, 2, bar, end) == (wished[0] if wished else end)
    assert [bits.holds(table, 0, place) for place in range(len(met))] == met


@given(st.integers(1, 300), st.sets(st.integers(0, 299), max_size=4), st.sampled_from([LONG, SHORT]), st.data())
def test_the_first_bar_that_meets_a_level_is_found_wherever_it_is_and_whoever_has_looked_before(
    bars: int, meeting: set[int], side: int, data: st.DataObject
) -> None:
    opening, high, low = (np.full(bars, 100.0) for _ in range(3))
    losing, winning = (95.0, 105.0) if side == LONG else (105.0, 95.0)
    meeting = {bar for bar in meeting if bar < bars}
    for bar in meeting:
        column, price = data.draw(st.sampled_from([(opening, 95.0), (opening, 106.0), (high, 105.0), (low, 94.0)]))
        column[bar] = price
    reach, known = reach_of(opening, high, low), np.zeros(bars, dtype=np.int32)
    entries = data.draw(st.lists(st.integers(0, bars - 1), min_size=1, max_size=2))
    for entered_at in data.draw(st.lists(st.sampled_from(entries), min_size=1, max_size=6)):
        first = min([bar for bar in meeting if bar > entered_at], default=bars - 1)
        bar = data.draw(st.integers(entered_at, first))
        until = data.draw(st.integers(bar, bars))
        found = min([met for met in meeting if bar <= met < until], default=until)
        assert first_beyond(reach, side, losing, winning, bar, until) == found
        for notes in (known, known[:0]):
            assert first_met(reach, notes, side, losing, winning, entered_at, bar, until) == found


def test_settings_come_back_from_their_row_as_they_were() -> None:
    odd = Numbers(
        100.5,
        True,
        0.02,
        750.0,
        3000.0,
        8,
        False,
        True,
        3.0,
        0.005,
        0.05,
        0.03,
        0.01,
        0.04,
        0.2,
        7,
        9,
        1e-3,
        2e-3,
        1e-4,
    )
    for numbers in (odd, odd._replace(sizes_by_risk=False, allows_short=True, is_margined=False)):
        found = numbers_of([float(value) for value in numbers])
        assert found == numbers
