"""The steps of one grid time, for all symbols: what happens when, in terms of the shared rules (DESIGN 3).

Plain Python on the arrays of a `Past` and a `Book`, compiled into the kernel. No price, size, fee or limit is decided
here: that is `rules`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trader_cli.backtest.book import ABSENT
from trader_cli.rules import account, codes, exits, fills, limits, sizing
from trader_cli.rules.compiled import compilable
from trader_cli.rules.numbers import Candle, FineBars, Grid, Levels

if TYPE_CHECKING:
    from trader_cli.backtest.book import Book
    from trader_cli.backtest.columns import Past
    from trader_cli.rules.numbers import Numbers


@compilable
def advance(past: Past, book: Book, now: Any, step: int) -> None:
    """Brings the next bars of the symbols that have one at this grid time."""
    now["time"] = past.times[step]
    if len(past.open_time) == 0:
        for symbol in range(len(book.row)):
            book.last_row[symbol] += 1
            book.row[symbol] = book.last_row[symbol]
        return
    for symbol in range(len(book.row)):
        row = book.last_row[symbol] + 1
        if row < past.rows[symbol] and past.open_time[past.start[symbol] + row] == now["time"]:
            book.row[symbol] = book.last_row[symbol] = row
        else:
            book.row[symbol] = ABSENT


@compilable
def open_day(past: Past, now: Any, step: int) -> None:
    """Notes the opening equity of a new session."""
    if past.sessions[step] != now["session"]:
        now["session"] = past.sessions[step]
        now["day_opening"] = now["equity"]
        now["day_lost"] = False


@compilable
def pay_funding(past: Past, book: Book, now: Any) -> None:
    """Takes what is due before this bar's opening fills."""
    for place in range(now["held"]):
        symbol = book.held[place]
        if book.row[symbol] != ABSENT:
            position = book.positions[symbol]
            due = past.funding_due[past.start[symbol] + book.row[symbol]]
            paid = account.funding(position["side"], position["quantity"], due)
            now["cash"] -= paid
            position["funding"] += paid


@compilable
def leave_positions(past: Past, book: Book, now: Any, numbers: Numbers, only_ordered: bool) -> None:
    """Closes what has been ordered to close, or what a level closes; the others stay, in list order."""
    kept = 0
    for place in range(now["held"]):
        symbol = book.held[place]
        if not _is_left(past, book, now, numbers, symbol, only_ordered):
            book.held[kept] = symbol
            kept += 1
    now["held"] = kept


@compilable
def _is_left(past: Past, book: Book, now: Any, numbers: Numbers, symbol: int, only_ordered: bool) -> bool:
    row = book.row[symbol]
    position = book.positions[symbol]
    side, ordered = position["side"], position["ordered"]
    if row == ABSENT or (only_ordered and ordered == codes.STAY):
        return False
    at = past.start[symbol] + row
    candle = Candle(past.open[at], past.high[at], past.low[at])
    mark = Candle(past.mark_open[at], past.mark_high[at], past.mark_low[at])
    levels = Levels(position["stop"], position["target"], position["liquidation"])
    carried, paid, best = position["entry_row"] < row, position["entry_price"], position["best_price"]
    inside = FineBars(past.fine_open, past.fine_high, past.fine_low, 0, 0)
    reason, price, rate, ambiguous = exits.leaving(
        numbers, side, ordered, carried, candle, mark, levels, paid, best, inside
    )
    if ambiguous:
        inside = _inside(past, symbol, now["time"])
        reason, price, rate, ambiguous = exits.leaving(
            numbers, side, ordered, carried, candle, mark, levels, paid, best, inside
        )
        now["ambiguous_bars"] += ambiguous
    if reason == codes.STAY:
        position["best_price"] = fills.better_price(side, best, fills.best_of(side, candle))
        return False
    _book_exit(book, now, numbers, symbol, reason, price, rate)
    return True


@compilable
def _inside(past: Past, symbol: int, time: int) -> FineBars:
    """The finer bars within the bar that opened at `time`."""
    start, end = past.fine_start[symbol], past.fine_start[symbol + 1]
    times = past.fine_time[start:end]
    first = start + np.searchsorted(times, time)
    last = start + np.searchsorted(times, time + past.timeframe)
    return FineBars(past.fine_open, past.fine_high, past.fine_low, first, last)


