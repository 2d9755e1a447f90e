"""One account of one symbol, from event to event: the kernel for sweeps.

It makes the trades of the plain kernel (`kernel`), bar for bar by the same rules, but looks only at bars at which
something can happen. Flat, that is the next bar at which an entry is wished. Held, it is the first bar that may touch a
level or trip a limit, or at which the strategy, the age of the position, a payment of funding or a new day has a say;
blocks of bars that reach none of it are passed over whole. Equity moves with the price alone while a position is held,
and every step of that arithmetic keeps the order of two prices, so that the highest close of a block makes its highest
equity, to the last bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trader_cli.backtest import bits
from trader_cli.backtest.steps import LONG, SHORT, inside
from trader_cli.backtest.track import BLOCK
from trader_cli.rules import account, codes, exits, fills, limits, sizing
from trader_cli.rules.compiled import compilable, make_rules_compilable
from trader_cli.rules.numbers import Candle, FineBars, Grid, Levels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trader_cli.backtest.bits import Words
    from trader_cli.backtest.track import Track
    from trader_cli.domain.bars import Floats
    from trader_cli.rules.numbers import Numbers

make_rules_compilable()


class Wish(NamedTuple):
    """The rows of a table of conditions that a run hangs on; what each is for: `strategies.wishes`."""

    enter_long: int
    enter_short: int
    may_enter: int
    close_long: int
    close_short: int
    threshold_long: int
    threshold_short: int


class Position(NamedTuple):
    """What is held; `side` 0 is nothing. `best_price` is the best since the entry, `fees` and `funding` are paid."""

    side: int
    entered_at: int
    quantity: float
    entry_price: float
    best_price: float
    fees: float
    funding: float
    levels: Levels


NOTHING = Position(0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, Levels(0.0, 0.0, 0.0))


class Watch(NamedTuple):
    """The limits that a held position can still trip: whether each is watched, and the equities it is measured from."""

    daily: bool
    drawdown: bool
    day_opening: float
    peak: float


@compilable
def jump(
    track: Track,
    table: Words,
    wish: Wish,
    numbers: Numbers,
    grid: Grid,
    decides_at: int,
    follows_equity: bool,
    tally: NDArray[np.void],
    closes: Floats,
    trades: Floats,
) -> None:
    """Trades one account, deciding from bar `decides_at` on, and adds what becomes of it to `tally`, a fresh `TALLY`.

    `follows_equity` looks at every bar of a position and also writes the equity at the close of each session into
    `closes`.

    Shape: `closes` has one entry a session where `follows_equity`; `trades` takes the trades as `kernel.Outcome` has
    them, as many as it has room for.
    """
    past = track.past
    first, end = past.first[0], len(past.close)
    cash = equity = peak = day_opening = numbers.starting_balance
    position, leaving, entering, ordered_quantity = NOTHING, codes.STAY, 0, 0.0
    stopped_at, day_lost, drawn_down = limits.NEVER, False, False
    today = next_due = next_session = 0
    exposure_sum = deepest = 0.0
    tally["halted_at"] = -1
    short = wish.enter_short if numbers.allows_short else bits.NEVER
    walks = follows_equity or numbers.trailing_stop != 0.0

    at = bits.next_of(table, wish.enter_long, short, wish.may_enter, max(first, decides_at), end)
    while at < end:
        if track.session[at] != today:
            equity = _equity(numbers, position, cash, past.close[at - 1])
            if follows_equity:
                closes[today : track.session[at]] = equity
            today, day_opening, day_lost = track.session[at], equity, False

        if position.side != 0:
            if len(past.funding_due) > 0:
                paid = account.funding(position.side, position.quantity, past.funding_due[at])
                cash, position = cash - paid, _funded(position, paid)
            cash, position, stopped = _meet(track, numbers, position, leaving, cash, at, tally, trades)
            stopped_at = at if stopped else stopped_at
        if entering != 0:
            cash, position = _enter(numbers, entering, ordered_quantity, past.open[at], cash, at)
            if position.side != 0:
                cash, position, stopped = _meet(track, numbers, position, codes.STAY, cash, at, tally, trades)
                stopped_at = at if stopped else stopped_at

        close = past.close[at]
        equity = _equity(numbers, position, cash, close)
        peak = max(peak, equity)
        day_lost = day_lost or limits.loss_reached(equity, day_opening, numbers.max_daily_loss)
        if not drawn_down and limits.loss_reached(equity, peak, numbers.max_drawdown):
            drawn_down = True
            tally["halted_at"] = at - first
        if follows_equity:
            deepest = min(deepest, equity / peak - 1.0)
            exposure_sum += account.exposure_share(account.notional(position.quantity, close), equity)

        leaving, wished = codes.STAY, _entry(table, wish, at)
        if position.side != 0:
            signal = _exit(table, wish, position.side, at)
            leaving = exits.exit_wish(signal, at, position.entered_at, numbers.max_holding_bars)
            wished = wished if exits.is_reversal(leaving, position.side, wished) else 0
        entering = 0
        if wished > 0 or (wished < 0 and numbers.allows_short):
            refusal = limits.entry_ban(numbers, day_lost, drawn_down, at, stopped_at, 0)
            if refusal == codes.ALLOWED:
                free = cash
                if position.side != 0:
                    free += account.released(numbers, position.side, position.quantity, position.entry_price, close)
                ordered_quantity, refusal = sizing.entry_quantity(numbers, grid, equity, free, 0.0, close)
            entering = wished if refusal == codes.ALLOWED else 0

        at += 1
        if position.side == 0 and entering == 0:
            if drawn_down:
                break
            at = bits.next_of(table, wish.enter_long, short, wish.may_enter, at, end)
        elif position.side != 0 and leaving == codes.STAY and not walks:
            until = _next_exit(table, wish, position.side, at, end)
            if numbers.max_holding_bars > 0:
                until = min(until, max(at, position.entered_at + numbers.max_holding_bars - 1))
            while track.due_at[next_due] < at:
                next_due += 1
            until = min(until, track.due_at[next_due])
            if numbers.max_daily_loss < limits.OFF:
                while track.session_starts[next_session] < at:
                    next_session += 1
                until = min(until, track.session_starts[next_session])
            watch = Watch(
                numbers.max_daily_loss < limits.OFF and not day_lost,
                numbers.max_drawdown < limits.OFF and not drawn_down,
                day_opening,
                peak,
            )
            if position.side > 0:  # each side by its constant: the compiler settles beforehand what hangs on it
                at, peak = _quiet_until(track, numbers, LONG, position, watch, cash, at, until)
            else:
                at, peak = _quiet_until(track, numbers, SHORT, position, watch, cash, at, until)

    equity = _equity(numbers, position, cash, past.close[end - 1])
    tally["fees"] += position.fees
    tally["funding"] += position.funding
    tally["final_equity"] = equity
    tally["max_drawdown"] = tally["exposure_sum"] = np.nan
    if follows_equity:
        closes[today:] = equity
        tally["max_drawdown"], tally["exposure_sum"] = deepest, exposure_sum


@compilable
def _equity(numbers: Numbers, position: Position, cash: float, price: float) -> float:
    """The account's equity at a price."""
    if position.side == 0:
        return cash
    return cash + account.value(position.side, position.quantity, position.entry_price, price, numbers.leverage)


