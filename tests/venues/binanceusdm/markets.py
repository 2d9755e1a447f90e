"""What Binance's futures show to everybody."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.binance import markets as spot
from tests.venues.binance.desk import eight, price_of
from tests.venues.binance.markets import closed, filters, opened
from tests.venues.binanceusdm.words import CONDITIONAL
from tests.venues.core.clock import HOUR
from tests.venues.core.market import Market, Status
from tests.venues.texts import milliseconds, plain

if TYPE_CHECKING:
    from tests.venues.front import Asked

FUNDING_INTERVAL = 8 * HOUR
STATUSES = {Status.TRADING: "TRADING", Status.HALTED: "PENDING_TRADING", Status.DELISTED: "CLOSE"}


class MarketDesk(spot.MarketDesk):
    """`/fapi/v1/...`"""

    most_candles = 1500

    def terms(self, market: Market) -> dict[str, Any]:
        return {
            "symbol": market.symbol,
            "pair": market.symbol,
            "contractType": "PERPETUAL",
            "deliveryDate": 4_133_404_800_000,
            "onboardDate": 1_569_398_400_000,
            "status": STATUSES[market.status],
            "maintMarginPercent": "2.5000",
            "requiredMarginPercent": "5.0000",
            "baseAsset": market.base,
            "quoteAsset": market.quote,
            "marginAsset": market.settle,
            "pricePrecision": _places(market.tick),
            "quantityPrecision": _places(market.lot),
            "baseAssetPrecision": 8,
            "quotePrecision": 8,
            "underlyingType": "COIN",
            "underlyingSubType": ["PoW"],
            "triggerProtect": "0.0500",
            "liquidationFee": "0.012500",
            "marketTakeBound": "0.05",
            "maxMoveOrderLimit": 10_000,
            "filters": [*filters(market), {"filterType": "MIN_NOTIONAL", "notional": plain(market.min_notional)}],
            "orderTypes": ["LIMIT", "MARKET", *CONDITIONAL],
            "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
        }

    def mark_candles(self, asked: Asked) -> Any:
        market = self.market(asked.query)
        bars = self.bars(asked, self.exchange.marks.get(market.key))
        return [
            [*opened(market, bar), "0", closed(bar, asked.query), "0", 60, "0", "0", "0"]  # only prices and times count
            for bar in bars
        ]

    def funding(self, asked: Asked) -> Any:
        """What was paid so far. The mark price stands at what it is now."""
        found = []
        for market in self.markets(asked.query):
            paid = [(at, rate) for at, rate in self.exchange.funding[market.key] if at <= self.exchange.clock.now()]
            found += [
                {
                    "symbol": market.symbol,
                    "fundingTime": milliseconds(at),
                    "fundingRate": eight(rate),
                    "markPrice": eight(self.exchange.mark(market)),
                }
                for at, rate in self.window(paid, lambda payment: payment[0], asked.query, 100, 1000)
            ]
        return found

    def mark_prices(self, asked: Asked) -> Any:
        return self._one_or_all(asked, self._mark)

    def ticker(self, market: Market) -> dict[str, Any]:
        """Futures tell no bid and no ask here."""
        return self.day(market)

    def touches(self, asked: Asked) -> Any:
        now = milliseconds(self.exchange.clock.shown())
        return self._one_or_all(
            asked, lambda market: {"symbol": market.symbol, **self._touch(market), "time": now, "lastUpdateId": 1}
        )

    def book(self, asked: Asked) -> Any:
        now = milliseconds(self.exchange.clock.shown())
        return {**super().book(asked), "E": now, "T": now}

    def _mark(self, market: Market) -> dict[str, Any]:
        now, rates = self.exchange.clock.now(), self.exchange.funding[market.key]
        _, latest = next(((at, rate) for at, rate in reversed(rates) if at <= now), (0, Decimal(0)))
        coming = next((at for at, _ in rates if at > now), (now // FUNDING_INTERVAL + 1) * FUNDING_INTERVAL)
        mark = eight(self.exchange.mark(market))
        return {
            "symbol": market.symbol,
            "markPrice": mark,
            "indexPrice": mark,
            "estimatedSettlePrice": price_of(market, self.exchange.mark(market)),
            "lastFundingRate": eight(latest),
            "interestRate": "0.00010000",
            "nextFundingTime": milliseconds(coming),
            "time": milliseconds(self.exchange.clock.shown()),
        }


def _places(step: Decimal) -> int:
    """How many places after the point a step has."""
    return max(0, -int(step.normalize().as_tuple().exponent))
