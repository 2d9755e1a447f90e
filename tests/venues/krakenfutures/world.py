"""Kraken's perpetuals, for tests."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.core.accounts import Account
from tests.venues.core.clock import HOUR, Clock
from tests.venues.core.exchange import Exchange
from tests.venues.core.market import Kind, Market
from tests.venues.kraken.world import KEYS
from tests.venues.worlds import BEGINS, NOW, minutes

if TYPE_CHECKING:
    from tests.venues.core.rules import Rules

PF_XBT = Market(
    "PF_XBTUSD",
    "BTC",
    "USD",
    Kind.LINEAR,
    tick=Decimal(1),
    lot=Decimal("0.0001"),
    min_quantity=Decimal("0.0001"),
    max_quantity=Decimal(100),
    settle="USD",
    spread=Decimal(1),
    max_leverage=Decimal(50),
)
PF_ETH = Market(
    "PF_ETHUSD",
    "ETH",
    "USD",
    Kind.LINEAR,
    tick=Decimal("0.1"),
    lot=Decimal("0.001"),
    min_quantity=Decimal("0.001"),
    settle="USD",
    max_leverage=Decimal(50),
)


def perpetuals(rules: Rules, now: int | None = NOW) -> Exchange:
    """Bitcoin at 50,000 until it is set, ether on four hours of minutes, and an account of 10,000 USD."""
    exchange = Exchange(rules, Clock(now))
    rates = [(BEGINS + hours * HOUR, Decimal(rate)) for hours, rate in ((0, "0.0001"), (1, "-0.0002"), (3, "0.0003"))]
    exchange.add_market(PF_XBT, price="50000", mark=minutes(240, 50_000), funding=rates)
    exchange.add_market(PF_ETH, minutes(240))
    exchange.add_account(Account(KEYS["apiKey"], KEYS["secret"], balances={"USD": Decimal(10_000)}))
    return exchange