@compilable
def _funded(position: Position, paid: float) -> Position:
    """The position once it has paid funding."""
    side, entered_at, quantity, entry_price, best_price, fees, funding, levels = position
    return Position(side, entered_at, quantity, entry_price, best_price, fees, funding + paid, levels)


@compilable
def _enter(
    numbers: Numbers, side: int, quantity: float, opening: float, cash: float, at: int
) -> tuple[float, Position]:
    """Fills an entry at the opening: (cash, position), as they were where the cash does not suffice."""
    price = fills.slipped(opening, side, numbers.slippage)
    fee = account.fee(quantity, price, numbers.taker_fee)
    left = account.cash_after_entry(cash, quantity, price, fee, numbers.leverage)
    if account.is_overdrawn(left, cash):
        return cash, NOTHING
    return left, Position(side, at, quantity, price, price, fee, 0.0, fills.protective_levels(numbers, side, price))


@compilable
def _meet(
    track: Track,
    numbers: Numbers,
    position: Position,
    leaving: int,
    cash: float,
    at: int,
    tally: NDArray[np.void],
    trades: Floats,
) -> tuple[float, Position, bool]:
    """What one bar does to a position: (cash, position, whether it was stopped)."""
    past = track.past
    side, entered_at, quantity, entry_price, best, fees, funding, levels = position
    candle = Candle(past.open[at], past.high[at], past.low[at])
    mark = Candle(past.mark_open[at], past.mark_high[at], past.mark_low[at])
    fine = FineBars(past.fine_open, past.fine_high, past.fine_low, 0, 0)
    carried = entered_at < at
    left = exits.leaving(numbers, side, leaving, carried, candle, mark, levels, entry_price, best, fine)
    if left[3]:
        fine = inside(past, 0, at)
        left = exits.leaving(numbers, side, leaving, carried, candle, mark, levels, entry_price, best, fine)
    reason, price, rate, ambiguous = left
    if reason == codes.STAY:
        best = fills.better_price(side, best, fills.best_of(side, candle))
        return cash, Position(side, entered_at, quantity, entry_price, best, fees, funding, levels), False

    fee = account.fee(quantity, price, rate)
    fees += fee
    pnl = account.profit(side, quantity, entry_price, price, fees, funding)
    if tally["trades"] < len(trades):
        trade = trades[tally["trades"]]
        trade[0], trade[1], trade[2], trade[3] = 0, side, entered_at, at
        trade[4], trade[5], trade[6] = quantity, entry_price, price
        trade[7], trade[8], trade[9] = fees, funding, reason
    tally["trades"] += 1
    tally["profit"] += pnl
    tally["fees"] += fees
    tally["funding"] += funding
    tally["ambiguous_bars"] += ambiguous
    if pnl > 0.0:
        tally["wins"] += 1
        tally["gross_profit"] += pnl
    elif pnl < 0.0:
        tally["gross_loss"] += pnl
    cash = account.cash_after_exit(cash, side, quantity, entry_price, price, fee, numbers.leverage)
    return cash, NOTHING, exits.is_stop(reason)


