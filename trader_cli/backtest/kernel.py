"""The compiled loop: DESIGN section 3 for one symbol, long only, driving the shared rules bar by bar.

Nothing here decides a price, a size, a fee or a limit: that is `rules`. Imported only where a backtest runs, since it
brings numba along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trader_cli.rules import account, codes, exits, fills, limits, sizing
from trader_cli.rules.compiled import compiled, make_rules_compilable

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars, Floats, Ints
    from trader_cli.domain.signal import Codes, Signals
    from trader_cli.rules.numbers import Numbers

make_rules_compilable()

LONG = 1


class Outcome(NamedTuple):
    """What the kernel hands back.

    Shape: `trades` (trades, 7): entry bar, exit bar, quantity, entry price, exit price, fees, exit code; `equity` one
    value a bar, at its close; `halts` (halts, 2): bar, code; `refusals` one count a code; `position` (entry bar,
    quantity, entry price, entry fee), quantity 0 when flat; `pending` (quantity to buy, code of an exit), 0 when none.
    Units: `exposure_sum` is the sum over bars of gross notional / equity.
    """

    trades: Floats
    equity: Floats
    halts: Ints
    refusals: Ints
    position: tuple[int, float, float, float]
    pending: tuple[float, int]
    exposure_sum: float
    ambiguous_bars: int


def simulate(bars: Bars, signals: Signals, numbers: Numbers, *, first_bar: int = 0, first_decision: int = 0) -> Outcome:
    """Trades bars `first_bar` to the end on what the signals wish; decides from `first_decision` on, if later."""
    # numpy asks the system for huge pages and numba does not: the curve's page faults would cost as much as the loop.
    curve = np.empty(len(bars))
    prices = bars.open, bars.high, bars.low, bars.close
    wishes = signals.entry, signals.exit_long
    return _driven(*prices, bars.session, *wishes, first_bar, first_decision, numbers, curve)


@compiled
def _driven(
    opening: Floats,
    high: Floats,
    low: Floats,
    close: Floats,
    day: Ints,
    entry: Codes,
    exit_long: Codes,
    first_bar: int,
    first_decision: int,
    numbers: Numbers,
    curve: Floats,
) -> Outcome:
    """`simulate` on plain arrays, one entry a bar each; writes the equity at each close into `curve`."""
    count = len(close)
    trades = np.empty((count, 7))
    curve[:first_bar] = numbers.starting_balance
    halts = np.empty((count + 1, 2), np.int64)
    refusals = np.zeros(len(codes.REFUSALS), np.int64)
    traded = halted = ambiguous_bars = 0
    exposure_sum = 0.0

    cash = equity = peak = day_opening = numbers.starting_balance
    today = day[first_bar] if first_bar < count else 0
    day_lost = drawn_down = False
    stopped_at = entry_bar = limits.NEVER

    quantity = entry_price = entry_fee = stop = target = best_price = 0.0
    buying = 0.0
    ordered_exit = codes.STAY

    for bar in range(first_bar, count):
        if day[bar] != today:
            today, day_opening, day_lost = day[bar], equity, False

        if buying > 0.0:
            price = fills.slipped(opening[bar], LONG, numbers.slippage)
            fees = account.fee(buying, price, numbers.taker_fee)
            cash_left = account.cash_after_entry(cash, buying, price, fees)
            if account.is_overdrawn(cash_left, cash):
                refusals[codes.INSUFFICIENT_FUNDS] += 1
            else:
                cash, quantity, entry_fee = cash_left, buying, fees
                entry_bar, entry_price, best_price = bar, price, price
                stop = fills.stop_level(price, LONG, numbers.stop_loss)
                target = fills.target_level(price, LONG, numbers.take_profit)
            buying = 0.0

        if quantity > 0.0:
            reason, price, fee_rate, ambiguous = exits.leaving(
                numbers,
                LONG,
                ordered_exit,
                entry_bar < bar,
                opening[bar],
                high[bar],
                low[bar],
                stop,
                target,
                best_price,
            )
            ambiguous_bars += ambiguous
            best_price = max(best_price, high[bar])
            if reason != codes.STAY:
                fees = account.fee(quantity, price, fee_rate)
                cash = account.cash_after_exit(cash, quantity, price, fees)
                trades[traded, 0], trades[traded, 1], trades[traded, 2] = entry_bar, bar, quantity
                trades[traded, 3], trades[traded, 4] = entry_price, price
                trades[traded, 5], trades[traded, 6] = entry_fee + fees, reason
                traded += 1
                quantity, ordered_exit = 0.0, codes.STAY
                if exits.is_stop(reason):
                    stopped_at = bar

        held = account.notional(quantity, close[bar])
        equity = cash + held
        curve[bar] = equity
        if quantity > 0.0:
            exposure_sum += held / equity
        peak = max(peak, equity)
        if not day_lost and limits.loss_reached(equity, day_opening, numbers.max_daily_loss):
            day_lost = True
            halts[halted, 0], halts[halted, 1] = bar, codes.MAX_DAILY_LOSS
            halted += 1
        if not drawn_down and limits.loss_reached(equity, peak, numbers.max_drawdown):
            drawn_down = True
            halts[halted, 0], halts[halted, 1] = bar, codes.MAX_DRAWDOWN
            halted += 1

        if bar < first_decision:
            continue
        if quantity > 0.0:
            ordered_exit = exits.exit_wish(int(exit_long[bar]), bar, entry_bar, numbers.max_holding_bars)
        elif entry[bar] == LONG:
            refusal = limits.entry_ban(day_lost, drawn_down, bar, stopped_at, numbers.cooldown_bars)
            if refusal == codes.ALLOWED:
                buying, refusal = sizing.entry_quantity(numbers, equity, cash, 0.0, close[bar])
            if refusal != codes.ALLOWED:
                refusals[refusal] += 1

    position = entry_bar, quantity, entry_price, entry_fee
    pending = buying, ordered_exit
    return Outcome(
        trades[:traded].copy(),
        curve,
        halts[:halted].copy(),
        refusals,
        position,
        pending,
        exposure_sum,
        ambiguous_bars,
    )
