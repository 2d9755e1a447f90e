"""Small worlds for tests: markets, candles and an account, with figures that can be checked by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.core.accounts import Account
from tests.venues.core.clock import DAY, HOUR, MINUTE, Clock
from tests.venues.core.exchange import Exchange
from tests.venues.core.market import Hours, Kind, Market
from tests.venues.core.series import Series

if TYPE_CHECKING:
    from tests.venues.core.rules import Rules

BEGINS = 1_772_409_600 * 1_000_000_000
"""2026-03-02T00:00:00Z, a Monday."""
OPENS = BEGINS + 14 * HOUR + 30 * MINUTE
"""Wall Street opens, in winter."""
NOW = BEGINS + 2 * HOUR
KEYS = {"apiKey": "a-key", "secret": "a-secret"}
"""What ccxt is told of the account of these worlds."""
OKX_KEYS = {**KEYS, "password": "a-passphrase"}
"""The same for OKX, which asks for a third secret."""

BTC = Market(
    "BTCUSDT",
    "BTC",
    "USDT",
    Kind.SPOT,
    tick=Decimal("0.1"),
    lot=Decimal("0.0001"),
    min_quantity=Decimal("0.0002"),
    max_quantity=Decimal(100),
    min_notional=Decimal(5),
    spread=Decimal("0.1"),
)
PERP = Market(
    "BTCUSDT",
    "BTC",
    "USDT",
    Kind.LINEAR,
    tick=Decimal("0.1"),
    lot=Decimal("0.001"),
    min_quantity=Decimal("0.001"),
    max_quantity=Decimal(100),
    min_notional=Decimal(5),
    settle="USDT",
    spread=Decimal("0.1"),
    max_leverage=Decimal(100),
)
ETH = Market(
    "ETHUSDT",
    "ETH",
    "USDT",
    Kind.SPOT,
    tick=Decimal("0.01"),
    lot=Decimal("0.001"),
    min_quantity=Decimal("0.001"),
    min_notional=Decimal(5),
)
DASHED = (
    replace(BTC, symbol="BTC-USDT", min_notional=Decimal(0)),
    replace(
        PERP,
        symbol="BTC-USDT-SWAP",
        contract_size=Decimal("0.01"),
        lot=Decimal("0.01"),
        min_quantity=Decimal("0.01"),
        max_quantity=Decimal(10_000),
        min_notional=Decimal(0),
    ),
    replace(ETH, symbol="ETH-USDT", min_notional=Decimal(0)),
)
"""The same three by OKX's names and rules: its perpetual is counted in contracts of 0.01 bitcoin."""


AAPL = Market(
    "AAPL",
    "AAPL",
    "USD",
    Kind.STOCK,
    tick=Decimal("0.01"),
    lot=Decimal("0.000000001"),
    min_quantity=Decimal("0.000000001"),
    min_notional=Decimal(1),
    spread=Decimal("0.02"),
    hours=Hours(
        tuple((OPENS + days * DAY, OPENS + days * DAY + 390 * MINUTE) for days in range(3)),
    ),
    name="Apple Inc.",
    is_free=True,
)
COIN = Market(
    "BTC/USD",
    "BTC",
    "USD",
    Kind.SPOT,
    tick=Decimal("0.01"),
    lot=Decimal("0.000000001"),
    min_quantity=Decimal("0.00001"),
    min_notional=Decimal(10),
    spread=Decimal(10),
)


def minutes(count: int, first: int = 2000) -> Series:
    """Candles of a minute from `BEGINS`: the n-th opens at first + n, dips by 2, peaks by 3 and closes one higher."""
    rows = [(BEGINS + n * MINUTE, first + n, first + n + 3, first + n - 2, first + n + 1, 9) for n in range(count)]
    return Series(rows, MINUTE)


def crypto(rules: Rules, now: int | None = NOW, markets: tuple[Market, Market, Market] = (BTC, PERP, ETH)) -> Exchange:
    """Bitcoin at 50,000 until it is set, ether on four hours of minutes, and an account of 10,000 USDT and 1 BTC."""
    bitcoin, perpetual, ether = markets
    exchange = Exchange(rules, Clock(now))
    exchange.add_market(bitcoin, price="50000")
    rates = [(BEGINS + hours * HOUR, Decimal(rate)) for hours, rate in ((0, "0.0001"), (8, "-0.0002"))]
    exchange.add_market(perpetual, price="50000", mark=minutes(240, 50_000), funding=rates)
    exchange.add_market(ether, minutes(240))
    balances = {"USDT": Decimal(10_000), "BTC": Decimal(1)}
    exchange.add_account(Account("a-key", "a-secret", "a-passphrase", balances=balances))
    return exchange


def wall_street(rules: Rules, now: int = OPENS + 10 * MINUTE) -> Exchange:
    """Apple on the first hour of Monday and of Tuesday, bitcoin at 50,000, and an account of 10,000 USD and 0.1 BTC."""
    exchange = Exchange(rules, Clock(now))
    begins = [OPENS + days * DAY + n * MINUTE for days in range(2) for n in range(60)]
    rows = [(time, 200 + n % 60, 203 + n % 60, 198 + n % 60, 201 + n % 60, 9) for n, time in enumerate(begins)]
    exchange.add_market(AAPL, Series(rows, MINUTE))
    exchange.add_market(COIN, price="50000")
    exchange.add_account(Account("a-key", "a-secret", balances={"USD": Decimal(10_000), "BTC": Decimal("0.1")}))
    return exchange
