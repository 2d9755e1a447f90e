"""Orders and fills on Binance's spot."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.binance.desk import Desk, mandatory, moment, needed, one_of, parameters_of, whole
from tests.venues.binance.shapes import acknowledged, cancelled, fill_row, order_row, placed, placed_with_fills
from tests.venues.core.clock import DAY
from tests.venues.core.orders import Fill, Order, Side, Ticket, TimeInForce
from tests.venues.core.refusals import Reason, Refused
from tests.venues.spoken import Spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.core.market import Market
    from tests.venues.front import Asked

CLIENT_ID = re.compile(r"[a-zA-Z0-9_-]{1,36}")
BUY_OR_SELL = {"BUY": Side.BUY, "SELL": Side.SELL}
STOPS = ("STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT")
TIMES_IN_FORCE = {"GTC": TimeInForce.GTC, "IOC": TimeInForce.IOC, "FOK": TimeInForce.FOK}
NOT_HERE = ("icebergQty", "trailingDelta", "pegPriceType", "reduceOnly", "positionSide", "closePosition")
"""What an order may not carry here, or not at all: refused, since to leave it out would be another order."""
ANSWERS = {"ACK": acknowledged, "RESULT": placed, "FULL": placed_with_fills}


class TradingDesk(Desk):
    """`/api/v3/order`, `openOrders`, `allOrders` and `myTrades`"""

    def create(self, asked: Asked) -> Any:
        wanted = parameters_of(asked)
        market = self.market(wanted)
        kind = mandatory(wanted, "type")
        shape = ANSWERS.get(wanted.get("newOrderRespType") or ("FULL" if kind in {"MARKET", "LIMIT"} else "ACK"))
        if shape is None:
            raise Refused(Reason.BAD_PARAMETER, "newOrderRespType")
        ticket = spot_ticket(market, wanted, client_id_of(wanted, "newClientOrderId", CLIENT_ID) or self.own_id())
        return shape(market, self._front.place(asked, market.symbol, [market.kind], ticket))

    def cancel(self, asked: Asked) -> Any:
        wanted = parameters_of(asked)
        market, order = self.market(wanted), self.named(asked, wanted)
        asked.entry.orders.append(order.id)
        self.exchange.cancel(asked.account, order)
        return cancelled(market, order, wanted.get("newClientOrderId") or self.own_id())

    def cancel_all(self, asked: Asked) -> Any:
        """Where there is nothing to cancel, that is an error."""
        market = self.market(parameters_of(asked))
        orders = [order for order in self.exchange.open_orders(asked.account) if order.market == market.key]
        if not orders:
            raise Refused(Reason.ORDER_CLOSED)
        for order in orders:
            self.exchange.cancel(asked.account, order)
        return [cancelled(market, order, self.own_id()) for order in orders]

    def order(self, asked: Asked) -> Any:
        return order_row(self.market(asked.query), self.named(asked, asked.query))

    def open_orders(self, asked: Asked) -> Any:
        markets = {market.key: market for market in self.markets(asked.query)}
        orders = self.exchange.open_orders(asked.account)
        return [order_row(markets[order.market], order) for order in orders if order.market in markets]

    def all_orders(self, asked: Asked) -> Any:
        query, market = asked.query, self.market(asked.query)
        within(query, DAY, "24 hours")
        least = whole(query, "orderId", 0)
        orders = [
            order
            for order in self.exchange.orders_of(asked.account)
            if order.market == market.key and int(order.id) >= least
        ]
        return [
            order_row(market, order) for order in self.window(orders, lambda order: order.created, query, 500, 1000)
        ]

    def fills(self, asked: Asked) -> Any:
        query, market = asked.query, self.market(asked.query)
        within(query, DAY, "24 hours")
        found = self.window(self.fills_of(asked, market), lambda pair: pair[0].time, query, 500, 1000)
        return [fill_row(market, order, fill) for fill, order in found]

    def fills_of(self, asked: Asked, market: Market) -> list[tuple[Fill, Order]]:
        """An account's fills in a market, oldest first; from an id on, and of one order, where that is asked."""
        first, of = whole(asked.query, "fromId", 0), asked.query.get("orderId", "")
        found = [
            (fill, order)
            for order in self.exchange.orders_of(asked.account)
            if order.market == market.key and of in {"", order.id}
            for fill in order.fills
            if int(fill.id) >= first
        ]
        return sorted(found, key=lambda pair: int(pair[0].id))

    def named(self, asked: Asked, wanted: Mapping[str, str]) -> Order:
        """The order of an id, or else the latest under a client id. Raises: Refused."""
        market = self.market(wanted)
        id_, client_id = wanted.get("orderId", ""), wanted.get("origClientOrderId", "")
        if not (id_ or client_id):
            says = "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
            raise Spoken(Reason.BAD_PARAMETER, -1102, says)
        order = self.exchange.order(asked.account, id=id_, client_id=client_id)
        if order.market != market.key:
            raise Refused(Reason.UNKNOWN_ORDER, order.id)
        return order

    def own_id(self) -> str:
        """The client id that the venue makes up where none is given."""
        return f"venue{len(self.exchange.orders) + 1:017d}"


