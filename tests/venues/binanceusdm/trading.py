"""Orders and fills on Binance's futures; what waits for a trigger is `algo.py`'s."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.venues.binance import trading as spot
from tests.venues.binance.desk import flag, mandatory, moment, needed, one_of, parameters_of, whole
from tests.venues.binance.trading import BUY_OR_SELL, TIMES_IN_FORCE, client_id_of, refuse_any, within
from tests.venues.binanceusdm.shapes import fill_row, is_plain, order_row, placed
from tests.venues.binanceusdm.words import CONDITIONAL
from tests.venues.core.clock import DAY
from tests.venues.core.orders import Order, Ticket, TimeInForce
from tests.venues.core.refusals import Reason, Refused
from tests.venues.spoken import Spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.core.market import Market
    from tests.venues.front import Asked

CLIENT_ID = re.compile(r"[\.A-Z\:/a-z0-9_-]{1,36}")
NOT_HERE = ("closePosition", "priceMatch", "goodTillDate", "callbackRate", "activatePrice", "priceProtect")
"""What an order may carry at the venue and not here: refused, since to leave it out would be another order."""
ALL_CANCELLED = {"code": 200, "msg": "The operation of cancel all open order is done."}
WEEK = 7 * DAY


class TradingDesk(spot.TradingDesk):
    """`/fapi/v1/order`, `openOrders`, `allOrders`, `allOpenOrders` and `userTrades`"""

    def create(self, asked: Asked) -> Any:
        """Answered as RESULT, whatever `newOrderRespType` says."""
        wanted = parameters_of(asked)
        market, kind = self.market(wanted), mandatory(wanted, "type")
        if kind in CONDITIONAL:
            says = "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."
            raise Spoken(Reason.BAD_PARAMETER, -4120, says)
        has_price = one_of(wanted, "type", {"LIMIT": True, "MARKET": False})
        if has_price:
            mandatory(wanted, "timeInForce")
        check_side(asked, wanted)
        client_id = client_id_of(wanted, "newClientOrderId", CLIENT_ID) or self.own_id()
        ticket = futures_ticket(market, wanted, client_id, has_price=has_price)
        return placed(market, self._front.place(asked, market.symbol, [market.kind], ticket))

    def cancel(self, asked: Asked) -> Any:
        wanted = parameters_of(asked)
        market, order = self.market(wanted), self.named(asked, wanted)
        asked.entry.orders.append(order.id)
        self.exchange.cancel(asked.account, order)
        return placed(market, order)

    def cancel_all(self, asked: Asked) -> Any:
        """Where there is nothing to cancel, that is as good. What waits for a trigger stays."""
        for order in self._open(asked, self.market(parameters_of(asked))):
            self.exchange.cancel(asked.account, order)
        return ALL_CANCELLED

    def order(self, asked: Asked) -> Any:
        return order_row(self.market(asked.query), self.named(asked, asked.query))

    def open_orders(self, asked: Asked) -> Any:
        markets = self.markets(asked.query)
        return [order_row(market, order) for market in markets for order in self._open(asked, market)]

    def all_orders(self, asked: Asked) -> Any:
        query, market = asked.query, self.market(asked.query)
        within(query, WEEK, "7 days")
        least = whole(query, "orderId", 0)
        orders = [
            order
            for order in self.exchange.orders_of(asked.account)
            if order.market == market.key and is_plain(order) and int(order.id) >= least
        ]
        return [
            order_row(market, order) for order in self.window(orders, lambda order: order.created, query, 500, 1000)
        ]

    def fills(self, asked: Asked) -> Any:
        """Of the last seven days where no time is given, and of seven from a start."""
        query, market = asked.query, self.market(asked.query)
        within(query, WEEK, "7 days")
        start, end, now = moment(query, "startTime"), moment(query, "endTime"), self.exchange.clock.now()
        first = start if start is not None else (end if end is not None else now) - WEEK
        pairs = [(fill, order) for fill, order in self.fills_of(asked, market) if first <= fill.time <= first + WEEK]
        found = self.window(pairs, lambda pair: pair[0].time, query, 500, 1000)
        return [fill_row(market, order, fill) for fill, order in found]

    def named(self, asked: Asked, wanted: Mapping[str, str]) -> Order:
        order = super().named(asked, wanted)
        if not is_plain(order):
            raise Refused(Reason.UNKNOWN_ORDER, order.id)
        return order

    def _open(self, asked: Asked, market: Market) -> list[Order]:
        orders = self.exchange.open_orders(asked.account)
        return [order for order in orders if order.market == market.key and is_plain(order)]


def check_side(asked: Asked, wanted: Mapping[str, str]) -> None:
    """Raises: Refused for a side that does not fit the position mode; of the two modes, one-way alone is simulated."""
    side = wanted.get("positionSide") or "BOTH"
    if asked.account.is_hedged != (side != "BOTH"):
        raise Refused(Reason.POSITION_MODE)
    if asked.account.is_hedged:
        raise Refused(Reason.BAD_PARAMETER, "hedged positions are not simulated")


def futures_ticket(market: Market, wanted: Mapping[str, str], client_id: str, *, has_price: bool) -> Ticket:
    """What a new order asks for, but for its trigger. Raises: Refused."""
    refuse_any(wanted, NOT_HERE)
    is_maker = has_price and wanted.get("timeInForce") == "GTX"
    in_force = one_of({"timeInForce": "GTC", **wanted}, "timeInForce", {**TIMES_IN_FORCE, "GTX": TimeInForce.GTC})
    return Ticket(
        market.symbol,
        one_of(wanted, "side", BUY_OR_SELL),
        needed(wanted, "quantity"),
        needed(wanted, "price") if has_price else None,
        time_in_force=in_force if has_price else TimeInForce.IOC,
        reduce_only=flag(wanted, "reduceOnly"),
        post_only=is_maker,
        client_id=client_id,
    )
