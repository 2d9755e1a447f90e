"""What can be traded, and on which grid of prices and quantities."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class AssetClass(StrEnum):
    """The fourth dimension of a variant."""

    CRYPTO = "crypto"
    STOCKS = "stocks"
    ETF = "etf"
    FUTURES = "futures"

    @property
    def is_stock_like(self) -> bool:
        """Whether it trades in exchange sessions and in whole shares."""
        return self in (AssetClass.STOCKS, AssetClass.ETF)


@dataclass(frozen=True, slots=True)
class Instrument:
    """One symbol of one venue, with the steps and minima of its orders.

    Units: `tick` in quote currency, `lot`, `minimum_quantity` and `maximum_quantity` in units of the symbol,
    `minimum_notional` in quote currency, `contract_size` in units of the underlying a contract. `quote` and `settle`
    are currencies, empty where nobody said. `known` is False where the instrument book had no figures and cautious
    ones were assumed.
    """

    symbol: str
    tick: Decimal
    lot: Decimal
    minimum_quantity: Decimal
    minimum_notional: Decimal
    contract_size: Decimal = Decimal(1)
    known: bool = True
    maximum_quantity: Decimal | None = None
    quote: str = ""
    settle: str = ""
