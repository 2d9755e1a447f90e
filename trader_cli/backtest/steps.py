"""The steps of one grid time, for all symbols: what happens when, in terms of the shared rules (DESIGN 3).

Plain Python on the arrays of a `Past` and a `Book`, compiled into the kernel. No price, size, fee or limit is decided
here: that is `rules`. The account's running numbers are handed in and back, since machine code keeps such in registers;
`held` and `queued` say how much of the book's two lists is filled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trader_cli.backtest.book import ABSENT, AMBIGUOUS, HALTS, TRADES
from trader_cli.rules import account, codes, exits, fills, limits, sizing
from trader_cli.rules.compiled import compilable
from trader_cli.rules.numbers import Candle, FineBars, Grid, Levels

LONG, SHORT = 1, -1

if TYPE_CHECKING:
    from trader_cli.backtest.book import Book, Symbols
    from trader_cli.backtest.columns import Past
    from trader_cli.domain.bars import Floats
    from trader_cli.rules.numbers import Numbers


@compilable
def advance(past: Past, book: Book, step: int) -> None:
    """Brings the next bars of the symbols that have one at this grid time; where all always have one, `_at` knows."""
    for symbol in range(len(past.open_time) and len(book.at)):
        at = book.last[symbol] + 1
        if at < past.end[symbol] and past.open_time[at] == past.times[step]:
            book.at[symbol] = book.last[symbol] = at
        else:
            book.at[symbol] = ABSENT


@compilable
def _at(past: Past, book: Book, symbol: int, step: int) -> int:
    """Where a symbol's bar now stands in the columns, or `ABSENT`."""
    at: int = past.first[symbol] + step if len(past.open_time) == 0 else book.at[symbol]
    return at


@compilable
def pay_funding(past: Past, book: Book, step: int, held: int, cash: float) -> float:
    """Takes what is due before this bar's opening fills; the cash that is left."""
    for place in range(held):
        symbol = book.held[place]
        at, desk = _at(past, book, symbol, step), book.desks[symbol]
        if at >= 0:
            paid = account.funding(desk["side"], desk["quantity"], past.funding_due[at])
            cash -= paid
            desk["funding"] += paid
    return cash


@compilable
def fill_exits(past: Past, book: Book, numbers: Numbers, step: int, held: int, cash: float) -> tuple[int, float]:
    """Fills the exits on their way at the opens of their symbols; those of absent symbols wait."""
    place = 0
    while place < held:
        symbol = book.held[place]
        at, ordered = _at(past, book, symbol, step), book.desks[symbol]["leaving"]
        if at < 0 or ordered == codes.STAY:
            place += 1
            continue
        reason, price, rate, _ = _met(past, book, numbers, symbol, at, ordered, book.desks[symbol]["side"])
        cash = _book_exit(past, book, numbers, at, held, cash, place, reason, price, rate)
        held -= 1
    return held, cash


@compilable
def meet_levels(past: Past, book: Book, numbers: Numbers, step: int, held: int, cash: float) -> tuple[int, float]:
    """Closes what meets a protective level in this bar."""
    place = 0
    while place < held:
        symbol = book.held[place]
        at = _at(past, book, symbol, step)
        if at < 0:
            place += 1
            continue
        # Each side by its constant, which lets the compiler settle beforehand all that hangs on it.
        if book.desks[symbol]["side"] > 0:
            reason, price, rate, ambiguous = _met(past, book, numbers, symbol, at, codes.STAY, LONG)
        else:
            reason, price, rate, ambiguous = _met(past, book, numbers, symbol, at, codes.STAY, SHORT)
        if reason == codes.STAY:
            place += 1
            continue
        book.counts[AMBIGUOUS] += ambiguous
        cash = _book_exit(past, book, numbers, at, held, cash, place, reason, price, rate)
        held -= 1
    return held, cash


@compilable
def _met(
    past: Past, book: Book, numbers: Numbers, symbol: int, at: int, ordered: int, side: int
) -> tuple[int, float, float, bool]:
    """`exits.leaving` for a position, where need be with the finer bars inside its bar."""
    desk = book.desks[symbol]
    paid, best = desk["entry_price"], desk["best_price"]
    candle = Candle(past.open[at], past.high[at], past.low[at])
    mark = Candle(past.mark_open[at], past.mark_high[at], past.mark_low[at])
    levels = Levels(desk["stop"], desk["target"], desk["liquidation"])
    carried = desk["entered_at"] < at
    none = FineBars(past.fine_open, past.fine_high, past.fine_low, 0, 0)
    desk["best_price"] = fills.better_price(side, best, fills.best_of(side, candle))
    left = exits.leaving(numbers, side, ordered, carried, candle, mark, levels, paid, best, none)
    if left[3]:
        finer = inside(past, symbol, at)
        left = exits.leaving(numbers, side, ordered, carried, candle, mark, levels, paid, best, finer)
    return left


