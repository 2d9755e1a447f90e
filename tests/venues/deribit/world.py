"""Deribit's perpetuals and spot, for tests."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.core.accounts import Account
from tests.venues.core.clock import HOUR, Clock
from tests.venues.core.exchange import Exchange
from tests.venues.core.market import Kind, Market
from tests.venues.worlds import BEGINS, KEYS, NOW, minutes

if TYPE_CHECKING:
    from tests.venues.core.rules import Rules

INVERSE = Market(
    "BTC-PERPETUAL",
    "BTC",
    "USD",
    Kind.INVERSE,
    tick=Decimal("0.5"),
    lot=Decimal(10),
    min_quantity=Decimal(10),
    settle="BTC",
    spread=Decimal("0.5"),
    max_leverage=Decimal(50),
)
"""An amount is in dollars, by tens."""
LINEAR = Market(
    "BTC_USDC-PERPETUAL",
    "BTC",
    "USDC",
    Kind.LINEAR,
    tick=Decimal("0.5"),
    lot=Decimal("0.0001"),
    min_quantity=Decimal("0.0001"),
    max_quantity=Decimal(100),
    settle="USDC",
    spread=Decimal("0.5"),
    max_leverage=Decimal(50),
)
SPOT = Market(
    "BTC_USDC",
    "BTC",
    "USDC",
    Kind.SPOT,
    tick=Decimal("0.5"),
    lot=Decimal("0.0001"),
    min_quantity=Decimal("0.0001"),
    is_free=True,
)
ETH = Market(
    "ETH_USDC-PERPETUAL",
    "ETH",
    "USDC",
    Kind.LINEAR,
    tick=Decimal("0.05"),
    lot=Decimal("0.001"),
    min_quantity=Decimal("0.001"),
    settle="USDC",
    max_leverage=Decimal(50),
)


def perpetuals(rules: Rules, now: int | None = NOW) -> Exchange:
    """Bitcoin at 50,000 until it is set, ether on four hours of minutes, and an account of 10,000 USDC and 1 BTC.

    Nobody sets a leverage there: the margin of a perpetual is a fiftieth of it.
    """
    exchange = Exchange(rules, Clock(now))
    rates = [(BEGINS + hours * HOUR, Decimal(rate)) for hours, rate in ((0, "0.0001"), (1, "-0.0002"), (3, "0.0003"))]
    for market in (INVERSE, LINEAR):
        exchange.add_market(market, price="50000", mark=minutes(240, 50_000), funding=rates)
    exchange.add_market(SPOT, price="50000")
    exchange.add_market(ETH, minutes(240))
    leverage = {market.key: market.max_leverage for market in (INVERSE, LINEAR, ETH)}
    balances = {"USDC": Decimal(10_000), "BTC": Decimal(1)}
    exchange.add_account(Account(KEYS["apiKey"], KEYS["secret"], balances=balances, leverage=leverage))
    return exchange
