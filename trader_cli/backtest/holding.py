"""What an account of one symbol holds, and what its bars make of it: the parts of the kernel for sweeps.

No price, fee or level is decided here: that is `rules`. Nothing is written but a list of trades where one is asked for;
positions and sums are values, which machine code keeps in registers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trader_cli.backtest.steps import inside
from trader_cli.rules import account, exits, fills
from trader_cli.rules.compiled import compilable, make_rules_compilable
from trader_cli.rules.numbers import Candle, FineBars, Levels

if TYPE_CHECKING:
    from trader_cli.backtest.track import Track
    from trader_cli.domain.bars import Floats
    from trader_cli.rules.numbers import Numbers

make_rules_compilable()


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


class Sums(NamedTuple):
    """What the trades so far have come to, as `TALLY` has it: in registers until the run is over."""

    trades: int
    wins: int
    profit: float
    gross_profit: float
    gross_loss: float
    fees: float
    funding: float
    ambiguous_bars: int


NO_TRADES = Sums(0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0)


class Curve(NamedTuple):
    """What the equity at each close has come to: its peak, the deepest fall from one, the sum of exposures."""

    peak: float
    deepest: float
    exposure_sum: float


@compilable
def equity_of(numbers: Numbers, position: Position, cash: float, price: float) -> float:
    """The account's equity at a price."""
    if position.side == 0:
        return cash
    return cash + account.value(position.side, position.quantity, position.entry_price, price, numbers.leverage)


@compilable
def followed(closes: Floats, numbers: Numbers, position: Position, cash: float, curve: Curve) -> Curve:
    """The curve once it has gone on over these closes, with nothing done meanwhile."""
    peak, deepest, exposure_sum = curve
    for close in closes:
        equity = equity_of(numbers, position, cash, close)
        peak = max(peak, equity)
        deepest = min(deepest, equity / peak - 1.0)
        exposure_sum += account.exposure_share(account.notional(position.quantity, close), equity)
    return Curve(peak, deepest, exposure_sum)


@compilable
def funded(position: Position, paid: float) -> Position:
    """The position once it has paid funding."""
    side, entered_at, quantity, entry_price, best_price, fees, funding, levels = position
    return Position(side, entered_at, quantity, entry_price, best_price, fees, funding + paid, levels)


@compilable
def entered(
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
def met(
    track: Track, numbers: Numbers, position: Position, ordered: int, at: int
) -> tuple[Position, int, float, float, bool]:
    """What one bar does to a position: it, as it has seen the bar, and what `exits.leaving` says."""
    past = track.past
    side, entered_at, quantity, entry_price, best, fees, funding, levels = position
    candle = Candle(past.open[at], past.high[at], past.low[at])
    mark = Candle(past.mark_open[at], past.mark_high[at], past.mark_low[at])
    fine, looks_inside = FineBars(past.fine_open, past.fine_high, past.fine_low, 0, 0), False
    while True:  # at most twice, and part of the machine code once
        left = exits.leaving(numbers, side, ordered, entered_at < at, candle, mark, levels, entry_price, best, fine)
        reason, price, rate, ambiguous = left
        if looks_inside or not ambiguous:
            break
        fine, looks_inside = inside(past, 0, at), True
    best = fills.better_price(side, best, fills.best_of(side, candle))
    position = Position(side, entered_at, quantity, entry_price, best, fees, funding, levels)
    return position, reason, price, rate, ambiguous


@compilable
def left(
    numbers: Numbers,
    position: Position,
    reason: int,
    price: float,
    rate: float,
    ambiguous: bool,
    cash: float,
    at: int,
    sums: Sums,
    trades: Floats,
) -> tuple[float, Sums]:
    """Books a trade: (cash, sums)."""
    side, entered_at, quantity, entry_price, _, fees, funding, _ = position
    fee = account.fee(quantity, price, rate)
    fees += fee
    pnl = account.profit(side, quantity, entry_price, price, fees, funding)
    if sums.trades < len(trades):
        trade = trades[sums.trades]
        trade[0], trade[1], trade[2], trade[3] = 0, side, entered_at, at
        trade[4], trade[5], trade[6] = quantity, entry_price, price
        trade[7], trade[8], trade[9] = fees, funding, reason
    sums = Sums(
        trades=sums.trades + 1,
        wins=sums.wins + (pnl > 0.0),
        profit=sums.profit + pnl,
        gross_profit=sums.gross_profit + max(0.0, pnl),
        gross_loss=sums.gross_loss + min(0.0, pnl),
        fees=sums.fees + fees,
        funding=sums.funding + funding,
        ambiguous_bars=sums.ambiguous_bars + ambiguous,
    )
    return account.cash_after_exit(cash, side, quantity, entry_price, price, fee, numbers.leverage), sums
