"""What a ticker tells of the last 24 hours."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.core.clock import DAY

if TYPE_CHECKING:
    from tests.venues.core.exchange import Exchange
    from tests.venues.core.market import Market


@dataclass(frozen=True, slots=True)
class LastDay:
    """Prices, and what was traded: `volume` in the market's unit of quantity, `turnover` in what pays for it."""

    first: Decimal
    high: Decimal
    low: Decimal
    last: Decimal
    volume: Decimal
    turnover: Decimal

    @property
    def mean(self) -> Decimal:
        """The price weighted by volume; the last one where nothing was traded."""
        return self.turnover / self.volume if self.volume else self.last


def last_day(exchange: Exchange, market: Market) -> LastDay:
    """Of the candles that began within 24 hours; the last price alone where there are none."""
    now, last, series = exchange.clock.now(), exchange.last(market), exchange.series.get(market.key)
    rows = [series.seen(row, now) for row in series.rows if now - DAY < row.open_time <= now] if series else []
    if not rows:
        return LastDay(last, last, last, last, Decimal(0), Decimal(0))
    return LastDay(
        rows[0].open,
        max(row.high for row in rows),
        min(row.low for row in rows),
        last,
        sum((row.volume for row in rows), Decimal(0)),
        sum((market.value(row.volume, row.close) for row in rows), Decimal(0)),
    )
