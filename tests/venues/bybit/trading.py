"""Orders and fills at Bybit."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.bybit.desk import Desk, kinds_of, number, page
from tests.venues.bybit.shapes import fill_row, is_stop, order_row, status
from tests.venues.core.market import Kind, Market
from tests.venues.core.orders import Fill, Order, Side, Ticket, TimeInForce
from tests.venues.core.refusals import Reason, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.front import Asked

CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{0,36}")
NOT_HERE = ("takeProfit", "stopLoss", "trailingStop", "bboSideType", "orderIv", "mmp")
"""What an order may carry at the venue and not here: refused, since to leave it out would be another order."""


class TradingDesk(Desk):
    """`/v5/order/...` and `/v5/execution/...`"""

    def create(self, asked: Asked) -> Any:
        wanted = asked.json
        market = self.market(wanted)
        index = int(wanted.get("positionIdx", 0) or 0)
        if market.kind.is_contract and asked.account.is_hedged != (index != 0):
            raise Refused(Reason.POSITION_MODE)
        order = self._front.place(asked, market.symbol, kinds_of(wanted), _ticket(market, wanted))
        return {"orderId": order.id, "orderLinkId": order.ticket.client_id}

    def cancel(self, asked: Asked) -> Any:
        order = self._order(asked, asked.json)
        asked.entry.orders.append(order.id)
        self.exchange.cancel(asked.account, order)
        return {"orderId": order.id, "orderLinkId": order.ticket.client_id}

    def cancel_all(self, asked: Asked) -> Any:
        keys = {market.key for market in self.markets(asked.json)}
        orders = [order for order in self.exchange.open_orders(asked.account) if order.market in keys]
        for order in orders:
            self.exchange.cancel(asked.account, order)
        done = [{"orderId": order.id, "orderLinkId": order.ticket.client_id} for order in orders]
        return {"list": done, "success": "1"}

    def open_orders(self, asked: Asked) -> Any:
        """Asked by an id it shows what is over as well, as the venue does for the latest 500."""
        named = "orderId" in asked.query or "orderLinkId" in asked.query
        _needs_scope(asked.query)
        orders = self._orders(asked, among=None if named else True)
        return self._listed(asked, orders, 20)

    def closed_orders(self, asked: Asked) -> Any:
        orders = self._orders(asked, among=False)
        wanted = asked.query.get("orderStatus")
        return self._listed(asked, [order for order in orders if wanted in {None, "", status(order)}], 20)

    def fills(self, asked: Asked) -> Any:
        markets = {market.key: market for market in self.markets(asked.query)}
        wanted = {name: asked.query[name] for name in ("orderId", "orderLinkId") if asked.query.get(name)}
        found: list[tuple[Fill, Order]] = [
            (fill, order)
            for order in self.exchange.orders_of(asked.account)
            if order.market in markets and _named(order, wanted)
            for fill in order.fills
        ]
        found.sort(key=lambda pair: int(pair[0].id), reverse=True)
        rows, cursor = page(found, asked.query, 50, 100)
        return {
            "nextPageCursor": cursor,
            "category": asked.query["category"],
            "list": [fill_row(self.exchange, markets[order.market], order, fill) for fill, order in rows],
        }

    def _order(self, asked: Asked, wanted: Mapping[str, Any]) -> Order:
        market = self.market(wanted)
        if not (wanted.get("orderId") or wanted.get("orderLinkId")):
            raise Refused(Reason.BAD_PARAMETER, "orderId or orderLinkId")
        order = self.exchange.order(
            asked.account, id=wanted.get("orderId", ""), client_id=wanted.get("orderLinkId", "")
        )
        wants_stop = wanted.get("orderFilter", "Order") != "Order"
        if order.market != market.key or (market.kind is Kind.SPOT and wants_stop != is_stop(order)):
            raise Refused(Reason.UNKNOWN_ORDER, order.id)
        return order

    def _orders(self, asked: Asked, *, among: bool | None) -> list[Order]:
        """The account's orders that the query means, newest first: the open (True), the others, or all (None)."""
        query = asked.query
        keys = {market.key for market in self.markets(query)}
        settle = query.get("settleCoin")
        found = [
            order
            for order in reversed(self.exchange.orders_of(asked.account))
            if order.market in keys
            and among in {None, order.state.is_live}
            and _named(order, query)
            and settle in {None, "", self.exchange.markets[order.market].settle}
        ]
        wanted = query.get("orderFilter")
        return [order for order in found if not wanted or is_stop(order) == (wanted != "Order")]

    def _listed(self, asked: Asked, orders: list[Order], default: int) -> Any:
        rows, cursor = page(orders, asked.query, default, 50)
        return {
            "list": [order_row(self.exchange, self.exchange.markets[row.market], row) for row in rows],
            "nextPageCursor": cursor,
            "category": asked.query["category"],
        }


