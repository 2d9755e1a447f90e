"""Who trades, and what they have."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class MarginMode(StrEnum):
    CROSS = "cross"
    ISOLATED = "isolated"


@dataclass(slots=True)
class Position:
    """A quantity with a sign and the mean price that it was opened at. For what is owned it is the mean cost."""

    quantity: Decimal = Decimal(0)
    entry: Decimal = Decimal(0)
    realised: Decimal = Decimal(0)
    opened: int = 0
    updated: int = 0

    def trade(self, signed: Decimal, price: Decimal, time: int, *, inverse: bool) -> tuple[Decimal, Decimal]:
        """Takes a trade in. Returns: what it closed (no sign), and the gain per unit of contract size."""
        closed, gain = Decimal(0), Decimal(0)
        if self.quantity * signed < 0:
            closed = min(abs(signed), abs(self.quantity))
            direction = 1 if self.quantity > 0 else -1
            apart = 1 / self.entry - 1 / price if inverse else price - self.entry
            gain = closed * apart * direction
        before, self.quantity = self.quantity, self.quantity + signed
        if before * self.quantity <= 0:
            self.entry, self.opened = (price if self.quantity else Decimal(0)), time
        elif abs(self.quantity) > abs(before):
            if inverse:
                self.entry = self.quantity / (before / self.entry + signed / price)
            else:
                self.entry = (before * self.entry + signed * price) / self.quantity
        self.updated = time
        return closed, gain


@dataclass(frozen=True, slots=True)
class Payment:
    """Funding that was paid (below 0) or received, in the currency that settles."""

    time: int
    market: str
    amount: Decimal
    rate: Decimal
    quantity: Decimal


@dataclass(slots=True)
class Account:
    """A key and what lies behind it. `leverage` and `positions` go by the market's key."""

    key: str
    secret: str
    passphrase: str = ""
    uid: int = 1_000_001
    balances: dict[str, Decimal] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    leverage: dict[str, Decimal] = field(default_factory=dict)
    margin_mode: MarginMode = MarginMode.CROSS
    is_hedged: bool = False
    may_trade: bool = True
    may_withdraw: bool = False
    payments: list[Payment] = field(default_factory=list)

    def add(self, asset: str, amount: Decimal) -> None:
        """Pays in, or out."""
        self.balances[asset] = self.balances.get(asset, Decimal(0)) + amount

    def position(self, market: str) -> Position:
        return self.positions.setdefault(market, Position())
