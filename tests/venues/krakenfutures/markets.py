"""What Kraken Futures shows to everybody."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.core.clock import DAY, HOUR, MINUTE, SECOND
from tests.venues.core.market import Market, Status
from tests.venues.core.refusals import Reason, Refused
from tests.venues.core.series import Bar, every
from tests.venues.day import day
from tests.venues.front import Answer
from tests.venues.krakenfutures.desk import Desk, iso, number
from tests.venues.parameters import whole
from tests.venues.texts import milliseconds, plain

if TYPE_CHECKING:
    from tests.venues.front import Asked

LENGTHS = {
    "1m": MINUTE,
    "5m": 5 * MINUTE,
    "15m": 15 * MINUTE,
    "30m": 30 * MINUTE,
    "1h": HOUR,
    "4h": 4 * HOUR,
    "12h": 12 * HOUR,
    "1d": DAY,
}
"""Every resolution but the week: when the venue's begins was not found."""
MOST = 2000
FEES = "7fc4d7c0-464f-4029-a9bb-55856d0c5247"
"""The schedule of fees of all contracts."""


class MarketDesk(Desk):
    """`/derivatives/api/v3/...`, `/derivatives/api/v4/...` and `/api/charts/v1/...`"""

    def instruments(self, asked: Asked) -> Any:
        return {"instruments": [_terms(market) for market in self.listed()]}

    def fees(self, asked: Asked) -> Any:
        """In percent; one tier, which holds from a volume of 0."""
        maker, taker = (number(rate * 100) for rate in (self.exchange.rules.maker, self.exchange.rules.taker))
        tier = {"makerFee": maker, "takerFee": taker, "usdVolume": 0.0}
        return {"feeSchedules": [{"uid": FEES, "name": "PGTMainFees", "tiers": [tier]}]}

    def candles(self, asked: Asked) -> Any:
        """Oldest first, `from` and `to` (seconds) included: the first 2,000 after `from`, or the newest without it."""
        kind, symbol, resolution = asked.matched
        market, query = self.market(symbol), asked.query
        if resolution not in LENGTHS or kind not in {"trade", "mark", "spot"}:
            raise Refused(Reason.BAD_PARAMETER, "resolution" if kind in {"trade", "mark", "spot"} else "tick_type")
        of = self.exchange.series if kind == "trade" else self.exchange.marks
        now, series = self.exchange.clock.now(), of.get(market.key)
        bars = series.bars(every(LENGTHS[resolution]), now) if series is not None else []
        begin, end = (whole(query, name, at) * SECOND for name, at in (("from", 0), ("to", now // SECOND)))
        found = [bar for bar in bars if begin <= bar.open_time <= end]
        shown = found[:MOST] if "from" in query else found[-MOST:]
        rows = [_row(bar, with_volume=kind == "trade") for bar in asked.spoilt(shown)]
        return Answer(200, {"candles": rows, "more_candles": len(shown) < len(found)})

    def funding(self, asked: Asked) -> Any:
        """All that was ever paid, oldest first. A rate is told in money for one contract, and as a fraction."""
        market = self.market(asked.query.get("symbol", ""))
        now, marks = self.exchange.clock.now(), self.exchange.marks.get(market.key)
        rates = [(time, rate) for time, rate in self.exchange.funding[market.key] if time <= now]
        last = self.exchange.last(market)
        return {
            "rates": [
                {
                    "timestamp": iso(time),
                    "fundingRate": number(rate * ((marks and marks.price(time)) or last)),
                    "relativeFundingRate": number(rate),
                }
                for time, rate in rates
            ]
        }

    def tickers(self, asked: Asked) -> Any:
        quoted = [market for market in self.listed() if market.key in self.exchange.prices]
        return {"tickers": [self._ticker(market) for market in quoted]}

    def ticker(self, asked: Asked) -> Any:
        return {"ticker": self._ticker(self.market(asked.matched[0]))}

    def book(self, asked: Asked) -> Any:
        """One level a side, as deep as the largest order."""
        market = self.market(asked.query.get("symbol", ""))
        last, size = self.exchange.last(market), number(market.max_quantity)
        asks, bids = ([[number(price), size]] for price in (last + market.spread, last))
        return {"orderBook": {"bids": bids, "asks": asks}}

    def _ticker(self, market: Market) -> dict[str, Any]:
        """The rate of funding is in money for one contract, not a fraction."""
        now, last, mark = self.exchange.clock.now(), self.exchange.last(market), self.exchange.mark(market)
        of_day, series = day(self.exchange, market, now - DAY + 1), self.exchange.series.get(market.key)
        rates = self.exchange.funding[market.key]
        current = next((rate for time, rate in reversed(rates) if time <= now), Decimal(0))
        coming = next((rate for time, rate in rates if time > now), Decimal(0))
        size, moved = number(market.max_quantity), series.moved(now) if series is not None else None
        return {
            "symbol": market.symbol,
            "last": number(last),
            "lastTime": iso(now if moved is None else moved),
            "tag": "perpetual",
            "pair": f"{market.base}:{market.quote}",
            "markPrice": number(mark),
            "bid": number(last),
            "bidSize": size,
            "ask": number(last + market.spread),
            "askSize": size,
            "vol24h": number(of_day.volume),
            "volumeQuote": number(of_day.turnover),
            "openInterest": 0.0,
            "open24h": number(of_day.first),
            "high24h": number(of_day.high),
            "low24h": number(of_day.low),
            "lastSize": number(market.min_quantity),
            "fundingRate": number(current * mark),
            "fundingRatePrediction": number(coming * mark),
            "suspended": market.status is not Status.TRADING,
            "indexPrice": number(mark),
            "postOnly": False,
            "change24h": number(((last / of_day.first - 1) * 100).quantize(Decimal("0.01"))),
        }


def _row(bar: Bar, *, with_volume: bool) -> dict[str, Any]:
    prices = {name: plain(getattr(bar, name)) for name in ("open", "high", "low", "close")}
    return {"time": milliseconds(bar.open_time), **prices, "volume": plain(bar.volume) if with_volume else "0"}


def _terms(market: Market) -> dict[str, Any]:
    initial = 1 / market.max_leverage
    level = {"numNonContractUnits": 0.0, "initialMargin": number(initial), "maintenanceMargin": number(initial / 2)}
    return {
        "symbol": market.symbol,
        "type": "flexible_futures",
        "tickSize": number(market.tick),
        "contractSize": number(market.contract_size),
        "tradeable": market.status is Status.TRADING,
        "impactMidSize": number(market.min_quantity),
        "maxPositionSize": number(market.max_quantity),
        "openingDate": "2022-03-22T13:18:45Z",
        "marginLevels": [level],
        "fundingRateCoefficient": 24,
        "maxRelativeFundingRate": 0.0025,
        "isin": "GB00J62YGL67",
        "contractValueTradePrecision": -int(market.lot.normalize().as_tuple().exponent),
        "postOnly": False,
        "feeScheduleUid": FEES,
        "mtf": True,
        "base": market.base,
        "quote": market.quote,
        "pair": f"{market.base}:{market.quote}",
    }
