"""An order on its way: what was decided, and the kind that may be sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from trader_cli.domain.trade import Side


class Purpose(StrEnum):
    """What an order does to a position."""

    ENTRY = "entry"
    EXIT = "exit"


@dataclass(frozen=True, slots=True)
class Order:
    """A market order that opens or closes the position on `side` of a symbol.

    `reason` is why: an exit's reason, `signal` for an entry. `decided_at` is the open time of the bar at whose close it
    was decided, `price` that close. `client_id` is by which we and a venue know it. Units: `quantity` in coins or
    shares, a whole number of lots.
    """

    symbol: str
    side: Side
    purpose: Purpose
    quantity: Decimal
    reason: str
    decided_at: datetime
    price: float
    client_id: str


ApprovedOrder = NewType("ApprovedOrder", Order)
"""An order that has passed review, which alone makes it: the only kind an executor takes."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An entry that was wished for and not ordered, or ordered and not filled, by reason code."""

    symbol: str
    side: Side
    code: str