def client_id_of(wanted: Mapping[str, str], name: str, allowed: re.Pattern[str]) -> str:
    """A client id, or nothing. Raises: Refused for one that cannot be."""
    client_id = wanted.get(name, "")
    if client_id and allowed.fullmatch(client_id) is None:
        says = f"Illegal characters found in parameter '{name}'; legal range is '^{allowed.pattern}$'."
        raise Spoken(Reason.BAD_PARAMETER, -1100, says)
    return client_id


def refuse_any(wanted: Mapping[str, str], names: tuple[str, ...]) -> None:
    """Raises: Refused where an order carries what is not simulated."""
    for name in names:
        if wanted.get(name, "").lower() not in {"", "false", "both", "none"}:
            raise Refused(Reason.BAD_PARAMETER, f"{name} is not simulated")


def within(query: Mapping[str, str], longest: int, name: str) -> None:
    """Raises: Refused where a window of time is longer than this (ns)."""
    start, end = moment(query, "startTime"), moment(query, "endTime")
    if start is not None and end is not None and end - start > longest:
        raise Spoken(Reason.BAD_PARAMETER, -1127, f"More than {name} between startTime and endTime.")


def rises_to(side: Side, kind: str) -> bool:
    """Whether a trigger waits for a rise: a stop lies where the price is worse, a target where it is better."""
    return (side is Side.BUY) != kind.startswith("TAKE_PROFIT")


def spot_ticket(market: Market, wanted: Mapping[str, str], client_id: str) -> Ticket:
    """What a new order asks for. Raises: Refused."""
    refuse_any(wanted, NOT_HERE)
    side = one_of(wanted, "side", BUY_OR_SELL)
    kind = one_of(wanted, "type", {name: name for name in ("LIMIT", "LIMIT_MAKER", "MARKET", *STOPS)})
    is_stop, has_price = kind in STOPS, kind.startswith("LIMIT") or kind.endswith("_LIMIT")
    needs_time = has_price and kind != "LIMIT_MAKER"
    if wanted.get("timeInForce") and not needs_time:
        raise Spoken(Reason.BAD_PARAMETER, -1106, "Parameter 'timeInForce' sent when not required.")
    if wanted.get("price") and not has_price:
        raise Spoken(Reason.BAD_PARAMETER, -1106, "Parameter 'price' sent when not required.")
    in_quote = kind == "MARKET" and not wanted.get("quantity")
    if in_quote and side is Side.SELL:
        raise Refused(Reason.BAD_PARAMETER, "quoteOrderQty of a sale is not simulated")
    immediate = TimeInForce.GTC if has_price else TimeInForce.IOC
    return Ticket(
        market.symbol,
        side,
        Decimal(0) if in_quote else needed(wanted, "quantity"),
        needed(wanted, "price") if has_price else None,
        trigger=needed(wanted, "stopPrice") if is_stop else None,
        triggers_above=rises_to(side, kind) if is_stop else None,
        cost=needed(wanted, "quoteOrderQty") if in_quote else None,
        time_in_force=one_of(wanted, "timeInForce", TIMES_IN_FORCE) if needs_time else immediate,
        post_only=kind == "LIMIT_MAKER",
        client_id=client_id,
    )
