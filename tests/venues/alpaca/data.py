"""Candles, quotes and trades at Alpaca."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from tests.venues.alpaca.desk import Desk
from tests.venues.alpaca.times import day_of, month_of, read, utc, week_of
from tests.venues.core.clock import HOUR, MINUTE
from tests.venues.core.market import Kind, Market
from tests.venues.core.refusals import Reason, Refused
from tests.venues.core.series import Bar, Bucket, every

if TYPE_CHECKING:
    from decimal import Decimal

    from tests.venues.front import Asked, FrontEnd

TIMEFRAME = re.compile(r"([1-9]\d?)(Min|T|Hour|H|Day|D|Week|W|Month|M)")
MOST = 10_000


class DataDesk(Desk):
    """The data of some kinds of markets. A candle is there once its rows are over; none is shown where none traded."""

    def __init__(self, front: FrontEnd, kinds: tuple[Kind, ...]) -> None:
        super().__init__(front)
        self._kinds = kinds

    def bars(self, asked: Asked) -> Any:
        """A page counts the candles of all symbols, in the order of symbols."""
        query = asked.query
        limit = query.get("limit") or "1000"
        if not limit.isdigit() or not 1 <= int(limit) <= MOST:
            raise Refused(Reason.BAD_PARAMETER, "limit")
        rows = [(market.symbol, bar) for market in self._markets(asked) for bar in self._of(asked, market)]
        first = _position(query.get("page_token"))
        end = first + int(limit)
        found: dict[str, list[dict[str, Any]]] = {}
        for symbol, bar in rows[first:end]:
            found.setdefault(symbol, []).append(_row(bar))
        return {"bars": found, "next_page_token": _token(end) if end < len(rows) else None}

    def latest_bars(self, asked: Asked) -> Any:
        found = {}
        for market in self._markets(asked):
            bars = self._finished(market, every(MINUTE))
            if bars:
                found[market.symbol] = _row(bars[-1])
        return {"bars": found}

    def latest_quotes(self, asked: Asked) -> Any:
        return {"quotes": {market.symbol: self._quote(market) for market in self._quoted(asked)}}

    def latest_trades(self, asked: Asked) -> Any:
        return {"trades": {market.symbol: self._trade(market) for market in self._quoted(asked)}}

    def _of(self, asked: Asked, market: Market) -> list[Bar]:
        query, now = asked.query, self.exchange.clock.now()
        start = read(query["start"]) if query.get("start") else day_of(now)
        end = read(query["end"]) if query.get("end") else now
        bars = self._finished(market, _bucket(query.get("timeframe", ""), market))
        found = [bar for bar in bars if start <= bar.open_time <= end]
        return asked.spoilt(found[::-1] if query.get("sort") == "desc" else found)

    def _finished(self, market: Market, bucket: Bucket) -> list[Bar]:
        series = self.exchange.series.get(market.key)
        return series.bars(bucket, self.exchange.clock.now(), of_whole_rows=True) if series is not None else []

    def _markets(self, asked: Asked) -> list[Market]:
        names = asked.query.get("symbols", "")
        if not names:
            raise Refused(Reason.BAD_PARAMETER, "symbols")
        wanted = names.split(",")
        found = [market for market in self.exchange.markets.values() if market.symbol in wanted]
        return sorted((market for market in found if market.kind in self._kinds), key=lambda market: market.symbol)

    def _quoted(self, asked: Asked) -> list[Market]:
        return [market for market in self._markets(asked) if market.key in self.exchange.prices]

    def _moved(self, market: Market) -> str | None:
        now, series = self.exchange.clock.now(), self.exchange.series.get(market.key)
        return utc(series.moved(now) if series is not None else now)

    def _quote(self, market: Market) -> dict[str, Any]:
        last, size = self.exchange.last(market), 100
        quote = {
            "t": self._moved(market),
            "bp": float(last),
            "bs": size,
            "ap": float(last + market.spread),
            "as": size,
        }
        return quote if market.kind is Kind.SPOT else {**quote, "ax": "V", "bx": "V", "c": ["R"], "z": "C"}

    def _trade(self, market: Market) -> dict[str, Any]:
        trade = {"t": self._moved(market), "p": float(self.exchange.last(market)), "s": 100, "i": 1}
        own = {"tks": "B"} if market.kind is Kind.SPOT else {"x": "V", "c": ["@"], "z": "C"}
        return {**trade, **own}


def _bucket(text: str, market: Market) -> Bucket:
    """Days, weeks and months are New York's, for crypto too."""
    found = TIMEFRAME.fullmatch(text)
    if found is None:
        raise Refused(Reason.BAD_PARAMETER, f"timeframe {text}")
    count, unit = int(found[1]), found[2]
    if unit in {"Min", "T"}:
        return every(count * MINUTE)
    if unit in {"Hour", "H"}:
        return every(count * HOUR)
    if count != 1:
        raise Refused(Reason.BAD_PARAMETER, f"timeframe {text}")
    return {"D": day_of, "W": week_of, "M": month_of}[unit[0]]


def _row(bar: Bar) -> dict[str, Any]:
    volume, close = bar.volume, bar.close
    prices = {name: _number(price) for name, price in zip("ohlc", (bar.open, bar.high, bar.low, close), strict=True)}
    return {"t": utc(bar.open_time), **prices, "v": _number(volume), "n": 1, "vw": _number(close)}


def _number(value: Decimal | None) -> float | str | None:
    """A number of JSON; a NaN, which JSON has not got, as text."""
    return None if value is None else "NaN" if value.is_nan() else float(value)


def _token(position: int) -> str:
    return urlsafe_b64encode(f"from {position}".encode()).decode()


def _position(token: str | None) -> int:
    """Where a page begins. Raises: Refused for a token that was not given."""
    if not token:
        return 0
    try:
        return int(urlsafe_b64decode(token).decode().removeprefix("from "))
    except ValueError as wrong:
        raise Refused(Reason.BAD_PARAMETER, "page_token") from wrong