@compilable
def _book_exit(book: Book, now: Any, numbers: Numbers, symbol: int, reason: int, price: float, rate: float) -> None:
    position, row = book.positions[symbol], book.row[symbol]
    side, quantity, paid = position["side"], position["quantity"], position["entry_price"]
    fees = account.fee(quantity, price, rate)
    now["cash"] = account.cash_after_exit(now["cash"], side, quantity, paid, price, fees, numbers.leverage)
    trade = book.trades[now["traded"]]
    trade[0], trade[1] = symbol, side
    trade[2], trade[3] = position["entry_row"], row
    trade[4], trade[5], trade[6] = quantity, paid, price
    trade[7], trade[8] = position["fees"] + fees, position["funding"]
    trade[9] = reason
    now["traded"] += 1
    position["side"], position["ordered"] = 0, codes.STAY
    if exits.is_stop(reason):
        book.stopped_at[symbol] = row


@compilable
def fill_entries(past: Past, book: Book, now: Any, numbers: Numbers) -> None:
    """Fills the entries on their way at the opens of their symbols; those of absent symbols wait."""
    waiting = 0
    for place in range(now["queued"]):
        symbol = book.queue[place]
        if book.row[symbol] == ABSENT:
            book.queue[waiting] = symbol
            waiting += 1
        else:
            _enter(past, book, now, numbers, symbol)
    now["queued"] = waiting


@compilable
def _enter(past: Past, book: Book, now: Any, numbers: Numbers, symbol: int) -> None:
    order, row = book.orders[symbol], book.row[symbol]
    side, quantity = order["side"], order["quantity"]
    price = fills.slipped(past.open[past.start[symbol] + row], side, numbers.slippage)
    fees = account.fee(quantity, price, numbers.taker_fee)
    left = account.cash_after_entry(now["cash"], quantity, price, fees, numbers.leverage)
    if account.is_overdrawn(left, now["cash"]):
        book.refusals[codes.INSUFFICIENT_FUNDS] += 1
        return
    now["cash"] = left
    levels = fills.protective_levels(numbers, side, price)
    position = book.positions[symbol]
    position["side"], position["entry_row"] = side, row
    position["quantity"], position["entry_price"], position["best_price"] = quantity, price, price
    position["fees"], position["funding"] = fees, 0.0
    position["stop"], position["target"], position["liquidation"] = levels.stop, levels.target, levels.liquidation
    position["ordered"] = codes.STAY
    place = now["held"]
    while place > 0 and book.held[place - 1] > symbol:
        book.held[place] = book.held[place - 1]
        place -= 1
    book.held[place] = symbol
    now["held"] += 1


@compilable
def mark(past: Past, book: Book, now: Any, numbers: Numbers) -> None:
    """Moves the marks to the closes and adds up the equity."""
    equity, gross = now["cash"], 0.0
    for place in range(now["held"]):
        symbol = book.held[place]
        position = book.positions[symbol]
        if book.row[symbol] != ABSENT:
            position["mark"] = past.close[past.start[symbol] + book.row[symbol]]
        price, quantity = position["mark"], position["quantity"]
        equity += account.value(position["side"], quantity, position["entry_price"], price, numbers.leverage)
        gross += account.notional(quantity, price)
    now["equity"] = equity
    now["exposure_sum"] += account.exposure_share(gross, equity)
    now["peak"] = max(now["peak"], equity)


@compilable
def check_limits(book: Book, now: Any, numbers: Numbers, step: int) -> None:
    """Halts entries where a day or a fall from the peak has lost too much."""
    if not now["day_lost"] and limits.loss_reached(now["equity"], now["day_opening"], numbers.max_daily_loss):
        now["day_lost"] = True
        _book_halt(book, now, step, codes.MAX_DAILY_LOSS)
    if not now["drawn_down"] and limits.loss_reached(now["equity"], now["peak"], numbers.max_drawdown):
        now["drawn_down"] = True
        _book_halt(book, now, step, codes.MAX_DRAWDOWN)