@compilable
def inside(past: Past, symbol: int, at: int) -> FineBars:
    """The finer bars within a bar."""
    start, end = past.fine_start[symbol], past.fine_start[symbol + 1]
    if start == end:
        return FineBars(past.fine_open, past.fine_high, past.fine_low, start, end)
    opens = past.open_time[at] if len(past.open_time) > 0 else past.times[at - past.first[symbol]]
    times = past.fine_time[start:end]
    first = start + np.searchsorted(times, opens)
    last = start + np.searchsorted(times, opens + past.timeframe)
    return FineBars(past.fine_open, past.fine_high, past.fine_low, first, last)


@compilable
def _book_exit(
    past: Past,
    book: Book,
    numbers: Numbers,
    at: int,
    held: int,
    cash: float,
    place: int,
    reason: int,
    price: float,
    rate: float,
) -> float:
    """Writes down a trade and takes its position from the list; the cash it leaves."""
    symbol = book.held[place]
    desk, start = book.desks[symbol], past.start[symbol]
    side, quantity, paid = desk["side"], desk["quantity"], desk["entry_price"]
    fees = account.fee(quantity, price, rate)
    trade = book.trades[book.counts[TRADES]]
    trade[0], trade[1] = symbol, side
    trade[2], trade[3] = desk["entered_at"] - start, at - start
    trade[4], trade[5], trade[6] = quantity, paid, price
    trade[7], trade[8] = desk["fees"] + fees, desk["funding"]
    trade[9] = reason
    book.counts[TRADES] += 1
    desk["side"], desk["leaving"] = 0, codes.STAY
    if exits.is_stop(reason):
        desk["stopped_at"] = at
    for later in range(place + 1, held):
        book.held[later - 1] = book.held[later]
    return account.cash_after_exit(cash, side, quantity, paid, price, fees, numbers.leverage)


@compilable
def fill_entries(
    past: Past, book: Book, numbers: Numbers, step: int, held: int, queued: int, cash: float
) -> tuple[int, int, float]:
    """Fills the entries on their way at the opens of their symbols; those of absent symbols wait."""
    waiting = 0
    for place in range(queued):
        symbol = book.queue[place]
        at, desk = _at(past, book, symbol, step), book.desks[symbol]
        if at < 0:
            book.queue[waiting] = symbol
            waiting += 1
            continue
        side, quantity = desk["entering"], desk["ordered_quantity"]
        price = fills.slipped(past.open[at], side, numbers.slippage)
        fees = account.fee(quantity, price, numbers.taker_fee)
        left = account.cash_after_entry(cash, quantity, price, fees, numbers.leverage)
        if account.is_overdrawn(left, cash):
            book.refusals[codes.INSUFFICIENT_FUNDS] += 1
            continue
        cash = left
        levels = fills.protective_levels(numbers, side, price)
        desk["side"], desk["entered_at"], desk["quantity"] = side, at, quantity
        desk["entry_price"], desk["best_price"] = price, price
        desk["fees"], desk["funding"] = fees, 0.0
        desk["stop"], desk["target"], desk["liquidation"] = levels.stop, levels.target, levels.liquidation
        _put(book.held, held, symbol)
        held += 1
    return held, waiting, cash


@compilable
def _put(listed: Symbols, count: int, symbol: int) -> None:
    """Puts a symbol among the `count` listed ones, in list order."""
    place = count
    while place > 0 and listed[place - 1] > symbol:
        listed[place] = listed[place - 1]
        place -= 1
    listed[place] = symbol


@compilable
def mark(past: Past, book: Book, numbers: Numbers, step: int, held: int, cash: float) -> tuple[float, float]:
    """Moves the marks to the closes: (equity, gross notional)."""
    equity, gross = cash, 0.0
    for place in range(held):
        symbol = book.held[place]
        at, desk = _at(past, book, symbol, step), book.desks[symbol]
        if at >= 0:
            desk["mark"] = past.close[at]
        price, quantity = desk["mark"], desk["quantity"]
        equity += account.value(desk["side"], quantity, desk["entry_price"], price, numbers.leverage)
        gross += account.notional(quantity, price)
    return equity, gross


