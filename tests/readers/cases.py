"""Every venue and asset class that a reader ships for, as a simulated venue shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from tests.venues.alpaca.front import RULES as ALPACA_RULES
from tests.venues.alpaca.front import Alpaca
from tests.venues.binance.front import RULES as BINANCE_RULES
from tests.venues.binance.front import Binance
from tests.venues.binanceusdm.front import RULES as USDM_RULES
from tests.venues.binanceusdm.front import BinanceUsdm
from tests.venues.bybit.front import RULES as BYBIT_RULES
from tests.venues.bybit.front import Bybit
from tests.venues.core.accounts import Account
from tests.venues.core.clock import HOUR, MINUTE, Clock
from tests.venues.core.exchange import Exchange
from tests.venues.core.market import Hours, Kind, Market
from tests.venues.core.series import Series
from tests.venues.deribit.front import RULES as DERIBIT_RULES
from tests.venues.deribit.front import Deribit
from tests.venues.kraken.front import RULES as KRAKEN_RULES
from tests.venues.kraken.front import Kraken
from tests.venues.krakenfutures.front import RULES as KRAKEN_FUTURES_RULES
from tests.venues.krakenfutures.front import KrakenFutures
from tests.venues.okx.front import RULES as OKX_RULES
from tests.venues.okx.front import Okx
from trader_cli.domain.instrument import AssetClass

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.venues.core.rules import Rules
    from tests.venues.front import FrontEnd

    type Rows = tuple[tuple[Any, ...], ...]
    """(open time in ns, open, high, low, close, volume) a minute, oldest first."""

BEGINS = 1_772_409_600 * 1_000_000_000
"""2026-03-02T00:00:00Z, a Monday."""

MINUTES = 3000
HISTORY = 2400
"""The minute at which a test begins to trade, of all there are."""

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Case:
    """One asset class of one venue: its front end, one market of it, and what a user calls that market.

    `shows_progress` is whether the venue shows a minute before it is over.
    """

    broker: str
    asset_class: AssetClass
    front: Callable[[Exchange], FrontEnd]
    rules: Rules
    market: Market
    symbol: str
    shows_progress: bool = True

    def __str__(self) -> str:
        return f"{self.broker}-{self.asset_class}"

    @property
    def rows(self) -> Rows:
        """All minutes, those to come among them."""
        return rows(in_sessions=self.market.hours is not None)

    @property
    def mark_rows(self) -> Rows:
        """The same in mark prices, without volume."""
        return marked(self.rows)

    @property
    def now(self) -> int:
        """The time at which history ends: the opening of a minute within the market's hours (ns)."""
        return int(self.rows[HISTORY][0])

    def exchange(self, now: int | None = None) -> Exchange:
        """The venue's truth at the minute where history ends, or at another time (ns)."""
        exchange = Exchange(self.rules, Clock(self.now if now is None else now))
        is_contract = self.market.kind.is_contract
        marks = Series(self.mark_rows, MINUTE) if is_contract else None
        exchange.add_market(
            self.market, Series(self.rows, MINUTE), mark=marks, funding=settled() if is_contract else ()
        )
        exchange.add_account(Account("a-key", "a-secret"))
        return exchange


def settled() -> list[tuple[int, Decimal]]:
    """Funding every eight hours."""
    rates = (Decimal("0.0005"), Decimal("-0.0003"), Decimal("0.0001"))
    return [(BEGINS + n * 8 * HOUR, rates[n % 3]) for n in range(-6, 10)]


def sessions() -> tuple[tuple[int, int], ...]:
    """Openings and closes in New York for two weeks without a holiday, over a change of the clocks (ns)."""
    found = []
    for days in range(12):
        day = datetime.fromtimestamp(BEGINS / 1e9, UTC).date() + timedelta(days=days)
        if day.weekday() < 5:
            opens, closes = (
                int(datetime.combine(day, at, ZoneInfo("America/New_York")).timestamp()) * 1_000_000_000
                for at in (time(9, 30), time(16))
            )
            found.append((opens, closes))
    return tuple(found)


@cache
def rows(*, in_sessions: bool) -> Rows:
    """Minutes of a market that wanders, around the clock or in sessions alone."""
    random = np.random.default_rng(1)
    close = 2000 * np.exp(np.cumsum(random.normal(0, 2e-3, MINUTES)))
    times = (
        [time for opens, closes in sessions() for time in range(opens, closes, MINUTE)][:MINUTES]
        if in_sessions
        else [BEGINS + n * MINUTE for n in range(MINUTES)]
    )
    opened = np.concatenate(([2000.0], close[:-1]))
    high, low = np.maximum(opened, close) * 1.0008, np.minimum(opened, close) * 0.9992
    return _in_cents(times, opened, high, low, close, random.exponential(10, MINUTES) + 0.5)


