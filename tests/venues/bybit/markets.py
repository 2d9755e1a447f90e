"""What Bybit shows to everybody."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.bybit.desk import Desk, category, kinds_of, page, whole
from tests.venues.core.clock import DAY, HOUR, MINUTE
from tests.venues.core.market import Kind, Market, Status
from tests.venues.core.refusals import Reason, Refused
from tests.venues.core.series import Bar, Bucket, Series, every
from tests.venues.day import last_day
from tests.venues.texts import milliseconds, nanoseconds, on_grid, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.front import Asked

LENGTHS = {
    **{str(minutes): minutes * MINUTE for minutes in (1, 3, 5, 15, 30, 60, 120, 240, 360, 720)},
    "D": DAY,
    "W": 7 * DAY,
}
"""Every interval but the month, by Bybit's name."""
STATUSES = {Status.TRADING: "Trading", Status.HALTED: "PreLaunch", Status.DELISTED: "Closed"}
FUNDING_INTERVAL = 8 * HOUR


class MarketDesk(Desk):
    """`/v5/market/...`"""

    def time(self, asked: Asked) -> Any:
        now = self.exchange.clock.shown()
        return {"timeSecond": str(now // 1_000_000_000), "timeNano": str(now)}

    def instruments(self, asked: Asked) -> Any:
        wanted = STATUSES[Status.TRADING] if kinds_of(asked.query) == (Kind.SPOT,) else asked.query.get("status")
        found = [market for market in self.markets(asked.query) if wanted in {None, "", STATUSES[market.status]}]
        rows, cursor = page(found, asked.query, 500, 1000)
        shape = _spot_terms if asked.query["category"] == "spot" else _contract_terms
        return {"category": asked.query["category"], "list": [shape(row) for row in rows], "nextPageCursor": cursor}

    def candles(self, asked: Asked) -> Any:
        market = self.market(asked.query)
        bars = self._bars(asked, self.exchange.series.get(market.key))
        rows = [[*_prices(bar), plain(bar.volume), _turnover(bar)] for bar in asked.spoilt(bars)]
        return {"symbol": market.symbol, "category": category(market), "list": rows}

    def mark_candles(self, asked: Asked) -> Any:
        market = self.market(asked.query)
        if market.kind is Kind.SPOT:
            raise Refused(Reason.BAD_PARAMETER, "category")
        bars = self._bars(asked, self.exchange.marks.get(market.key))
        return {
            "symbol": market.symbol,
            "category": category(market),
            "list": [_prices(bar) for bar in asked.spoilt(bars)],
        }

    def funding(self, asked: Asked) -> Any:
        market, query = self.market(asked.query), asked.query
        if "startTime" in query and "endTime" not in query:
            raise Refused(Reason.BAD_PARAMETER, "startTime without endTime")
        start, end = nanoseconds(whole(query, "startTime", 0)), self.exchange.clock.now()
        end = min(end, nanoseconds(whole(query, "endTime", milliseconds(end))))
        rows = [
            {
                "symbol": market.symbol,
                "fundingRate": plain(rate),
                "fundingRateTimestamp": str(milliseconds(time)),
            }
            for time, rate in reversed(self.exchange.funding[market.key])
            if start <= time <= end
        ]
        return {"category": category(market), "list": rows[: min(whole(query, "limit", 200), 200)]}

    def tickers(self, asked: Asked) -> Any:
        quoted = [market for market in self.markets(asked.query) if market.key in self.exchange.prices]
        rows = [self._contract(market) if market.kind.is_contract else self._quote(market) for market in quoted]
        return {"category": asked.query["category"], "list": rows}

    def book(self, asked: Asked) -> Any:
        """One level a side, as deep as the largest order."""
        market = self.market(asked.query)
        last, size = self.exchange.last(market), on_grid(market.max_quantity, market.lot)
        time = milliseconds(self.exchange.clock.shown())
        return {
            "s": market.symbol,
            "b": [[on_grid(last, market.tick), size]],
            "a": [[on_grid(last + market.spread, market.tick), size]],
            "ts": time,
            "u": 1,
            "seq": 1,
            "cts": time,
        }

    def _bars(self, asked: Asked, series: Series | None) -> list[Bar]:
        """Newest first. With a start alone it is the oldest that fit, otherwise the newest."""
        query = asked.query
        bucket = _bucket(query)
        now = self.exchange.clock.now()
        limit = min(max(whole(query, "limit", 200), 1), 1000)
        start = nanoseconds(whole(query, "start", 0))
        end = nanoseconds(whole(query, "end", milliseconds(now)))
        bars = series.bars(bucket, now) if series is not None else []
        found = [bar for bar in bars if start <= bar.open_time <= end]
        oldest_count = "start" in query and "end" not in query
        return (found[:limit] if oldest_count else found[-limit:])[::-1]

    def _quote(self, market: Market) -> dict[str, Any]:
        day, size = last_day(self.exchange, market), on_grid(market.max_quantity, market.lot)
        return {
            "symbol": market.symbol,
            "bid1Price": on_grid(day.last, market.tick),
            "bid1Size": size,
            "ask1Price": on_grid(day.last + market.spread, market.tick),
            "ask1Size": size,
            "lastPrice": on_grid(day.last, market.tick),
            "prevPrice24h": on_grid(day.first, market.tick),
            "price24hPcnt": plain((day.last / day.first - 1).quantize(Decimal("0.0001"))),
            "highPrice24h": on_grid(day.high, market.tick),
            "lowPrice24h": on_grid(day.low, market.tick),
            "turnover24h": plain(day.turnover),
            "volume24h": plain(day.volume),
        }

    def _contract(self, market: Market) -> dict[str, Any]:
        now, rates = self.exchange.clock.now(), self.exchange.funding[market.key]
        coming = next(((time, rate) for time, rate in rates if time > now), None)
        time, rate = coming or ((now // FUNDING_INTERVAL + 1) * FUNDING_INTERVAL, Decimal(0))
        mark = on_grid(self.exchange.mark(market), market.tick)
        return {
            **self._quote(market),
            "indexPrice": mark,
            "markPrice": mark,
            "openInterest": "0",
            "openInterestValue": "0",
            "fundingRate": plain(rate),
            "nextFundingTime": str(milliseconds(time)),
            "basisRate": "",
            "deliveryFeeRate": "",
            "deliveryTime": "0",
        }


def _bucket(query: Mapping[str, str]) -> Bucket:
    length = LENGTHS.get(query.get("interval", ""))
    if length is None:
        raise Refused(Reason.BAD_PARAMETER, "Invalid period!")
    return every(length, 4 * DAY if length == 7 * DAY else 0)  # weeks begin on Monday, 1970 on a Thursday


def _prices(bar: Bar) -> list[str | None]:
    return [str(milliseconds(bar.open_time)), *(plain(price) for price in (bar.open, bar.high, bar.low, bar.close))]


def _turnover(bar: Bar) -> str | None:
    return plain(bar.volume * bar.close) if bar.volume is not None and bar.close is not None else None


def _spot_terms(market: Market) -> dict[str, Any]:
    return {
        "symbol": market.symbol,
        "baseCoin": market.base,
        "quoteCoin": market.quote,
        "innovation": "0",
        "status": STATUSES[market.status],
        "marginTrading": "none",
        "lotSizeFilter": {
            "basePrecision": plain(market.lot),
            "quotePrecision": "0.00000001",
            "minOrderQty": plain(market.min_quantity),
            "maxOrderQty": plain(market.max_quantity),
            "minOrderAmt": plain(market.min_notional),
            "maxOrderAmt": "8000000",
        },
        "priceFilter": {"tickSize": plain(market.tick)},
    }


def _contract_terms(market: Market) -> dict[str, Any]:
    most = plain(market.max_quantity)
    return {
        "symbol": market.symbol,
        "contractType": "LinearPerpetual" if market.kind is Kind.LINEAR else "InversePerpetual",
        "status": STATUSES[market.status],
        "baseCoin": market.base,
        "quoteCoin": market.quote,
        "launchTime": "1584230400000",
        "deliveryTime": "0",
        "deliveryFeeRate": "",
        "priceScale": str(max(0, -int(market.tick.as_tuple().exponent))),
        "leverageFilter": {
            "minLeverage": "1",
            "maxLeverage": plain(market.max_leverage),
            "leverageStep": "0.01",
        },
        "priceFilter": {
            "minPrice": plain(market.tick),
            "maxPrice": plain(market.tick * 19_999_998),
            "tickSize": plain(market.tick),
        },
        "lotSizeFilter": {
            "maxOrderQty": most,
            "minOrderQty": plain(market.min_quantity),
            "qtyStep": plain(market.lot),
            "postOnlyMaxOrderQty": most,
            "maxMktOrderQty": most,
            "minNotionalValue": plain(market.min_notional),
        },
        "unifiedMarginTrade": True,
        "fundingInterval": FUNDING_INTERVAL // MINUTE,
        "settleCoin": market.settle,
    }
