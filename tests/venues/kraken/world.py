"""Kraken's pairs in dollars, for tests."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.core.accounts import Account
from tests.venues.core.clock import Clock
from tests.venues.core.exchange import Exchange
from tests.venues.core.market import Kind, Market
from tests.venues.worlds import NOW, minutes

if TYPE_CHECKING:
    from tests.venues.core.rules import Rules

KEYS = {"apiKey": "a-key", "secret": "YS1zZWNyZXQ="}
"""A secret is given in base64."""
XBT = Market(
    "XBTUSD",
    "BTC",
    "USD",
    Kind.SPOT,
    tick=Decimal("0.1"),
    lot=Decimal("0.00000001"),
    min_quantity=Decimal("0.00005"),
    min_notional=Decimal("0.5"),
    spread=Decimal("0.1"),
)
ETH = Market(
    "ETHUSD",
    "ETH",
    "USD",
    Kind.SPOT,
    tick=Decimal("0.01"),
    lot=Decimal("0.00000001"),
    min_quantity=Decimal("0.002"),
    min_notional=Decimal("0.5"),
)


def dollars(rules: Rules, now: int | None = NOW) -> Exchange:
    """Bitcoin at 50,000 until it is set, ether on four hours of minutes, and an account of 10,000 USD and 1 BTC."""
    exchange = Exchange(rules, Clock(now))
    exchange.add_market(XBT, price="50000")
    exchange.add_market(ETH, minutes(240))
    balances = {"USD": Decimal(10_000), "BTC": Decimal(1)}
    exchange.add_account(Account(KEYS["apiKey"], KEYS["secret"], balances=balances))
    return exchange