@compilable
def halt(book: Book, step: int, code: int) -> None:
    """Writes down that a limit has tripped."""
    tripped = book.halts[book.counts[HALTS]]
    tripped[0], tripped[1] = step, code
    book.counts[HALTS] += 1


@compilable
def order_exits(past: Past, book: Book, numbers: Numbers, step: int, held: int) -> int:
    """Orders an exit where the strategy or the age of a position wishes one; how many are on their way."""
    leaving = 0
    for place in range(held):
        symbol = book.held[place]
        at, desk = _at(past, book, symbol, step), book.desks[symbol]
        if at >= past.decides_at[symbol]:
            signal = int(past.exit_long[at] if desk["side"] > 0 else past.exit_short[at])
            desk["leaving"] = exits.exit_wish(signal, at, desk["entered_at"], numbers.max_holding_bars)
        leaving += desk["leaving"] != codes.STAY
    return leaving


@compilable
def candidates(past: Past, book: Book, numbers: Numbers, step: int) -> int:
    """Lists the symbols whose strategy wishes an entry, in falling confidence; how many they are."""
    count = 0
    for symbol in range(len(book.at)):
        at = _at(past, book, symbol, step)
        if at >= 0 and past.entry[at] != 0 and at >= past.decides_at[symbol]:
            side, desk = past.entry[at], book.desks[symbol]
            is_open_to_it = desk["side"] == 0 or exits.is_reversal(desk["leaving"], desk["side"], side)
            if is_open_to_it and (side > 0 or numbers.allows_short):
                row = at - past.start[symbol]
                confidence = past.confidence[past.confidence_start[symbol] + past.confidence_step[symbol] * row]
                _rank(book.candidates, book.confidences, count, symbol, confidence)
                count += 1
    return count


@compilable
def _rank(candidates: Symbols, confidences: Floats, count: int, symbol: int, confidence: float) -> None:
    """Puts a symbol among `count` candidates, behind those of the same or higher confidence."""
    place = count
    while place > 0 and confidences[place - 1] < confidence:
        candidates[place], confidences[place] = candidates[place - 1], confidences[place - 1]
        place -= 1
    candidates[place], confidences[place] = symbol, confidence


@compilable
def order_entry(
    past: Past,
    book: Book,
    numbers: Numbers,
    step: int,
    symbol: int,
    held: int,
    queued: int,
    cash: float,
    equity: float,
    day_lost: bool,
    drawn_down: bool,
) -> int:
    """Orders an entry as far as the account allows; how many are on their way."""
    desk, at, quantity = book.desks[symbol], _at(past, book, symbol, step), 0.0
    others = held + queued - (desk["side"] != 0)
    refusal = limits.entry_ban(numbers, day_lost, drawn_down, at, desk["stopped_at"], others)
    if refusal == codes.ALLOWED:
        quantity, refusal = _sized(past, book, numbers, symbol, past.close[at], held, queued, cash, equity)
    if refusal != codes.ALLOWED:
        book.refusals[refusal] += 1
        return queued
    desk["entering"], desk["ordered_quantity"], desk["ordered_at_price"] = past.entry[at], quantity, past.close[at]
    book.queue[queued] = symbol
    return queued + 1


@compilable
def _sized(
    past: Past,
    book: Book,
    numbers: Numbers,
    symbol: int,
    close: float,
    held: int,
    queued: int,
    free: float,
    equity: float,
) -> tuple[float, int]:
    """How much of a symbol may be entered beside everything else that is held or ordered, its own old leg left out."""
    exposure = 0.0
    for place in range(held):
        if book.held[place] != symbol:
            other = book.desks[book.held[place]]
            exposure += account.notional(other["quantity"], other["mark"])
    for place in range(queued):
        other = book.desks[book.queue[place]]
        ordered = account.notional(other["ordered_quantity"], other["ordered_at_price"])
        exposure += ordered
        free -= account.reserved(numbers, ordered)
    desk = book.desks[symbol]
    if desk["side"] != 0:
        free += account.released(numbers, desk["side"], desk["quantity"], desk["entry_price"], close)
    steps = past.order_grids[symbol]
    grid = Grid(steps[0], steps[1], steps[2])
    return sizing.entry_quantity(numbers, grid, equity, free, exposure, close)
