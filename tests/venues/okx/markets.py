"""What OKX shows to everybody."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.core.clock import DAY, HOUR, MINUTE
from tests.venues.core.market import Kind, Market, Status
from tests.venues.core.series import Bar, Series, every
from tests.venues.day import last_day
from tests.venues.okx.desk import Desk, kind_name, mandatory, page, wrong_parameter
from tests.venues.texts import milliseconds, on_grid, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.front import Asked

LENGTHS = {
    **{f"{minutes}m": minutes * MINUTE for minutes in (1, 3, 5, 15, 30)},
    **{f"{hours}H": hours * HOUR for hours in (1, 2, 4)},
}
LONG_LENGTHS = {"6H": 6 * HOUR, "12H": 12 * HOUR, "1D": DAY, "1W": 7 * DAY}
"""Bars that begin by the clock of Hong Kong, unless their name ends with `utc`. Months are not simulated."""
HONG_KONG = 8 * HOUR
FUNDING_INTERVAL = 8 * HOUR
LATEST = 1440
"""How many of the newest bars the path of the latest candles knows."""
STATES = {Status.TRADING: "live", Status.HALTED: "suspend", Status.DELISTED: "expired"}


class MarketDesk(Desk):
    """`/api/v5/public/...`, `/api/v5/market/...` and `/api/v5/system/...`"""

    def time(self, asked: Asked) -> Any:
        return [{"ts": self._now()}]

    def status(self, asked: Asked) -> Any:
        """Nothing is planned."""
        return []

    def instruments(self, asked: Asked) -> Any:
        mandatory(asked.query, "instType")
        return [_contract_terms(row) if row.kind.is_contract else _spot_terms(row) for row in self.markets(asked.query)]

    def candles(self, asked: Asked) -> Any:
        market = self.market(asked.query)
        bars = self._bars(asked, self.exchange.series.get(market.key), 300)
        return [[*_opened(bar), *_traded(market, bar), self._is_closed(asked, bar)] for bar in bars]

    def mark_candles(self, asked: Asked) -> Any:
        market = self.market(asked.query)
        bars = self._bars(asked, self.exchange.marks.get(market.key), 100)
        return [[*_opened(bar), self._is_closed(asked, bar)] for bar in bars]

    def funding_history(self, asked: Asked) -> Any:
        market = self.market(asked.query)
        paid = [(at, rate) for at, rate in self.exchange.funding[market.key] if at <= self.exchange.clock.now()]
        return [
            {
                "formulaType": "withRate",
                "fundingRate": plain(rate),
                "fundingTime": str(milliseconds(at)),
                "instId": market.symbol,
                "instType": "SWAP",
                "method": "current_period",
                "realizedRate": plain(rate),
            }
            for at, rate in page(paid[::-1], lambda payment: milliseconds(payment[0]), asked.query, 100, 400)
        ]

    def funding(self, asked: Asked) -> Any:
        market, now = self.market(asked.query), self.exchange.clock.now()
        known = next(((at, rate) for at, rate in self.exchange.funding[market.key] if at > now), None)
        at, rate = known or ((now // FUNDING_INTERVAL + 1) * FUNDING_INTERVAL, Decimal(0))
        return [
            {
                "formulaType": "withRate",
                "fundingRate": plain(rate),
                "fundingTime": str(milliseconds(at)),
                "instId": market.symbol,
                "instType": "SWAP",
                "method": "current_period",
                "nextFundingRate": "",
                "nextFundingTime": str(milliseconds(at + FUNDING_INTERVAL)),
                "settFundingRate": plain(rate),
                "settState": "settled",
                "ts": self._now(),
            }
        ]

    def mark_prices(self, asked: Asked) -> Any:
        return [
            {
                "instType": kind_name(market),
                "instId": market.symbol,
                "markPx": plain(self.exchange.mark(market)),
                "ts": self._now(),
            }
            for market in self.markets(asked.query)
            if market.kind.is_contract
        ]

    def ticker(self, asked: Asked) -> Any:
        return [self._ticker(self.market(asked.query))]

    def tickers(self, asked: Asked) -> Any:
        mandatory(asked.query, "instType")
        return [self._ticker(row) for row in self.markets(asked.query) if row.key in self.exchange.prices]

    def book(self, asked: Asked) -> Any:
        """One level a side, as deep as the largest order."""
        market = self.market(asked.query)
        last, size = self.exchange.last(market), plain(market.max_quantity)
        return [
            {
                "asks": [[on_grid(last + market.spread, market.tick), size, "0", "1"]],
                "bids": [[on_grid(last, market.tick), size, "0", "1"]],
                "ts": self._now(),
            }
        ]

    def _now(self) -> str:
        return str(milliseconds(self.exchange.clock.shown()))

    def _bars(self, asked: Asked, series: Series | None, most: int) -> list[Bar]:
        """Newest first: the latest with the one in progress, or all history without it."""
        length, offset = _length(asked.query)
        now, is_history = self.exchange.clock.now(), "history" in asked.path
        bars = series.bars(every(length, offset), now)[::-1] if series is not None else []
        known = [bar for bar in bars if bar.open_time + length <= now] if is_history else bars[:LATEST]
        return asked.spoilt(page(known, lambda bar: milliseconds(bar.open_time), asked.query, 100, most))

    def _is_closed(self, asked: Asked, bar: Bar) -> str:
        return "1" if bar.open_time + _length(asked.query)[0] <= self.exchange.clock.now() else "0"

    def _ticker(self, market: Market) -> dict[str, Any]:
        day, size = last_day(self.exchange, market), plain(market.max_quantity)
        first = on_grid(day.first, market.tick)
        return {
            "instType": kind_name(market),
            "instId": market.symbol,
            "last": on_grid(day.last, market.tick),
            "lastSz": plain(market.min_quantity),
            "askPx": on_grid(day.last + market.spread, market.tick),
            "askSz": size,
            "bidPx": on_grid(day.last, market.tick),
            "bidSz": size,
            "open24h": first,
            "high24h": on_grid(day.high, market.tick),
            "low24h": on_grid(day.low, market.tick),
            "volCcy24h": plain(day.volume * market.contract_size if market.kind.is_contract else day.turnover),
            "vol24h": plain(day.volume),
            "ts": self._now(),
            "sodUtc0": first,
            "sodUtc8": first,
        }


def _length(query: Mapping[str, str]) -> tuple[int, int]:
    """A bar's length and the offset that it is counted from: weeks begin on Monday, 1970 on a Thursday."""
    name = query.get("bar", "1m")
    if name in LENGTHS:
        return LENGTHS[name], 0
    length = LONG_LENGTHS.get(name.removesuffix("utc"))
    if length is None:
        raise wrong_parameter("bar")
    return length, (4 * DAY if length == 7 * DAY else 0) - (0 if name.endswith("utc") else HONG_KONG)


