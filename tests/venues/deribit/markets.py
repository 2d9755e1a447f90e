"""What Deribit shows to everybody."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.core.clock import DAY, HOUR, MINUTE
from tests.venues.core.market import Kind, Market, Status
from tests.venues.core.refusals import Reason, Refused
from tests.venues.core.series import Bar, every
from tests.venues.day import day
from tests.venues.deribit.desk import KINDS, Desk, number, parameters
from tests.venues.holes import without_holes
from tests.venues.parameters import whole
from tests.venues.texts import milliseconds, nanoseconds

if TYPE_CHECKING:
    from tests.venues.front import Asked

LENGTHS = {**{str(minutes): minutes * MINUTE for minutes in (1, 3, 5, 10, 15, 30, 60, 120, 180, 360, 720)}, "1D": DAY}
"""Every resolution, by its minutes."""
MOST_CANDLES = 5000
MOST_RATES = 744


class MarketDesk(Desk):
    """`public/...`"""

    def time(self, asked: Asked) -> Any:
        return milliseconds(self.exchange.clock.shown())

    def status(self, asked: Asked) -> Any:
        return {"locked": "false", "locked_indices": []}

    def currencies(self, asked: Asked) -> Any:
        names = sorted({asset for market in self.exchange.markets.values() for asset in (market.base, market.quote)})
        return [
            {
                "currency": name,
                "currency_long": name,
                "coin_type": "BITCOIN" if name == "BTC" else "ETHER",
                "decimals": 8,
                "fee_precision": 4,
                "in_cross_collateral_pool": True,
                "min_confirmations": 1,
                "min_withdrawal_fee": 0.0001,
                "withdrawal_fee": 0.0001,
                "withdrawal_priorities": [],
            }
            for name in names
            if name != "USD"
        ]

    def instruments(self, asked: Asked) -> Any:
        return [self._terms(market) for market in self.markets(parameters(asked))]

    def instrument(self, asked: Asked) -> Any:
        return self._terms(self.market(parameters(asked)))

    def candles(self, asked: Asked) -> Any:
        """Column by column, oldest first, from `start_timestamp` to `end_timestamp`, both included; the newest 5,000.

        Which 5,000 the venue gives of a longer time was not found.
        """
        wanted = parameters(asked)
        market, length = self.market(wanted), LENGTHS.get(str(wanted.get("resolution", "")))
        if length is None:
            raise Refused(Reason.BAD_PARAMETER, "resolution")
        begin, end = _period(wanted)
        series, now = self.exchange.series.get(market.key), self.exchange.clock.now()
        bars = without_holes(series.bars(every(length), now), length) if series is not None else []
        found = [bar for bar in bars if begin <= bar.open_time <= end][-MOST_CANDLES:]
        return _columns(asked.spoilt(found))

    def funding(self, asked: Asked) -> Any:
        """Hour by hour, oldest first; the newest 744. The rate of 8 hours is the sum of theirs."""
        wanted = parameters(asked)
        market = self.market(wanted)
        begin, end = _period(wanted)
        now = self.exchange.clock.now()
        rates = [(time, rate) for time, rate in self.exchange.funding[market.key] if begin <= time <= min(end, now)]
        return [
            {
                "timestamp": milliseconds(time),
                "index_price": number(self._mark_at(market, time)),
                "prev_index_price": number(self._mark_at(market, time - HOUR)),
                "interest_1h": number(rate),
                "interest_8h": number(self._paid(market, time - 8 * HOUR, time)),
            }
            for time, rate in rates[-MOST_RATES:]
        ]

    def funding_value(self, asked: Asked) -> Any:
        """What was paid in a time, as a fraction."""
        wanted = parameters(asked)
        return number(self._paid(self.market(wanted), *_period(wanted)))

    def ticker(self, asked: Asked) -> Any:
        return self._quote(self.market(parameters(asked)))

    def book(self, asked: Asked) -> Any:
        """One level a side, as deep as the largest order."""
        market = self.market(parameters(asked))
        last, size = self.exchange.last(market), number(market.max_quantity)
        asks, bids = ([[number(price), size]] for price in (last + market.spread, last))
        return {**self._quote(market), "asks": asks, "bids": bids, "change_id": 1}

    def summaries(self, asked: Asked) -> Any:
        """Of a currency: that which pays, so a perpetual in USDC is not among those of bitcoin."""
        quoted = [market for market in self.markets(parameters(asked)) if market.key in self.exchange.prices]
        return [self._summary(market) for market in quoted]

    def _paid(self, market: Market, after: int, until: int) -> Decimal:
        rates = self.exchange.funding[market.key]
        return sum((rate for time, rate in rates if after < time <= until), Decimal(0))

    def _mark_at(self, market: Market, time: int) -> Decimal:
        marks = self.exchange.marks.get(market.key)
        return (marks and marks.price(time)) or self.exchange.last(market)

    def _stats(self, market: Market) -> dict[str, Any]:
        """Volume is in the base currency."""
        of_day = day(self.exchange, market, self.exchange.clock.now() - DAY + 1)
        change = (self.exchange.last(market) / of_day.first - 1) * 100
        return {
            "high": number(of_day.high),
            "low": number(of_day.low),
            "price_change": number(change.quantize(Decimal("0.0001"))),
            "volume": number(of_day.volume),
            "volume_notional": number(of_day.turnover),
            "volume_usd": number(of_day.turnover),
        }

    def _quote(self, market: Market) -> dict[str, Any]:
        last, now = self.exchange.last(market), self.exchange.clock.now()
        mark, size = number(self.exchange.mark(market)), number(market.max_quantity)
        return {
            "best_ask_amount": size,
            "best_ask_price": number(last + market.spread),
            "best_bid_amount": size,
            "best_bid_price": number(last),
            "current_funding": number(self._paid(market, now - HOUR, now)),
            "estimated_delivery_price": mark,
            "funding_8h": number(self._paid(market, now - 8 * HOUR, now)),
            "index_price": mark,
            "instrument_name": market.symbol,
            "interest_value": 0.0,
            "last_price": number(last),
            "mark_price": mark,
            "max_price": number(last * Decimal("1.015")),
            "min_price": number(last * Decimal("0.985")),
            "open_interest": 0,
            "settlement_price": mark,
            "state": "open" if market.status is Status.TRADING else "closed",
            "stats": self._stats(market),
            "timestamp": milliseconds(self.exchange.clock.shown()),
        }

    def _summary(self, market: Market) -> dict[str, Any]:
        last = self.exchange.last(market)
        return {
            **self._stats(market),
            "ask_price": number(last + market.spread),
            "base_currency": market.base,
            "bid_price": number(last),
            "creation_timestamp": milliseconds(self.exchange.clock.shown()),
            "instrument_name": market.symbol,
            "last": number(last),
            "mark_price": number(self.exchange.mark(market)),
            "mid_price": number(last + market.spread / 2),
            "open_interest": 0,
            "quote_currency": market.quote,
        }

    def _terms(self, market: Market) -> dict[str, Any]:
        """Of a perpetual the contract is the lot; amounts are in base, or in dollars for an inverse one."""
        rules, is_contract = self.exchange.rules, market.kind.is_contract
        kind = "reversed" if market.kind is Kind.INVERSE else "linear"
        terms: dict[str, Any] = {
            "price_index": f"{market.base}_{market.quote}".lower(),
            "kind": KINDS[market.kind],
            "instrument_name": market.symbol,
            "maker_commission": 0.0 if market.is_free else number(rules.maker),
            "taker_commission": 0.0 if market.is_free else number(rules.taker),
            "instrument_type": kind,
            "expiration_timestamp": 32_503_708_800_000,
            "creation_timestamp": 1_534_167_754_000,
            "is_active": market.status is Status.TRADING,
            "tick_size": number(market.tick),
            "contract_size": number(market.lot),
            "instrument_id": 100_000 + list(self.exchange.markets).index(market.key),
            "min_trade_amount": number(market.min_quantity),
            "block_trade_commission": 0.00025,
            "block_trade_min_trade_amount": 200_000,
            "block_trade_tick_size": 0.01,
            "base_currency": market.base,
            "counter_currency": market.quote,
            "quote_currency": market.quote,
            "tick_size_steps": [],
        }
        if is_contract:
            terms |= {
                "max_leverage": int(market.max_leverage),
                "max_liquidation_commission": 0.0075,
                "future_type": kind,
                "settlement_currency": market.settle,
                "settlement_period": "perpetual",
            }
        return terms


def _period(wanted: dict[str, Any]) -> tuple[int, int]:
    """`start_timestamp` and `end_timestamp` (ns), which come in ms and must be given."""
    for name in ("start_timestamp", "end_timestamp"):
        if name not in wanted:
            raise Refused(Reason.BAD_PARAMETER, name)
    return nanoseconds(whole(wanted, "start_timestamp", 0)), nanoseconds(whole(wanted, "end_timestamp", 0))


def _columns(bars: list[Bar]) -> dict[str, Any]:
    costs = [bar.volume * bar.close if bar.volume is not None and bar.close is not None else None for bar in bars]
    return {
        **{name: [number(getattr(bar, name)) for bar in bars] for name in ("open", "high", "low", "close", "volume")},
        "cost": [number(cost) for cost in costs],
        "ticks": [milliseconds(bar.open_time) for bar in bars],
        "status": "ok" if bars else "no_data",
    }
