"""What a market did in the time that a ticker tells of."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.core.clock import DAY

if TYPE_CHECKING:
    from tests.venues.core.exchange import Exchange
    from tests.venues.core.market import Market


@dataclass(frozen=True, slots=True)
class Day:
    """Prices, and what was traded, in quantity and in its value; of a market without candles only its price."""

    first: Decimal
    high: Decimal
    low: Decimal
    last: Decimal
    volume: Decimal
    turnover: Decimal
    candles: int

    @property
    def mean(self) -> Decimal:
        """The price by volume; 0 where nothing was traded."""
        return self.turnover / self.volume if self.volume else Decimal(0)


def day(exchange: Exchange, market: Market, begin: int) -> Day:
    """From the first candle that opens at `begin` (ns) or later until now."""
    now, last, series = exchange.clock.now(), exchange.last(market), exchange.series.get(market.key)
    rows = [series.seen(row, now) for row in series.rows if begin <= row.open_time <= now] if series else []
    if not rows:
        return Day(last, last, last, last, Decimal(0), Decimal(0), 0)
    volume = sum((row.volume for row in rows), Decimal(0))
    turnover = sum((market.value(row.volume, row.close) for row in rows), Decimal(0))
    high, low = max(row.high for row in rows), min(row.low for row in rows)
    return Day(rows[0].open, high, low, last, volume, turnover, len(rows))


def last_day(exchange: Exchange, market: Market) -> Day:
    """The last 24 hours."""
    return day(exchange, market, exchange.clock.now() - DAY + 1)
