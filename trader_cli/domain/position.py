"""What is held of one symbol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trader_cli.domain.trade import Side


@dataclass(frozen=True, slots=True)
class Position:
    """One position, from its entry fill on.

    `stop`, `target` and `liquidation` are the levels that were set at the fill, `best_price` is the best price for its
    side of the bars before. Units: `entry_time` in ns since 1970 UTC (open time of the bar of the fill); `entry_fee`
    and `funding` are what it has paid so far, account currency.
    """

    symbol: str
    side: Side
    quantity: float
    entry_time: int
    entry_price: float
    entry_fee: float
    stop: float
    target: float
    liquidation: float
    best_price: float
    funding: float = 0.0