@cache
def marked(around: Rows) -> Rows:
    """Mark prices that go a little beside these rows."""
    off = 1 + np.random.default_rng(2).normal(0, 5e-4, len(around))
    opened, close = (np.array([float(row[place]) for row in around]) * off for place in (1, 4))
    high, low = np.maximum(opened, close) * 1.0008, np.minimum(opened, close) * 0.9992
    return _in_cents([row[0] for row in around], opened, high, low, close, np.zeros(len(around)))


def _in_cents(times: list[int], *columns: Any) -> Rows:
    return tuple((at, *(Decimal(f"{column[n]:.2f}") for column in columns)) for n, at in enumerate(times))


def market(symbol: str, base: str, quote: str, kind: Kind, **more: Any) -> Market:
    """A market on a fine grid, so that small accounts trade it."""
    figures: dict[str, Any] = {"tick": CENT, "lot": Decimal("0.001"), "min_quantity": Decimal("0.001")}
    return Market(symbol, base, quote, kind, **{**figures, "min_notional": Decimal(5), "spread": CENT, **more})


def share(symbol: str, kind: Kind) -> Market:
    return market(symbol, symbol, "USD", kind, lot=Decimal(1), min_quantity=Decimal(1), hours=Hours(sessions()))


PERPETUAL = market("BTCUSDT", "BTC", "USDT", Kind.LINEAR, settle="USDT", max_leverage=Decimal(50))
OKX_PERPETUAL = market(
    "BTC-USDT-SWAP",
    "BTC",
    "USDT",
    Kind.LINEAR,
    lot=Decimal("0.01"),
    min_quantity=Decimal("0.01"),
    contract_size=Decimal("0.1"),
    settle="USDT",
    max_leverage=Decimal(50),
)
DERIBIT_PERPETUAL = market("BTC_USDC-PERPETUAL", "BTC", "USDC", Kind.LINEAR, settle="USDC", max_leverage=Decimal(50))
KRAKEN_PERPETUAL = market("PF_XBTUSD", "BTC", "USD", Kind.LINEAR, settle="USD", max_leverage=Decimal(50))
CRYPTO, FUTURES, STOCKS, ETF = AssetClass.CRYPTO, AssetClass.FUTURES, AssetClass.STOCKS, AssetClass.ETF

CASES = (
    Case("bybit", CRYPTO, Bybit, BYBIT_RULES, market("BTCUSDT", "BTC", "USDT", Kind.SPOT), "BTC/USDT"),
    Case("bybit", FUTURES, Bybit, BYBIT_RULES, PERPETUAL, "BTC_USD_PERP"),
    Case("binance", CRYPTO, Binance, BINANCE_RULES, market("BTCUSDT", "BTC", "USDT", Kind.SPOT), "BTCUSDT"),
    Case("binance", FUTURES, BinanceUsdm, USDM_RULES, PERPETUAL, "BTC/USDT:USDT"),
    Case("okx", CRYPTO, Okx, OKX_RULES, market("BTC-USDT", "BTC", "USDT", Kind.SPOT), "BTCUSDT"),
    Case("okx", FUTURES, Okx, OKX_RULES, OKX_PERPETUAL, "BTC_USD_PERP"),
    Case("kraken", CRYPTO, Kraken, KRAKEN_RULES, market("XBTUSD", "BTC", "USD", Kind.SPOT), "BTC/USD"),
    Case("kraken", FUTURES, KrakenFutures, KRAKEN_FUTURES_RULES, KRAKEN_PERPETUAL, "BTC_USD_PERP"),
    Case("deribit", CRYPTO, Deribit, DERIBIT_RULES, market("BTC_USDC", "BTC", "USDC", Kind.SPOT), "BTC/USDC"),
    Case("deribit", FUTURES, Deribit, DERIBIT_RULES, DERIBIT_PERPETUAL, "BTC_USD_PERP"),
    Case("alpaca", STOCKS, Alpaca, ALPACA_RULES, share("AAPL", Kind.STOCK), "AAPL", shows_progress=False),
    Case("alpaca", ETF, Alpaca, ALPACA_RULES, share("SPY", Kind.ETF), "SPY", shows_progress=False),
    Case(
        "alpaca",
        CRYPTO,
        Alpaca,
        ALPACA_RULES,
        market("BTC/USD", "BTC", "USD", Kind.SPOT),
        "BTCUSD",
        shows_progress=False,
    ),
)
