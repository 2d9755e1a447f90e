"""Orders and fills, as the exchange holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        return 1 if self is Side.BUY else -1


class TimeInForce(StrEnum):
    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"
    DAY = "day"


class State(StrEnum):
    UNTRIGGERED = "untriggered"
    OPEN = "open"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    REPLACED = "replaced"

    @property
    def is_live(self) -> bool:
        return self in {State.UNTRIGGERED, State.OPEN}


@dataclass(frozen=True, slots=True)
class Fill:
    """One trade of one order. `realised` is the gain of what it closed, in the currency that settles."""

    id: str
    order_id: str
    time: int
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    is_maker: bool
    closed: Decimal
    realised: Decimal
    is_liquidation: bool = False


@dataclass(frozen=True, slots=True)
class Ticket:
    """What somebody asks for. `price` makes it a limit order, `trigger` lets it wait for the last price.

    `cost` (in quote) stands for a quantity of 0 that is worked out when the order fills.
    """

    symbol: str
    side: Side
    quantity: Decimal = Decimal(0)
    price: Decimal | None = None
    trigger: Decimal | None = None
    triggers_above: bool | None = None
    cost: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    reduce_only: bool = False
    post_only: bool = False
    client_id: str = ""


@dataclass(slots=True)
class Order:
    """A ticket that was accepted. `market` is the market's key; `number` counts all orders of the exchange."""

    id: str
    number: int
    account: str
    market: str
    ticket: Ticket
    quantity: Decimal
    created: int
    updated: int
    last_on_created: Decimal
    state: State = State.OPEN
    reason: str = ""
    fills: list[Fill] = field(default_factory=list)
    is_resting: bool = False
    triggered: int | None = None
    doomed_at: int | None = None
    replaces: str = ""
    replaced_by: str = ""

    @property
    def filled(self) -> Decimal:
        return sum((fill.quantity for fill in self.fills), Decimal(0))

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.filled

    @property
    def filled_value(self) -> Decimal:
        """The sum of quantity times price."""
        return sum((fill.quantity * fill.price for fill in self.fills), Decimal(0))

    @property
    def average(self) -> Decimal | None:
        """The mean price of what was filled; None before the first fill."""
        return self.filled_value / self.filled if self.fills else None

    @property
    def fees(self) -> Decimal:
        return sum((fill.fee for fill in self.fills), Decimal(0))