def _opened(bar: Bar) -> list[str | None]:
    return [str(milliseconds(bar.open_time)), *(plain(price) for price in (bar.open, bar.high, bar.low, bar.close))]


def _traded(market: Market, bar: Bar) -> list[str | None]:
    """Volume in contracts or coins, in coins or money, and in money."""
    if bar.volume is None or bar.close is None:
        return [plain(bar.volume), None, None]
    money = plain(market.value(bar.volume, bar.close))
    return [plain(bar.volume), plain(bar.volume * market.contract_size) if market.kind.is_contract else money, money]


def _spot_terms(market: Market) -> dict[str, Any]:
    most = plain(market.max_quantity)
    return {
        **dict.fromkeys(("alias", "auctionEndTime", "ctMult", "ctType", "ctVal", "ctValCcy", "expTime"), ""),
        **dict.fromkeys(("instFamily", "lever", "optType", "settleCcy", "stk", "uly"), ""),
        "baseCcy": market.base,
        "category": "1",
        "instId": market.symbol,
        "instType": "SPOT",
        "listTime": "1548133413000",
        "lotSz": plain(market.lot),
        "maxIcebergSz": most,
        "maxLmtAmt": "20000000",
        "maxLmtSz": most,
        "maxMktAmt": "1000000",
        "maxMktSz": "1000000",
        "maxStopSz": "1000000",
        "maxTriggerSz": most,
        "maxTwapSz": most,
        "minSz": plain(market.min_quantity),
        "quoteCcy": market.quote,
        "ruleType": "normal",
        "state": STATES[market.status],
        "tickSz": plain(market.tick),
    }


def _contract_terms(market: Market) -> dict[str, Any]:
    is_linear, family, most = market.kind is Kind.LINEAR, f"{market.base}-{market.quote}", plain(market.max_quantity)
    return {
        **dict.fromkeys(("alias", "auctionEndTime", "baseCcy", "contTdSwTime", "expTime", "maxMktAmt"), ""),
        **dict.fromkeys(("maxPlatOILmt", "openType", "optType", "posLmtAmt", "posLmtPct", "preMktSwTime"), ""),
        **dict.fromkeys(("quoteCcy", "stk"), ""),
        "category": "1",
        "ctMult": "1",
        "ctType": "linear" if is_linear else "inverse",
        "ctVal": plain(market.contract_size),
        "ctValCcy": market.base if is_linear else market.quote,
        "futureSettlement": False,
        "instFamily": family,
        "instId": market.symbol,
        "instIdCode": 10_459,
        "instType": "SWAP",
        "lever": plain(market.max_leverage),
        "listTime": "1573557408000",
        "lotSz": plain(market.lot),
        "maxIcebergSz": most,
        "maxLmtAmt": "20000000",
        "maxLmtSz": most,
        "maxMktSz": most,
        "maxStopSz": most,
        "maxTriggerSz": most,
        "maxTwapSz": most,
        "minSz": plain(market.min_quantity),
        "ruleType": "normal",
        "settleCcy": market.settle,
        "state": STATES[market.status],
        "tickSz": plain(market.tick),
        "tradeQuoteCcyList": [],
        "uly": family,
    }
