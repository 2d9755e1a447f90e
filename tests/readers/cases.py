"""Every venue and asset class that a reader ships for, as a simulated venue shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.venues.bybit.front import RULES as BYBIT_RULES
from tests.venues.bybit.front import Bybit
from tests.venues.core.clock import HOUR, MINUTE, Clock
from tests.venues.core.exchange import Exchange
from tests.venues.core.market import Kind, Market
from tests.venues.core.series import Series
from trader_cli.domain.instrument import AssetClass

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.venues.core.rules import Rules
    from tests.venues.front import FrontEnd

BEGINS = 1_772_409_600 * 1_000_000_000
"""2026-03-02T00:00:00Z, a Monday."""

MINUTES = 3000
HISTORY = 2400
"""The minute at which a test begins to trade, of all there are."""

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Case:
    """One asset class of one venue: its front end, one market of it, and what a user calls that market.

    `late` are venues whose rates are published so many seconds after they were settled.
    """

    broker: str
    asset_class: AssetClass
    front: Callable[[Exchange], FrontEnd]
    rules: Rules
    market: Market
    symbol: str
    environment: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.broker}-{self.asset_class}"

    def exchange(self, now: int | None = None) -> Exchange:
        """The venue's truth at the minute where history ends, or at another time (ns)."""
        exchange = Exchange(self.rules, Clock(BEGINS + HISTORY * MINUTE if now is None else now))
        is_contract = self.market.kind.is_contract
        marks = Series(rows(seed=2, around=rows()), MINUTE) if is_contract else None
        exchange.add_market(self.market, Series(rows(), MINUTE), mark=marks, funding=settled() if is_contract else ())
        return exchange


def settled() -> list[tuple[int, Decimal]]:
    """Funding every eight hours."""
    rates = (Decimal("0.0005"), Decimal("-0.0003"), Decimal("0.0001"))
    return [(BEGINS + n * 8 * HOUR, rates[n % 3]) for n in range(-6, 10)]


@cache
def rows(seed: int = 1, around: Any = None) -> tuple[tuple[Any, ...], ...]:
    """Minutes of a market that wanders; with `around` the same in mark prices. (ns, open, high, low, close, volume)."""
    random = np.random.default_rng(seed)
    if around is None:
        close = 2000 * np.exp(np.cumsum(random.normal(0, 2e-3, MINUTES)))
        opened = np.concatenate(([2000.0], close[:-1]))
    else:
        off = 1 + random.normal(0, 5e-4, len(around))
        opened, close = (np.array([float(row[place]) for row in around]) * off for place in (1, 4))
    high, low = np.maximum(opened, close) * 1.0008, np.minimum(opened, close) * 0.9992
    volume = random.exponential(10, len(close)) + 0.5
    return tuple(
        (BEGINS + n * MINUTE, *(Decimal(f"{column[n]:.2f}") for column in (opened, high, low, close, volume)))
        for n in range(len(close))
    )


def market(symbol: str, base: str, quote: str, kind: Kind, **more: Any) -> Market:
    """A market on a fine grid, so that small accounts trade it."""
    figures: dict[str, Any] = {"tick": CENT, "lot": Decimal("0.001"), "min_quantity": Decimal("0.001")}
    return Market(symbol, base, quote, kind, **{**figures, "min_notional": Decimal(5), "spread": CENT, **more})


CASES = (
    Case("bybit", AssetClass.CRYPTO, Bybit, BYBIT_RULES, market("BTCUSDT", "BTC", "USDT", Kind.SPOT), "BTC/USDT"),
    Case(
        "bybit",
        AssetClass.FUTURES,
        Bybit,
        BYBIT_RULES,
        market("BTCUSDT", "BTC", "USDT", Kind.LINEAR, settle="USDT", max_leverage=Decimal(50)),
        "BTC_USD_PERP",
    ),
)