@compilable
def _book_halt(book: Book, now: Any, step: int, code: int) -> None:
    halt = book.halts[now["halted"]]
    halt[0], halt[1] = step, code
    now["halted"] += 1


@compilable
def order_exits(past: Past, book: Book, now: Any, numbers: Numbers, warmup: int) -> None:
    """Orders an exit where the strategy or the age of a position wishes one."""
    for place in range(now["held"]):
        symbol = book.held[place]
        row = book.row[symbol]
        if row >= warmup:
            position, at = book.positions[symbol], past.start[symbol] + row
            signal = int(past.exit_long[at] if position["side"] > 0 else past.exit_short[at])
            position["ordered"] = exits.exit_wish(signal, row, position["entry_row"], numbers.max_holding_bars)


@compilable
def order_entries(past: Past, book: Book, now: Any, numbers: Numbers, warmup: int) -> None:
    """Orders the entries the strategy wishes, in falling confidence, as far as the account allows."""
    count = 0
    for symbol in range(len(book.row)):
        row = book.row[symbol]
        if row >= warmup and past.entry[past.start[symbol] + row] != 0:
            count += _is_candidate(past, book, numbers, symbol, count)
    for place in range(count):
        _attempt(past, book, now, numbers, book.candidates[place])


@compilable
def _is_candidate(past: Past, book: Book, numbers: Numbers, symbol: int, count: int) -> bool:
    """Puts a symbol that wishes to enter among the `count` candidates, unless it has nothing to enter."""
    side = past.entry[past.start[symbol] + book.row[symbol]]
    position = book.positions[symbol]
    if side < 0 and not numbers.allows_short:
        return False
    if position["side"] != 0 and not exits.is_reversal(position["ordered"], position["side"], side):
        return False
    confidence = _confidence(past, book, symbol)
    place = count
    while place > 0 and _confidence(past, book, book.candidates[place - 1]) < confidence:
        book.candidates[place] = book.candidates[place - 1]
        place -= 1
    book.candidates[place] = symbol
    return True


@compilable
def _confidence(past: Past, book: Book, symbol: int) -> float:
    confidence: float = past.confidence[past.confidence_start[symbol] + past.confidence_step[symbol] * book.row[symbol]]
    return confidence


@compilable
def _attempt(past: Past, book: Book, now: Any, numbers: Numbers, symbol: int) -> None:
    reverses = book.positions[symbol]["side"] != 0
    others = now["held"] + now["queued"] - reverses
    day_lost, drawn_down = now["day_lost"] != 0, now["drawn_down"] != 0
    row, stopped_at, quantity = book.row[symbol], book.stopped_at[symbol], 0.0
    refusal = limits.entry_ban(numbers, day_lost, drawn_down, row, stopped_at, others)
    close = past.close[past.start[symbol] + row]
    if refusal == codes.ALLOWED:
        quantity, refusal = _sized(past, book, now, numbers, symbol, reverses, close)
    if refusal != codes.ALLOWED:
        book.refusals[refusal] += 1
        return
    order = book.orders[symbol]
    order["side"], order["quantity"], order["mark"] = past.entry[past.start[symbol] + row], quantity, close
    book.queue[now["queued"]] = symbol
    now["queued"] += 1


@compilable
def _sized(
    past: Past, book: Book, now: Any, numbers: Numbers, symbol: int, reverses: bool, close: float
) -> tuple[float, int]:
    """How much of a symbol may be entered beside everything else that is held or ordered, its own old leg left out."""
    exposure, free = 0.0, now["cash"]
    for place in range(now["held"]):
        if book.held[place] != symbol:
            other = book.positions[book.held[place]]
            exposure += account.notional(other["quantity"], other["mark"])
    for place in range(now["queued"]):
        order = book.orders[book.queue[place]]
        ordered = account.notional(order["quantity"], order["mark"])
        exposure += ordered
        free -= account.reserved(numbers, ordered)
    if reverses:
        old = book.positions[symbol]
        free += account.released(numbers, old["side"], old["quantity"], old["entry_price"], old["mark"])
    steps = past.order_grids[symbol]
    grid = Grid(steps[0], steps[1], steps[2])
    return sizing.entry_quantity(numbers, grid, now["equity"], free, exposure, close)
