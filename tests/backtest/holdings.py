"""What an account held and when, read from an outcome of the kernel alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.backtest.markets import Case, Script
from trader_cli.backtest.kernel import Outcome, simulate
from trader_cli.rules import codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trader_cli.domain.signal import Signals


class Holding(NamedTuple):
    """A trade, or a position still held at the end (`left` None). Rows are those of the symbol's own series."""

    symbol: int
    side: int
    entered: int
    left: int | None
    quantity: float
    entry_price: float
    exit_price: float
    fees: float
    funding: float
    reason: int

    def has_left(self, case: Case, time: int) -> bool:
        """Whether it was closed by the close of the bar that opened at `time`."""
        return self.left is not None and bool(case.markets[self.symbol].bars.open_time[self.left] <= time)


def run(case: Case) -> tuple[list[Signals], Outcome]:
    signals = [Script().signals(market.bars) for market in case.markets]
    numbers, grids = case.terms.numbers(), case.terms.grids()
    return signals, simulate(case.markets, signals, numbers, grids, start=case.start, warmup=case.warmup)


def holdings(outcome: Outcome) -> list[Holding]:
    """In the order of the exits, then what is still held in list order."""
    closed = [
        Holding(int(symbol), int(side), int(entered), int(left), quantity, price, left_at, fees, funding, int(code))
        for symbol, side, entered, left, quantity, price, left_at, fees, funding, code in outcome.trades.tolist()
    ]
    held = [
        Holding(int(symbol), int(side), int(entered), None, quantity, price, 0.0, fees, funding, codes.STAY)
        for symbol, side, entered, quantity, price, fees, funding in outcome.positions.tolist()
    ]
    return closed + held


def moments(case: Case, outcome: Outcome) -> Iterator[tuple[int, dict[int, int], list[float]]]:
    """At each judged time: its place, the row of each symbol present, and the last close of every symbol."""
    rows = [{time: row for row, time in enumerate(market.bars.open_time.tolist())} for market in case.markets]
    closes = [0.0] * len(rows)
    for place, time in enumerate(outcome.times.tolist()):
        present = {symbol: of_symbol[time] for symbol, of_symbol in enumerate(rows) if time in of_symbol}
        for symbol, row in present.items():
            closes[symbol] = float(case.markets[symbol].bars.close[row])
        yield place, present, closes


def decision(case: Case, signals: list[Signals], one: Holding) -> tuple[int, float, int]:
    """When an entry was decided, as it sorts: at the symbol's bar before; the surer first; in list order."""
    row = one.entered - 1
    time = int(case.markets[one.symbol].bars.open_time[row])
    return time, -float(signals[one.symbol].confidence[row]), one.symbol
