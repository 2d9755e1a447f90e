"""The compiled loop over the grid times of one account: `steps` in their order, over history.

Imported only where a backtest runs, since it brings numba along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trader_cli.backtest import steps
from trader_cli.backtest.book import AMBIGUOUS, HALTS, TRADES, opened
from trader_cli.backtest.columns import flattened
from trader_cli.rules import account, codes, limits
from trader_cli.rules.compiled import compiled, make_rules_compilable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.backtest.book import Book
    from trader_cli.backtest.columns import Past
    from trader_cli.domain.bars import Floats, Ints
    from trader_cli.domain.market import Market
    from trader_cli.domain.signal import Signals
    from trader_cli.rules.numbers import Grid, Numbers

make_rules_compilable()


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
    past = flattened(markets, signals, grids, start, warmup)
    book = opened(past)
    held, queued, exposure_sum = _driven(past, book, numbers)
    return Outcome(
        trades=book.trades[: book.counts[TRADES]].copy(),
        times=past.times,
        sessions=past.sessions,
        equity=book.equity,
        halts=book.halts[: book.counts[HALTS]].copy(),
        refusals=book.refusals,
        positions=_positions(past, book, held),
        pending=_pending(past, book, held, queued),
        exposure_sum=float(exposure_sum),
        ambiguous_bars=int(book.counts[AMBIGUOUS]),
    )


@compiled
def _driven(past: Past, book: Book, numbers: Numbers) -> tuple[int, int, float]:
    """Writes into `book` what becomes of an account; (positions held, entries on their way, sum of exposures)."""
    held = queued = leaving = 0
    cash = equity = peak = day_opening = numbers.starting_balance
    day_lost = drawn_down = False
    exposure_sum = 0.0
    today = past.sessions[0] if len(past.times) > 0 else 0
    for step in range(len(past.times)):
        if past.sessions[step] != today:
            today, day_opening, day_lost = past.sessions[step], equity, False
        steps.advance(past, book, step)
        if len(past.funding_due) > 0:
            cash = steps.pay_funding(past, book, step, held, cash)
        if leaving > 0:
            held, cash = steps.fill_exits(past, book, numbers, step, held, cash)
        if queued > 0:
            held, queued, cash = steps.fill_entries(past, book, numbers, step, held, queued, cash)
        if held == 0 and cash == equity and equity > 0.0:  # flat, and nothing has moved: no level, mark or limit
            book.equity[step] = equity
        else:
            held, cash = steps.meet_levels(past, book, numbers, step, held, cash)

            equity, gross = steps.mark(past, book, numbers, step, held, cash)
            book.equity[step] = equity
            exposure_sum += account.exposure_share(gross, equity)
            peak = max(peak, equity)
            if not day_lost and limits.loss_reached(equity, day_opening, numbers.max_daily_loss):
                day_lost = True
                steps.halt(book, step, codes.MAX_DAILY_LOSS)
            if not drawn_down and limits.loss_reached(equity, peak, numbers.max_drawdown):
                drawn_down = True
                steps.halt(book, step, codes.MAX_DRAWDOWN)

        leaving = steps.order_exits(past, book, numbers, step, held)
        for place in range(steps.candidates(past, book, numbers, step)):
            symbol = book.candidates[place]
            queued = steps.order_entry(
                past, book, numbers, step, symbol, held, queued, cash, equity, day_lost, drawn_down
            )
    return held, queued, exposure_sum


def _positions(past: Past, book: Book, held: int) -> Floats:
    """What is held at the end."""
    rows = []
    for symbol in book.held[:held]:
        desk = book.desks[symbol]
        entry = desk["side"], desk["entered_at"] - past.start[symbol], desk["quantity"], desk["entry_price"]
        rows.append((symbol, *entry, desk["fees"], desk["funding"]))
    return np.array(rows, dtype=np.float64).reshape(-1, 7)


def _pending(past: Past, book: Book, held: int, queued: int) -> Floats:
    """The orders that no bar has come to fill."""
    last = past.first + len(past.times) - 1 if len(past.open_time) == 0 else book.last
    decided, rows = last - past.start, []
    for symbol in book.held[:held]:
        desk = book.desks[symbol]
        if desk["leaving"] != codes.STAY:
            rows.append((symbol, desk["side"], desk["quantity"], desk["leaving"], decided[symbol]))
    for symbol in book.queue[:queued]:
        desk = book.desks[symbol]
        rows.append((symbol, desk["entering"], desk["ordered_quantity"], codes.STAY, decided[symbol]))
    return np.array(rows, dtype=np.float64).reshape(-1, 5)
