"""What Binance shows to everybody of spot, and what its futures show alike."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.venues.binance.desk import Desk, eight, price_of, size_of
from tests.venues.core.clock import DAY, HOUR, MINUTE
from tests.venues.core.market import Market, Status
from tests.venues.core.refusals import Reason
from tests.venues.core.series import Bar, Series, every
from tests.venues.day import last_day
from tests.venues.spoken import Spoken
from tests.venues.texts import milliseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.front import Asked

LENGTHS = {
    **{f"{minutes}m": minutes * MINUTE for minutes in (1, 3, 5, 15, 30)},
    **{f"{hours}h": hours * HOUR for hours in (1, 2, 4, 6, 8, 12)},
    "1d": DAY,
    "1w": 7 * DAY,
}
"""Intervals by Binance's name; the second, three days and the month are not simulated."""
ORDER_TYPES = ("LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT")
STATUSES = {Status.TRADING: "TRADING", Status.HALTED: "HALT", Status.DELISTED: "BREAK"}


class MarketDesk(Desk):
    """`/api/v3/...`"""

    most_candles = 1000

    def ping(self, asked: Asked) -> Any:
        return {}

    def time(self, asked: Asked) -> Any:
        return {"serverTime": milliseconds(self.exchange.clock.shown())}

    def instruments(self, asked: Asked) -> Any:
        weight = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1}
        limit = self._front.limit
        return {
            "timezone": "UTC",
            "serverTime": milliseconds(self.exchange.clock.shown()),
            "rateLimits": [] if limit is None else [{**weight, "limit": limit.weight}],
            "exchangeFilters": [],
            "symbols": [self.terms(market) for market in self._asked_for(asked.query)],
        }

    def terms(self, market: Market) -> dict[str, Any]:
        """The rules of one market."""
        return {
            "symbol": market.symbol,
            "status": STATUSES[market.status],
            "baseAsset": market.base,
            "baseAssetPrecision": 8,
            "quoteAsset": market.quote,
            "quotePrecision": 8,
            "quoteAssetPrecision": 8,
            "baseCommissionPrecision": 8,
            "quoteCommissionPrecision": 8,
            "orderTypes": list(ORDER_TYPES),
            "icebergAllowed": False,
            "ocoAllowed": False,
            "otoAllowed": False,
            "opoAllowed": False,
            "quoteOrderQtyMarketAllowed": True,
            "allowTrailingStop": False,
            "cancelReplaceAllowed": False,
            "amendAllowed": False,
            "pegInstructionsAllowed": False,
            "isSpotTradingAllowed": True,
            "isMarginTradingAllowed": False,
            "filters": [
                *filters(market),
                {
                    "filterType": "NOTIONAL",
                    "minNotional": eight(market.min_notional),
                    "applyMinToMarket": True,
                    "maxNotional": "9000000.00000000",
                    "applyMaxToMarket": False,
                    "avgPriceMins": 5,
                },
            ],
            "permissions": [],
            "permissionSets": [["SPOT"]],
            "defaultSelfTradePreventionMode": "NONE",
            "allowedSelfTradePreventionModes": ["NONE"],
        }

    def candles(self, asked: Asked) -> Any:
        market = self.market(asked.query)
        bars = self.bars(asked, self.exchange.series.get(market.key))
        return [self._candle(market, bar, asked.query) for bar in bars]

    def bars(self, asked: Asked, series: Series | None) -> list[Bar]:
        """Oldest first, and the one in progress among them."""
        bars = series.bars(every(*_length(asked.query)), self.exchange.clock.now()) if series is not None else []
        return asked.spoilt(self.window(bars, lambda bar: bar.open_time, asked.query, 500, self.most_candles))

    def tickers(self, asked: Asked) -> Any:
        return self._one_or_all(asked, self.ticker)

    def ticker(self, market: Market) -> dict[str, Any]:
        """The last day of one market, with its touch."""
        day = self.day(market)
        quotes = self._touch(market)
        return {**day, "prevClosePrice": day["openPrice"], **quotes}

    def day(self, market: Market) -> dict[str, Any]:
        """The last day of one market."""
        day, now = last_day(self.exchange, market), self.exchange.clock.shown()
        return {
            "symbol": market.symbol,
            "priceChange": price_of(market, day.last - day.first),
            "priceChangePercent": f"{(day.last / day.first - 1) * 100:.3f}",
            "weightedAvgPrice": price_of(market, day.mean or day.last),
            "lastPrice": price_of(market, day.last),
            "lastQty": size_of(market, market.min_quantity),
            "openPrice": price_of(market, day.first),
            "highPrice": price_of(market, day.high),
            "lowPrice": price_of(market, day.low),
            "volume": size_of(market, day.volume),
            "quoteVolume": eight(day.turnover),
            "openTime": milliseconds(now - DAY),
            "closeTime": milliseconds(now),
            "firstId": 1,
            "lastId": 1,
            "count": 1,
        }

    def touches(self, asked: Asked) -> Any:
        return self._one_or_all(asked, lambda market: {"symbol": market.symbol, **self._touch(market)})

    def book(self, asked: Asked) -> Any:
        """One level a side, as deep as the largest order."""
        touch = self._touch(self.market(asked.query))
        return {
            "lastUpdateId": 1,
            "bids": [[touch["bidPrice"], touch["bidQty"]]],
            "asks": [[touch["askPrice"], touch["askQty"]]],
        }

    def _touch(self, market: Market) -> dict[str, Any]:
        last, size = self.exchange.last(market), size_of(market, market.max_quantity)
        asks = price_of(market, last + market.spread)
        return {"bidPrice": price_of(market, last), "bidQty": size, "askPrice": asks, "askQty": size}

    def _one_or_all(self, asked: Asked, shape: Any) -> Any:
        """An object for one symbol, a list for several or for all that have a price."""
        if asked.query.get("symbol"):
            return shape(self.market(asked.query))
        return [shape(market) for market in self._asked_for(asked.query) if market.key in self.exchange.prices]

    def _asked_for(self, query: Mapping[str, str]) -> list[Market]:
        """The markets of `symbol`, of the list in `symbols`, or all."""
        if "symbols" not in query:
            return self.markets(query)
        try:
            symbols = json.loads(query["symbols"])
        except ValueError as wrong:
            says = "Illegal characters found in parameter 'symbols'."
            raise Spoken(Reason.BAD_PARAMETER, -1100, says) from wrong
        return [self.exchange.market(str(symbol), self._front.kind) for symbol in symbols]

    def _candle(self, market: Market, bar: Bar, query: Mapping[str, str]) -> list[Any]:
        """Who took what is not simulated, and shown as nothing."""
        traded = None if bar.volume is None or bar.close is None else market.value(bar.volume, bar.close)
        return [
            *opened(market, bar),
            size_of(market, bar.volume),
            closed(bar, query),
            None if traded is None else eight(traded),
            1,
            "0",
            "0",
            "0",
        ]


