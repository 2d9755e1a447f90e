"""One account of one symbol, from event to event: the kernel for sweeps.

It makes the trades of the plain kernel (`kernel`), bar for bar by the same rules, but looks only at bars at which
something can happen. Flat, that is the next bar at which an entry is wished; it fills at once, at the opening behind
it. Held, it is the first bar that may touch a level or trip a limit, or at which the strategy, the age of the position,
a payment of funding or a new day has a say; what lies before reaches none of it and is passed over. Equity moves with
the price alone while a position is held, and every step of that arithmetic keeps the order of two prices, so that the
highest close of a block makes its highest equity, to the last bit.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trader_cli.backtest import bits
from trader_cli.backtest.holding import NO_TRADES, NOTHING, Curve, entered, equity_of, followed, funded, left, met
from trader_cli.backtest.reach import BLOCK, first_beyond, first_met
from trader_cli.backtest.steps import LONG, SHORT
from trader_cli.rules import account, codes, exits, limits, sizing
from trader_cli.rules.compiled import compilable, make_rules_compilable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trader_cli.backtest.bits import Words
    from trader_cli.backtest.holding import Position
    from trader_cli.backtest.reach import Known
    from trader_cli.backtest.track import Track
    from trader_cli.domain.bars import Floats
    from trader_cli.rules.numbers import Grid, Numbers

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
    known: Known,
    tally: NDArray[np.void],
    closes: Floats,
    trades: Floats,
) -> None:
    """Trades one account, deciding from bar `decides_at` on, and tells what becomes of it in `tally`, a `TALLY`.

    `known` is what runs of the same terms have found out about their levels (`reach.first_met`), for longs and for
    shorts; or nothing. `follows_equity` also marks the equity at every bar of a position, and writes that at the close
    of each session into `closes`.

    Shape: `closes` has one entry a session where `follows_equity`; `trades` takes the trades as `kernel.Outcome` has
    them, as many as it has room for.
    """
    past = track.past
    first, end = past.first[0], len(past.close)
    cash = flat_cash = peak = day_opening = numbers.starting_balance
    position, sums, leaving, entering, ordered_quantity = NOTHING, NO_TRADES, codes.STAY, 0, 0.0
    stopped_at, day_lost, drawn_down, halted_at = limits.NEVER, False, False, -1
    today = next_due = next_session = 0
    curve = Curve(numbers.starting_balance, 0.0, 0.0)
    short = wish.enter_short if numbers.allows_short else bits.NEVER
    is_limited = numbers.max_daily_loss < limits.OFF or numbers.max_drawdown < limits.OFF
    keeps_days, is_quiet = follows_equity or numbers.max_daily_loss < limits.OFF, True

    at = bits.next_of(table, wish.enter_long, short, wish.may_enter, max(first, decides_at), end)
    while at < end:
        if keeps_days and track.session[at] != today:
            equity = flat_cash  # what is entered at this opening was not there at the close before
            if position.entered_at < at:
                equity = equity_of(numbers, position, cash, past.close[at - 1])
            if follows_equity:
                closes[today : track.session[at]] = equity
            today, day_opening, day_lost = track.session[at], equity, False

        if not is_quiet:
            if len(past.funding_due) > 0 and position.entered_at < at:
                paid = account.funding(position.side, position.quantity, past.funding_due[at])
                cash, position = cash - paid, funded(position, paid)
            position, reason, price, rate, ambiguous = met(track, numbers, position, leaving, at)
            if reason != codes.STAY:
                cash, sums = left(numbers, position, reason, price, rate, ambiguous, cash, at, sums, trades)
                position, leaving = NOTHING, codes.STAY
                stopped_at = at if exits.is_stop(reason) else stopped_at
                if entering != 0:
                    flat_cash = cash
                    cash, position = entered(numbers, entering, ordered_quantity, past.open[at], cash, at)
                    entering = 0
                    if position.side != 0:
                        continue  # with the same bar: it meets the levels of the new position as well

        close = past.close[at]
        equity = equity_of(numbers, position, cash, close)
        if is_limited:
            peak = max(peak, equity)
            day_lost = day_lost or limits.loss_reached(equity, day_opening, numbers.max_daily_loss)
            if not drawn_down and limits.loss_reached(equity, peak, numbers.max_drawdown):
                drawn_down, halted_at = True, at - first
        if follows_equity:
            curve = followed(past.close[at : at + 1], numbers, position, cash, curve)

        wished = _entry(table, wish, at)
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
        if entering != 0 and position.side == 0 and at < end:
            flat_cash = cash
            cash, position = entered(numbers, entering, ordered_quantity, past.open[at], cash, at)
            entering = 0
        if position.side == 0:
            if drawn_down:
                break
            at, is_quiet = bits.next_of(table, wish.enter_long, short, wish.may_enter, at, end), True
            continue
        is_quiet = False
        if leaving == codes.STAY and numbers.trailing_stop == 0.0:
            decides = _next_exit(table, wish, position.side, at, end)
            if numbers.max_holding_bars > 0:
                decides = min(decides, max(at, position.entered_at + numbers.max_holding_bars - 1))
            until = min(decides + 1, end)
            while track.due_at[next_due] < at:
                next_due += 1
            until = min(until, track.due_at[next_due])
            if keeps_days:
                while track.session_starts[next_session] < at:
                    next_session += 1
                until = min(until, track.session_starts[next_session])
            begin = at
            watch = Watch(
                numbers.max_daily_loss < limits.OFF and not day_lost,
                numbers.max_drawdown < limits.OFF and not drawn_down,
                day_opening,
                peak,
            )
            if position.side > 0:  # each side by its constant: the compiler settles beforehand what hangs on it
                at, peak = _quiet_until(track, numbers, known[0], LONG, position, watch, cash, at, until)
            else:
                at, peak = _quiet_until(track, numbers, known[1], SHORT, position, watch, cash, at, until)
            if at > decides:
                at, is_quiet = decides, True
            if follows_equity:
                curve = followed(past.close[begin:at], numbers, position, cash, curve)

    tally["trades"], tally["wins"], tally["profit"] = sums.trades, sums.wins, sums.profit
    tally["gross_profit"], tally["gross_loss"] = sums.gross_profit, sums.gross_loss
    tally["fees"], tally["funding"] = sums.fees + position.fees, sums.funding + position.funding
    tally["ambiguous_bars"], tally["halted_at"] = sums.ambiguous_bars, halted_at
    equity = equity_of(numbers, position, cash, past.close[end - 1])
    tally["final_equity"] = equity
    tally["max_drawdown"] = tally["exposure_sum"] = np.nan
    if follows_equity:
        closes[today:] = equity
        tally["max_drawdown"], tally["exposure_sum"] = curve.deepest, curve.exposure_sum


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
    known: Known,
    side: int,
    position: Position,
    watch: Watch,
    cash: float,
    bar: int,
    until: int,
) -> tuple[int, float]:
    """The first bar from `bar` on that may touch a level or trip a limit, or `until`; the peak of equity before it."""
    levels = position.levels
    until = first_met(track.prices, known, side, levels.stop, levels.target, position.entered_at, bar, until)
    if numbers.is_margined:
        until = first_beyond(track.marks, side, levels.liquidation, side * inf, bar, until)
    if watch.daily or watch.drawdown:
        return _unlimited_until(track, numbers, side, position, watch, cash, bar, until)
    return until, watch.peak


@compilable
def _unlimited_until(
    track: Track,
    numbers: Numbers,
    side: int,
    position: Position,
    watch: Watch,
    cash: float,
    bar: int,
    until: int,
) -> tuple[int, float]:
    """The first bar from `bar` on whose close may trip a limit, or `until`; the peak of equity before it."""
    past, peak = track.past, watch.peak
    singly_until = bar
    while bar < until:
        block = bar // BLOCK
        is_whole = bar >= singly_until and bar == block * BLOCK and bar + BLOCK <= until
        low, high = past.close[bar], past.close[bar]
        if is_whole:
            low, high = track.lowest_close[block], track.highest_close[block]
        worst, best = (low, high) if side > 0 else (high, low)
        least = equity_of(numbers, position, cash, worst)
        highest = max(peak, equity_of(numbers, position, cash, best))
        if (watch.daily and limits.loss_reached(least, watch.day_opening, numbers.max_daily_loss)) or (
            watch.drawdown and limits.loss_reached(least, highest, numbers.max_drawdown)
        ):
            if not is_whole:
                break
            singly_until = bar + BLOCK
        else:
            peak = highest
            bar += BLOCK if is_whole else 1
    return bar, peak
