"""W2 in trader: what `trader backtest` does with a matrix on one market, on two threads."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from bench import ours, rules, sweep
from trader_cli.backtest.conditions import Table
from trader_cli.backtest.field import Batch, Field
from trader_cli.backtest.kernel import simulate
from trader_cli.backtest.sweep import Runs, swept
from trader_cli.backtest.track import laid_out
from trader_cli.domain.instrument import Instrument
from trader_cli.domain.market import Market
from trader_cli.domain.risk import Costs, RiskSettings, Sizing
from trader_cli.rules.terms import Terms
from trader_cli.strategies.macd import Macd, MacdParams
from trader_cli.strategies.rsi import Rsi, RsiParams

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from bench.data import Columns
    from bench.sweep import Statistics
    from trader_cli.backtest.field import Judged
    from trader_cli.domain.bars import Floats, Ints
    from trader_cli.strategies.base import Strategy

THREADS, CHUNK = 2, 125
"""Four chunks a thread, as `trader backtest` cuts them."""

TERMS = Terms(
    rules.START_CASH,
    RiskSettings(
        sizing=Sizing.FIXED,
        max_position_size=rules.NOTIONAL,
        max_total_exposure=rules.START_CASH,
        max_concurrent_positions=1,
        take_profit=rules.TAKE_PROFIT,
        stop_loss=rules.STOP_LOSS,
        max_daily_loss=1.0,
        max_drawdown=1.0,
    ),
    Costs(taker_fee=rules.FEE, maker_fee=rules.FEE, slippage_bps=0.0),
    (Instrument("W2USDT", Decimal("0.01"), Decimal("1e-8"), Decimal(0), Decimal(0)),),
)


class Sweep(Rsi):
    """RSI that decides from the bar on that every combination of W2 does."""

    first = 0

    def warmup(self, *_: object) -> int:
        return self.first


class SweepMacd(Macd):
    """MACD that does so, too."""

    first = 0

    def warmup(self, *_: object) -> int:
        return self.first


def combinations(first: int) -> Batch:
    """The runs of W2, validated: what a sweep is given."""
    given = [_rsi(first, *axes) for axes in rules.COMBINATIONS]
    return Batch(given, [TERMS], np.arange(len(given)), np.zeros(len(given), np.int64))


def levels(first: int) -> Batch:
    """The runs of its other axes."""
    given = [_rsi(first, period, rules.W1.oversold, rules.W1.overbought) for period in rules.PERIODS]
    return _each_with_each(
        given, [_terms(stop_loss=stop, take_profit=take) for stop, take in product(rules.STOPS, rules.TARGETS)]
    )


def macd(first: int) -> Batch:
    """The runs of another strategy."""
    SweepMacd.first = first
    given = [
        SweepMacd(MacdParams(fast_period=rules.FAST, slow_period=slow, signal_period=rules.SIGNAL, threshold=threshold))
        for slow, threshold in product(rules.SLOW, rules.THRESHOLDS)
    ]
    return _each_with_each(given, [_terms(take_profit=take) for take in rules.TARGETS])


def limits(first: int) -> Batch:
    """The runs of W2, their accounts with limits."""
    terms = _terms(max_daily_loss=rules.DAILY_LOSS, max_drawdown=rules.DRAWDOWN)
    return combinations(first)._replace(terms=[terms])


def _each_with_each(given: Sequence[Strategy[Any]], terms: Sequence[Terms]) -> Batch:
    run = np.arange(len(given) * len(terms))
    return Batch(given, terms, run // len(terms), run % len(terms))


def _terms(**changed: float) -> Terms:
    return replace(TERMS, risk=TERMS.risk.model_copy(update=changed))


def _rsi(first: int, period: int, low: float, high: float) -> Sweep:
    Sweep.first = first
    return Sweep(
        RsiParams(period=period, oversold_level=low, overbought_level=high, upper_threshold=1.0, lower_threshold=0.0)
    )


def judged(columns: Columns, given: Batch, *, follows_equity: bool) -> list[Judged]:
    """From the columns to the figures of each run, in chunks."""
    field = Field([Market(ours.as_bars(columns))], None)
    parts = [_part(given, np.arange(begin, begin + CHUNK)) for begin in range(0, len(given.of_terms), CHUNK)]
    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(partial(field.judged, follows_equity=follows_equity), parts))


def _part(given: Batch, runs: Ints) -> Batch:
    """Some runs, with no more than the strategies and terms that they need."""
    wanted, of_strategy = np.unique(given.of_strategy[runs], return_inverse=True)
    terms, of_terms = np.unique(given.of_terms[runs], return_inverse=True)
    return Batch([given.strategies[k] for k in wanted], [given.terms[k] for k in terms], of_strategy, of_terms)


def statistics(columns: Columns, given: Batch, *, follows_equity: bool = False) -> Statistics:
    """What the runs have come to, in the bench's form."""
    found = judged(columns, given, follows_equity=follows_equity)
    tallies = np.concatenate([part.tallies for part in found])
    figures = np.concatenate([part.figures for part in found])
    rows = np.empty(len(tallies), sweep.DENSE if follows_equity else sweep.STATISTICS)
    for name in ("trades", "wins", "gross_profit", "fees", "final_equity"):
        rows[name] = tallies[name]
    rows["gross_loss"] = -tallies["gross_loss"]
    for name in ("max_drawdown", "sharpe") if follows_equity else ():
        rows[name] = figures[name]
    return rows


def plain_trades(columns: Columns, given: Batch, run: int) -> tuple[Floats, Floats]:
    """The trades of one run, by the kernel for sweeps and by the plain one, as `kernel.Outcome` has them."""
    market, terms = Market(ours.as_bars(columns)), given.terms[given.of_terms[run]]
    strategy, (grid,) = given.strategies[given.of_strategy[run]], terms.grids()
    warmup = strategy.warmup(market.bars.timeframe, market.bars.hours)
    table, found = Table(market.bars), np.empty((len(market.bars), 10))
    runs = Runs(
        np.array([table.wish(strategy)], np.int32),
        np.array([warmup]),
        np.zeros(1, np.int32),
        np.array([terms.numbers()], np.float64),
    )
    (tally,), _ = swept(laid_out(market, grid, None), table.words(), runs, grid, trades=found)
    outcome = simulate([market], [strategy.signals(market.bars)], terms.numbers(), [grid], warmup=warmup)
    return found[: tally["trades"]], outcome.trades


FOLLOWED = "dense"
"""As the last argument: the equity at each bar is followed too, to a Sharpe ratio and a drawdown of each run."""
KINDS = {"levels": levels, "macd": macd, "limits": limits}
"""Or the runs are other ones."""

if __name__ == "__main__":
    mode = sys.argv.pop() if sys.argv[-1] in {FOLLOWED, *KINDS} else ""
    given_by, is_followed = KINDS.get(mode, combinations), mode == FOLLOWED

    def prepare(columns: Columns, first: int) -> Callable[[], object]:
        """The work to be timed."""
        return partial(judged, columns, given_by(first), follows_equity=is_followed)

    def rows(columns: Columns, first: int) -> Statistics:
        """What it finds."""
        return statistics(columns, given_by(first), follows_equity=is_followed)

    sweep.serve(prepare, rows)
