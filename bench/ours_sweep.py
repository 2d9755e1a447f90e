"""W2 in trader: what `trader backtest` does with a matrix on one market, on two threads."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from bench import ours, rules, sweep
from trader_cli.backtest.field import Batch, Field
from trader_cli.domain.instrument import Instrument
from trader_cli.domain.market import Market
from trader_cli.domain.risk import Costs, RiskSettings, Sizing
from trader_cli.rules.terms import Terms
from trader_cli.strategies.rsi import Rsi, RsiParams

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.data import Columns
    from bench.sweep import Statistics
    from trader_cli.backtest.field import Judged

THREADS, CHUNK = 2, 125
FOLLOWED = "dense"
"""As the last argument: the equity at each bar is followed too, to a Sharpe ratio and a drawdown of each run."""

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


def strategies(first: int) -> list[Sweep]:
    """The combinations, validated: what a sweep is given."""
    Sweep.first = first
    return [
        Sweep(
            RsiParams(
                period=period, oversold_level=low, overbought_level=high, upper_threshold=1.0, lower_threshold=0.0
            )
        )
        for period, low, high in rules.COMBINATIONS
    ]


def judged(columns: Columns, given: list[Sweep], *, follows_equity: bool) -> list[Judged]:
    """From the columns to the figures of each run, in chunks."""
    field = Field([Market(ours.as_bars(columns))], None)
    parts = [given[begin : begin + CHUNK] for begin in range(0, len(given), CHUNK)]

    def of(part: list[Sweep]) -> Judged:
        batch = Batch(part, [TERMS], np.arange(len(part)), np.zeros(len(part), np.int64))
        return field.judged(batch, follows_equity=follows_equity)

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(of, parts))


def statistics(columns: Columns, first: int, *, follows_equity: bool = False) -> Statistics:
    """What the runs have come to, in the bench's form."""
    found = judged(columns, strategies(first), follows_equity=follows_equity)
    tallies = np.concatenate([part.tallies for part in found])
    figures = np.concatenate([part.figures for part in found])
    rows = np.empty(len(tallies), sweep.DENSE if follows_equity else sweep.STATISTICS)
    for name in ("trades", "wins", "gross_profit", "fees", "final_equity"):
        rows[name] = tallies[name]
    rows["gross_loss"] = -tallies["gross_loss"]
    for name in ("max_drawdown", "sharpe") if follows_equity else ():
        rows[name] = figures[name]
    return rows


def prepare(columns: Columns, first: int, *, follows_equity: bool = False) -> Callable[[], object]:
    """The work to be timed."""
    given = strategies(first)
    return lambda: judged(columns, given, follows_equity=follows_equity)


if __name__ == "__main__":
    is_followed = sys.argv[-1] == FOLLOWED
    if is_followed:
        sys.argv.pop()
    sweep.serve(partial(prepare, follows_equity=is_followed), partial(statistics, follows_equity=is_followed))
