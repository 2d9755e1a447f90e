"""The compiled loop over the grid times of one account: `steps` in their order, over history.

Imported only where a backtest runs, since it brings numba along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trader_cli.rules import codes
from trader_cli.rules.compiled import compiled, make_rules_compilable

make_rules_compilable()

from trader_cli.backtest import steps  # noqa: E402 - its functions are compiled with the rules they call
from trader_cli.backtest.book import Book, opened  # noqa: E402
from trader_cli.backtest.columns import Past, flattened  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.domain.bars import Floats, Ints
    from trader_cli.domain.market import Market
    from trader_cli.domain.signal import Signals
    from trader_cli.rules.numbers import Grid, Numbers


class Outcome(NamedTuple):
    """What the kernel hands back; a symbol is its number in the list, a row one of its own bars.

    Shape: `trades` (trades, 10): symbol, side, entry row, exit row, quantity, entry price, exit price, fees, funding,
    exit code, in the order of the exits; `times`, `sessions` and `equity` (at the close) one entry a judged grid time;
    `halts` (halts, 2): index into `times`, code; `refusals` one count a code; `positions` (open positions, 7): symbol,
    side, entry row, quantity, entry price, fees and funding paid, in list order; `pending` (orders, 5): symbol, side
    of the position, quantity, exit code (0: an entry), row decided at; exits in list order, then entries in the order
    of their decision. Units: `exposure_sum` is the sum over `times` of gross notional / equity.
    """

    trades: Floats
    times: Ints
    sessions: Ints
    equity: Floats
    halts: Ints
    refusals: Ints
    positions: Floats
    pending: Floats
    exposure_sum: float
    ambiguous_bars: int


def simulate(
    markets: Sequence[Market],
    signals: Sequence[Signals],
    numbers: Numbers,
    grids: Sequence[Grid],
    *,
    start: int | None = None,
    warmup: int = 0,
) -> Outcome:
    """Trades the symbols of one account on what their signals wish.

    `start` (ns since 1970 UTC) is the first grid time that is judged and may decide; a symbol decides from its row
    `warmup` on.
    """
    past = flattened(markets, signals, grids, start)
    book = opened(past, numbers.starting_balance)
    _driven(past, book, numbers, warmup)
    now = book.state[0]
    return Outcome(
        trades=book.trades[: now["traded"]].copy(),
        times=past.times,
        sessions=past.sessions,
        equity=book.equity,
        halts=book.halts[: now["halted"]].copy(),
        refusals=book.refusals,
        positions=_positions(book),
        pending=_pending(book),
        exposure_sum=float(now["exposure_sum"]),
        ambiguous_bars=int(now["ambiguous_bars"]),
    )


@compiled
def _driven(past: Past, book: Book, numbers: Numbers, warmup: int) -> None:
    """Writes into `book` what becomes of an account over all judged times."""
    now = book.state[0]
    for step in range(len(past.times)):
        steps.advance(past, book, now, step)
        steps.open_day(past, now, step)
        if len(past.funding_due) > 0:
            steps.pay_funding(past, book, now)
        steps.leave_positions(past, book, now, numbers, True)
        steps.fill_entries(past, book, now, numbers)
        steps.leave_positions(past, book, now, numbers, False)
        steps.mark(past, book, now, numbers)
        book.equity[step] = now["equity"]
        steps.check_limits(book, now, numbers, step)
        steps.order_exits(past, book, now, numbers, warmup)
        steps.order_entries(past, book, now, numbers, warmup)


def _positions(book: Book) -> Floats:
    """What is held at the end."""
    fields = ("side", "entry_row", "quantity", "entry_price", "fees", "funding")
    held = book.held[: book.state[0]["held"]]
    rows = [[symbol, *(book.positions[symbol][field] for field in fields)] for symbol in held]
    return np.array(rows, dtype=np.float64).reshape(-1, 7)


def _pending(book: Book) -> Floats:
    """The orders that no bar has come to fill."""
    now, rows = book.state[0], []
    for symbol in book.held[: now["held"]]:
        position = book.positions[symbol]
        if position["ordered"] != codes.STAY:
            rows.append((symbol, position["side"], position["quantity"], position["ordered"], book.last_row[symbol]))
    for symbol in book.queue[: now["queued"]]:
        order = book.orders[symbol]
        rows.append((symbol, order["side"], order["quantity"], 0, book.last_row[symbol]))
    return np.array(rows, dtype=np.float64).reshape(-1, 5)