def opened(market: Market, bar: Bar) -> list[Any]:
    """The open time and the four prices of a candle."""
    prices = (price_of(market, price) for price in (bar.open, bar.high, bar.low, bar.close))
    return [milliseconds(bar.open_time), *prices]


def closed(bar: Bar, query: Mapping[str, str]) -> int:
    """The last millisecond of a candle."""
    return milliseconds(bar.open_time + _length(query)[0]) - 1


def filters(market: Market) -> list[dict[str, Any]]:
    """The steps and bounds of one market."""
    lots = {
        "minQty": size_of(market, market.min_quantity),
        "maxQty": size_of(market, market.max_quantity),
        "stepSize": size_of(market, market.lot),
    }
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": price_of(market, market.tick),
            "maxPrice": price_of(market, market.tick * 10_000_000),
            "tickSize": price_of(market, market.tick),
        },
        {"filterType": "LOT_SIZE", **lots},
        {"filterType": "MARKET_LOT_SIZE", **lots},
    ]


def _length(query: Mapping[str, str]) -> tuple[int, int]:
    """An interval's length and the offset that it is counted from: weeks begin on Monday, 1970 on a Thursday."""
    length = LENGTHS.get(query.get("interval", ""))
    if length is None:
        raise Spoken(Reason.BAD_PARAMETER, -1120, "Invalid interval.")
    return length, 4 * DAY if length == 7 * DAY else 0
