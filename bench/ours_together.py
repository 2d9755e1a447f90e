"""W3 in trader: the strategy's signals over each of many series, then the compiled kernel over them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import rules
from bench.ours import GRID, NUMBERS, STRATEGY, as_bars, trade_list
from bench.worker import serve
from trader_cli.backtest.kernel import simulate
from trader_cli.domain.market import Market

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench import trades
    from bench.data import Columns
    from trader_cli.backtest.kernel import Outcome

TOGETHER = NUMBERS._replace(max_concurrent_positions=rules.POSITIONS, max_total_exposure=rules.EXPOSURE)


def prepare(columns: Columns, first: int) -> Callable[[], Outcome]:
    """The work to be timed."""
    parts = [columns.part(number, rules.SYMBOLS) for number in range(rules.SYMBOLS)]
    markets = [Market(as_bars(part, f"W3-{number:02}USDT")) for number, part in enumerate(parts)]
    grids = [GRID] * len(markets)

    def work() -> Outcome:
        signals = [STRATEGY.signals(market.bars) for market in markets]
        return simulate(markets, signals, TOGETHER, grids, warmup=first)

    return work


def trade_list_together(outcome: Outcome) -> trades.Trades:
    """The kernel's trades, bars counted through all symbols."""
    return trade_list(outcome, len(outcome.times))


if __name__ == "__main__":
    serve(prepare, trade_list_together)
