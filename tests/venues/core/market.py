"""What can be traded, and by which rules."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum


class Kind(StrEnum):
    SPOT = "spot"
    LINEAR = "linear"
    INVERSE = "inverse"
    STOCK = "stock"
    ETF = "etf"

    @property
    def is_contract(self) -> bool:
        """A perpetual: margined, and held as a position; all else is owned."""
        return self in {Kind.LINEAR, Kind.INVERSE}


class Status(StrEnum):
    TRADING = "trading"
    HALTED = "halted"
    DELISTED = "delisted"


@dataclass(frozen=True, slots=True)
class Hours:
    """When a market is open: (open, close) pairs in ns, oldest first, which do not overlap."""

    sessions: tuple[tuple[int, int], ...]

    def are_open(self, at: int) -> bool:
        found = self._started(at)
        return found > 0 and at < self.sessions[found - 1][1]

    def next_open(self, at: int) -> int | None:
        """The first open after this time; None beyond what is known."""
        found = self._started(at)
        return self.sessions[found][0] if found < len(self.sessions) else None

    def next_close(self, at: int) -> int | None:
        """The first close after this time."""
        return next((close for _, close in self.sessions if close > at), None)

    def _started(self, at: int) -> int:
        return bisect_right(self.sessions, at, key=lambda session: session[0])


@dataclass(frozen=True, slots=True)
class Market:
    """One thing that trades. Prices are in `quote`; quantities are in `base`, or in contracts for a perpetual.

    A linear contract is `contract_size` of `base` and settles in `settle`; an inverse one is `contract_size` of
    `quote` and settles in `base`. `spread` is what the ask lies above the last price; the bid is the last price.
    """

    symbol: str
    base: str
    quote: str
    kind: Kind
    tick: Decimal
    lot: Decimal
    min_quantity: Decimal
    max_quantity: Decimal = Decimal(1_000_000)
    min_notional: Decimal = Decimal(0)
    contract_size: Decimal = Decimal(1)
    settle: str = ""
    spread: Decimal = Decimal(0)
    max_leverage: Decimal = Decimal(1)
    status: Status = Status.TRADING
    hours: Hours | None = None
    name: str = ""
    is_free: bool = False
    """No fee is taken."""

    @property
    def key(self) -> str:
        """Names the market where one symbol stands for several kinds."""
        return f"{self.symbol}@{self.kind}"

    def is_open(self, at: int) -> bool:
        return self.status is Status.TRADING and (self.hours is None or self.hours.are_open(at))

    def value(self, quantity: Decimal, price: Decimal) -> Decimal:
        """What a quantity is worth, in the currency that pays for it."""
        if self.kind is Kind.INVERSE:
            return abs(quantity) * self.contract_size / price
        return abs(quantity) * self.contract_size * price

    def notional(self, quantity: Decimal, price: Decimal) -> Decimal:
        """What a quantity is worth, in `quote`."""
        if self.kind is Kind.INVERSE:
            return abs(quantity) * self.contract_size
        return abs(quantity) * self.contract_size * price

    @property
    def paid_in(self) -> str:
        """The asset that pays for it, or is its margin."""
        return self.settle if self.kind.is_contract else self.quote

    def whole_lots(self, quantity: Decimal) -> Decimal:
        """The quantity, rounded down to the lot."""
        return (quantity / self.lot).to_integral_value(ROUND_FLOOR) * self.lot