@compilable
def _entry(table: Words, wish: Wish, bar: int) -> int:
    """The side that a bar wishes to enter."""
    if not bits.holds(table, wish.may_enter, bar):
        return 0
    return int(bits.holds(table, wish.enter_long, bar)) - int(bits.holds(table, wish.enter_short, bar))


@compilable
def _next_exit(table: Words, wish: Wish, side: int, bar: int, end: int) -> int:
    """The first bar from `bar` on that wishes to close a position, or `end`."""
    close, threshold = _exit_rows(wish, side)
    return bits.next_of(table, close, threshold, bits.ALWAYS, bar, end)


@compilable
def _exit_rows(wish: Wish, side: int) -> tuple[int, int]:
    """The conditions that close a position: by signal, and by threshold."""
    if side > 0:
        return wish.close_long, wish.threshold_long
    return wish.close_short, wish.threshold_short


@compilable
def _exit(table: Words, wish: Wish, side: int, bar: int) -> int:
    """Why a bar wishes to close a position."""
    close, threshold = _exit_rows(wish, side)
    if bits.holds(table, close, bar):
        return codes.SIGNAL
    return codes.THRESHOLD if bits.holds(table, threshold, bar) else codes.STAY


@compilable
def _quiet_until(
    track: Track,
    numbers: Numbers,
    side: int,
    position: Position,
    watch: Watch,
    cash: float,
    bar: int,
    until: int,
) -> tuple[int, float]:
    """The first bar from `bar` on that may touch a level or trip a limit, or `until`; the peak of equity before it."""
    past, levels, peak = track.past, position.levels, watch.peak
    watches = watch.daily or watch.drawdown
    singly_until = bar
    while bar < until:
        block = bar // BLOCK
        is_whole = bar >= singly_until and bar == block * BLOCK and bar + BLOCK <= until
        if is_whole:
            reach = Candle(0.0, track.highest[block], track.lowest[block])
            mark = Candle(0.0, track.highest_mark[block], track.lowest_mark[block])
            low, high = track.lowest_close[block], track.highest_close[block]
        else:
            reach = _reach(past.open[bar], past.high[bar], past.low[bar])
            mark = _reach(past.mark_open[bar], past.mark_high[bar], past.mark_low[bar])
            low = high = past.close[bar]
        is_quiet = not _touched(numbers, side, reach, mark, levels)
        if is_quiet and watches:
            worst, best = (low, high) if side > 0 else (high, low)
            least = _equity(numbers, position, cash, worst)
            most = _equity(numbers, position, cash, best)
            highest = max(peak, most)
            is_quiet = not (
                (watch.daily and limits.loss_reached(least, watch.day_opening, numbers.max_daily_loss))
                or (watch.drawdown and limits.loss_reached(least, highest, numbers.max_drawdown))
            )
            if is_quiet:
                peak = highest
        if is_quiet:
            bar += BLOCK if is_whole else 1
        elif is_whole:
            singly_until = bar + BLOCK
        else:
            break
    return bar, peak


@compilable
def _reach(opening: float, high: float, low: float) -> Candle:
    """How far a bar goes either way, its opening included."""
    return Candle(opening, max(opening, high), min(opening, low))


@compilable
def _touched(numbers: Numbers, side: int, reach: Candle, mark: Candle, levels: Levels) -> bool:
    """Whether prices that go so far meet any level."""
    if fills.at_or_below(fills.worst_of(side, reach), levels.stop, side):
        return True
    if fills.at_or_above(fills.best_of(side, reach), levels.target, side):
        return True
    return numbers.is_margined and fills.at_or_below(fills.worst_of(side, mark), levels.liquidation, side)
