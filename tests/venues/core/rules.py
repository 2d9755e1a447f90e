"""What differs between venues in how orders are taken, apart from their language."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class ClientIds(StrEnum):
    """Among which orders of an account a client id may stand once."""

    EVER = "ever"
    OPEN = "open"
    ANY = "any"


class FeeIn(StrEnum):
    """What the fee on a purchase of something owned is taken from."""

    RECEIVED = "received"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Rules:
    """Fees are fractions of the value. `order_id` gives the id of the n-th order."""

    client_ids: ClientIds = ClientIds.EVER
    fee_in: FeeIn = FeeIn.RECEIVED
    maker: Decimal = Decimal(0)
    taker: Decimal = Decimal(0)
    post_only_cancels: bool = False
    """An order that must not take is accepted and cancelled, instead of refused."""
    stops_hold: bool = False
    """An order that waits for its trigger holds what it would need."""
    order_id: Callable[[int], str] = str
