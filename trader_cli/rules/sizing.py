"""How much an entry buys (DESIGN 3, items 2, 7 and 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.rules import account, codes

if TYPE_CHECKING:
    from trader_cli.rules.numbers import Grid, Numbers

ROUNDING = 1e-15
"""A quotient this close below a whole number of lots is that number, spoiled by binary fractions only."""


def floor_to_lot(quantity: float, lot: float) -> float:
    """The largest multiple of `lot` not above `quantity`, as the nearest double of that decimal number.

    >>> floor_to_lot(0.3, 0.1), floor_to_lot(2.999, 1.0), floor_to_lot(0.123456789, 1e-8)
    (0.3, 2.0, 0.12345678)
    """
    count = whole(quantity / lot * (1.0 + ROUNDING))
    per_unit = whole(1.0 / lot + 0.5)
    if lot < 1.0 and abs(per_unit * lot - 1.0) < ROUNDING:
        return count / per_unit
    return count * lot


def whole(value: float) -> float:
    """`value` without its fraction; from 2^52 on a double has none, and machine integers do not reach much further.

    >>> whole(2.999), whole(1e19)
    (2.0, 1e+19)
    """
    return value if value >= 2.0**52 else float(int(value))


def wanted_notional(numbers: Numbers, equity: float) -> float:
    """The notional a trade aims at: the whole position size, or what loses `risk_per_trade` of equity at its stop.

    The distance to the stop includes what leaving costs: slippage, and the fees of both fills.
    """
    if not numbers.sizes_by_risk:
        return numbers.max_position_size
    loss_at_stop = numbers.stop_loss + numbers.slippage + 2.0 * numbers.taker_fee
    return equity * numbers.risk_per_trade / loss_at_stop


def entry_quantity(
    numbers: Numbers, grid: Grid, equity: float, free_cash: float, exposure: float, price: float
) -> tuple[float, int]:
    """How much to enter at about `price`, cut to the smallest remaining cap: (quantity, `ALLOWED` or why not).

    `exposure` is the notional of everything else held or ordered, `free_cash` what the orders on their way leave.
    """
    room = numbers.max_total_exposure - exposure
    if room <= 0.0:
        return 0.0, codes.MAX_TOTAL_EXPOSURE
    affordable = account.affordable(numbers, free_cash)
    notional = min(wanted_notional(numbers, equity), numbers.max_position_size, room, affordable)
    quantity = floor_to_lot(notional / price, grid.lot)
    if quantity <= 0.0 or quantity < grid.minimum_quantity:
        return 0.0, codes.BELOW_LOT
    if account.notional(quantity, price) < grid.minimum_notional:
        return 0.0, codes.BELOW_MINIMUM
    return quantity, codes.ALLOWED