def _needs_scope(query: Mapping[str, str]) -> None:
    names = ("symbol", "settleCoin", "baseCoin")
    if query.get("category") != "spot" and not any(query.get(name) for name in names):
        raise Refused(Reason.BAD_PARAMETER, "symbol, settleCoin or baseCoin")


def _named(order: Order, wanted: Mapping[str, str]) -> bool:
    return wanted.get("orderId") in {None, "", order.id} and wanted.get("orderLinkId") in {
        None,
        "",
        order.ticket.client_id,
    }


def _ticket(market: Market, wanted: Mapping[str, Any]) -> Ticket:
    for name in NOT_HERE:
        if wanted.get(name) not in {None, "", "0"}:
            raise Refused(Reason.BAD_PARAMETER, f"{name} is not simulated")
    client_id = str(wanted.get("orderLinkId", ""))
    if CLIENT_ID.fullmatch(client_id) is None:
        raise Refused(Reason.BAD_PARAMETER, "orderLinkId")
    is_market = _one_of(wanted, "orderType", {"Market": True, "Limit": False})
    side = _one_of(wanted, "side", {"Buy": Side.BUY, "Sell": Side.SELL})
    quantity, price = number(wanted, "qty"), number(wanted, "price")
    if quantity is None or (price is None) != is_market:
        raise Refused(Reason.BAD_PARAMETER, "qty or price")
    in_quote = _in_quote(market, side, wanted) if is_market else False
    time_in_force = str(wanted.get("timeInForce", "GTC"))
    if time_in_force not in {"GTC", "IOC", "FOK", "PostOnly"}:
        raise Refused(Reason.BAD_PARAMETER, "timeInForce")
    reduces = wanted.get("reduceOnly", False) is True
    if reduces and market.kind is Kind.SPOT:
        raise Refused(Reason.REDUCE_ONLY)
    is_fok = time_in_force == "FOK"
    immediate = TimeInForce.FOK if is_fok else TimeInForce.IOC
    return Ticket(
        market.symbol,
        side,
        Decimal(0) if in_quote else quantity,
        price,
        trigger=number(wanted, "triggerPrice"),
        triggers_above=_direction(market, wanted),
        cost=quantity if in_quote else None,
        time_in_force=immediate if is_market or is_fok or time_in_force == "IOC" else TimeInForce.GTC,
        reduce_only=reduces,
        post_only=time_in_force == "PostOnly",
        client_id=client_id,
    )


def _in_quote(market: Market, side: Side, wanted: Mapping[str, Any]) -> bool:
    """Whether a market order's quantity is money: on spot, for a purchase, unless it says otherwise."""
    unit = wanted.get("marketUnit") or ("quoteCoin" if side is Side.BUY else "baseCoin")
    if market.kind is not Kind.SPOT or unit == "baseCoin":
        return False
    if side is Side.SELL:
        raise Refused(Reason.BAD_PARAMETER, "marketUnit of a sale is not simulated")
    return True


def _direction(market: Market, wanted: Mapping[str, Any]) -> bool | None:
    """Whether a trigger waits for a rise; spot does not say and takes the side it lies on."""
    if market.kind is Kind.SPOT or number(wanted, "triggerPrice") is None:
        return None
    return _one_of(wanted, "triggerDirection", {1: True, 2: False, "1": True, "2": False})


def _one_of[T](wanted: Mapping[str, Any], name: str, meanings: Mapping[Any, T]) -> T:
    value = wanted.get(name)
    if value not in meanings:
        raise Refused(Reason.BAD_PARAMETER, name)
    return meanings[value]
