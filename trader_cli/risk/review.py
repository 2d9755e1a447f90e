"""The last look at an order, and the only maker of one that may be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.domain.order import ApprovedOrder, Purpose
from trader_cli.errors import TraderError

if TYPE_CHECKING:
    from trader_cli.domain.order import Order
    from trader_cli.rules.numbers import Grid, Numbers

_TOLERANCE = 1e-9
"""By how much of itself a figure may be off through rounding alone."""


class UnsoundOrder(TraderError):  # noqa: N818 - it names what was found
    """An order that planning must never have made. Nothing was sent."""

    code = "unsound_order"


def reviewed(order: Order, numbers: Numbers, grid: Grid, *, held: float) -> ApprovedOrder:
    """The order, approved. It trusts nobody: what is wrong here is a bug elsewhere.

    `held` is the quantity of the symbol's position, 0 when flat.
    Raises: UnsoundOrder.
    """
    problem = _problem(order, numbers, grid, held)
    if problem is not None:
        raise UnsoundOrder(f"{order.purpose} of {order.quantity} {order.symbol} {problem}: not sent")
    return ApprovedOrder(order)


def _problem(order: Order, numbers: Numbers, grid: Grid, held: float) -> str | None:
    quantity = float(order.quantity)
    if not order.quantity.is_finite() or quantity <= 0:
        return "is no quantity"
    if order.purpose is Purpose.EXIT:
        return "is not what is held" if quantity != held else None
    lots = quantity / grid.lot
    if abs(lots - round(lots)) > _TOLERANCE * max(1.0, lots):
        return f"is no whole number of lots of {grid.lot:g}"
    cap = min(numbers.max_position_size, numbers.max_total_exposure)
    if quantity * order.price > cap * (1 + _TOLERANCE):
        return f"is above the largest position of {cap:g}"
    return None
