"""What Kraken shows to everybody."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.core.clock import DAY, MINUTE, SECOND
from tests.venues.core.market import Market, Status
from tests.venues.core.refusals import Reason, Refused
from tests.venues.core.series import Bar, every
from tests.venues.day import day
from tests.venues.holes import without_holes
from tests.venues.kraken.desk import Desk, asset_id, other_name, pair_id, socket_name
from tests.venues.parameters import whole
from tests.venues.texts import on_grid, plain

if TYPE_CHECKING:
    from tests.venues.front import Asked

LENGTHS = {minutes: minutes * MINUTE for minutes in (1, 5, 15, 30, 60, 240, 1440, 10080, 21600)}
"""Every interval, by its minutes. All are counted from 1970, the week and the fortnight too."""
MOST = 720
STATUSES = {Status.TRADING: "online", Status.HALTED: "cancel_only"}
FIVE = Decimal("0.00001")
EIGHT = Decimal("0.00000001")


class MarketDesk(Desk):
    """`/0/public/...`"""

    def time(self, asked: Asked) -> Any:
        """In whole seconds."""
        now = self.exchange.clock.shown() // SECOND
        return {"unixtime": now, "rfc1123": datetime.fromtimestamp(now, UTC).strftime("%a, %d %b %y %H:%M:%S +0000")}

    def status(self, asked: Asked) -> Any:
        now = datetime.fromtimestamp(self.exchange.clock.shown() // SECOND, UTC)
        return {"status": "online", "timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def assets(self, asked: Asked) -> Any:
        names = sorted({asset for market in self.listed() for asset in (market.base, market.quote)})
        return {
            asset_id(name): {
                "aclass": "currency",
                "altname": other_name(name),
                "decimals": 4 if asset_id(name).startswith("Z") else 10,
                "display_decimals": 2 if asset_id(name).startswith("Z") else 5,
                "status": "enabled",
            }
            for name in names
        }

    def pairs(self, asked: Asked) -> Any:
        rules = self.exchange.rules
        return {pair_id(market): _terms(market, rules.taker, rules.maker) for market in self._wanted(asked)}

    def candles(self, asked: Asked) -> Any:
        """The newest 720 at most, oldest first: those after `since`, and always the one in progress."""
        query = asked.query
        market, minutes = self.market(query.get("pair", "")), whole(query, "interval", 1)
        if minutes not in LENGTHS:
            raise Refused(Reason.BAD_PARAMETER, "interval")
        since = query.get("since", "0")
        if not since.lstrip("-").isdigit():
            raise Refused(Reason.BAD_PARAMETER, "since")
        series, now = self.exchange.series.get(market.key), self.exchange.clock.now()
        bars = series.bars(every(LENGTHS[minutes]), now) if series is not None else []
        bars = without_holes(bars, LENGTHS[minutes])[-MOST:]
        shown = [bar for bar in bars[:-1] if bar.open_time > int(since) * SECOND] + bars[-1:]
        last = bars[-2].open_time if len(bars) > 1 else 0
        rows = [_row(market, bar) for bar in asked.spoilt(shown)]
        return {pair_id(market): rows, "last": last // SECOND}

    def tickers(self, asked: Asked) -> Any:
        """There is no time in it."""
        return {
            pair_id(market): self._ticker(market)
            for market in self._wanted(asked)
            if market.key in self.exchange.prices
        }

    def book(self, asked: Asked) -> Any:
        """One level a side, as deep as the largest order."""
        market = self.market(asked.query.get("pair", ""))
        last, time = self.exchange.last(market), self.exchange.clock.shown() // SECOND
        size = on_grid(market.max_quantity, Decimal("0.001"))
        asks, bids = ([[on_grid(price, FIVE), size, time]] for price in (last + market.spread, last))
        return {pair_id(market): {"asks": asks, "bids": bids}}

    def _wanted(self, asked: Asked) -> list[Market]:
        """The pairs that are named, or all."""
        names = asked.query.get("pair")
        return [self.market(name) for name in names.split(",")] if names else self.listed()

    def _ticker(self, market: Market) -> dict[str, Any]:
        """Of today, which begins at midnight UTC, and of the last 24 hours."""
        now, last = self.exchange.clock.now(), self.exchange.last(market)
        both = [day(self.exchange, market, begin) for begin in (now // DAY * DAY, now - DAY + 1)]
        whole_lots, size = str(int(market.max_quantity)), on_grid(market.max_quantity, Decimal("0.001"))
        return {
            "a": [on_grid(last + market.spread, FIVE), whole_lots, size],
            "b": [on_grid(last, FIVE), whole_lots, size],
            "c": [on_grid(last, FIVE), on_grid(market.min_quantity, EIGHT)],
            "v": [on_grid(one.volume, EIGHT) for one in both],
            "p": [on_grid(one.mean, FIVE) for one in both],
            "t": [one.candles for one in both],
            "l": [on_grid(one.low, FIVE) for one in both],
            "h": [on_grid(one.high, FIVE) for one in both],
            "o": on_grid(both[0].first, FIVE),
        }


def decimals(step: Decimal) -> int:
    return max(0, -int(step.normalize().as_tuple().exponent))


def _row(market: Market, bar: Bar) -> list[Any]:
    """The mean price by volume is taken for the close, and a candle for one trade."""
    open_, high, low, close = (
        None if price is None else on_grid(price, market.tick) for price in (bar.open, bar.high, bar.low, bar.close)
    )
    volume = None if bar.volume is None else on_grid(bar.volume, EIGHT)
    traded = bool(bar.volume)
    return [bar.open_time // SECOND, open_, high, low, close, close if traded else "0.0", volume, int(traded)]


def _terms(market: Market, taker: Decimal, maker: Decimal) -> dict[str, Any]:
    return {
        "altname": market.symbol,
        "wsname": socket_name(market),
        "aclass_base": "currency",
        "base": asset_id(market.base),
        "aclass_quote": "currency",
        "quote": asset_id(market.quote),
        "lot": "unit",
        "cost_decimals": 5,
        "pair_decimals": decimals(market.tick),
        "lot_decimals": decimals(market.lot),
        "lot_multiplier": 1,
        "leverage_buy": [],
        "leverage_sell": [],
        "fees": [[0, float(taker * 100)]],
        "fees_maker": [[0, float(maker * 100)]],
        "fee_volume_currency": "ZUSD",
        "margin_call": 80,
        "margin_stop": 40,
        "ordermin": plain(market.min_quantity),
        "costmin": plain(market.min_notional),
        "tick_size": plain(market.tick),
        "status": STATUSES[market.status],
        "long_position_limit": 0,
        "short_position_limit": 0,
    }
