"""Orders and fills at OKX; what waits for a trigger is `algo.py`'s."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.core.clock import HOUR
from tests.venues.core.orders import Fill, Order, Side, Ticket, TimeInForce
from tests.venues.core.refusals import Reason, Refused
from tests.venues.okx.batches import each, listed
from tests.venues.okx.desk import Desk, mandatory, needed, not_simulated, one_of, page, whole, wrong_parameter
from tests.venues.okx.shapes import fill_row, is_algo, is_plain, order_row, state
from tests.venues.okx.terms import check_side, client_id_of, reduces, refuse_any, take_margin_mode
from tests.venues.texts import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.core.market import Market
    from tests.venues.front import Asked

KEPT = 2 * HOUR
"""How long an order is known that was cancelled before anything was filled."""
NOT_HERE = ("attachAlgoOrds", "banAmend", "closeFraction", "pxUsd", "pxVol", "quickMgnType", "stpMode")
"""What an order may carry at the venue and not here: refused, since to leave it out would be another order."""
ORDER_TYPES = {
    "market": TimeInForce.IOC,
    "limit": TimeInForce.GTC,
    "post_only": TimeInForce.GTC,
    "fok": TimeInForce.FOK,
    "ioc": TimeInForce.IOC,
    "optimal_limit_ioc": TimeInForce.IOC,
}


class TradingDesk(Desk):
    """`/api/v5/trade/...`"""

    def create(self, asked: Asked) -> Any:
        return each(asked, [asked.json], lambda one: self._create(asked, one))

    def create_several(self, asked: Asked) -> Any:
        return each(asked, listed(asked), lambda one: self._create(asked, one))

    def cancel(self, asked: Asked) -> Any:
        return each(asked, [asked.json], lambda one: self._cancel(asked, one))

    def cancel_several(self, asked: Asked) -> Any:
        return each(asked, listed(asked), lambda one: self._cancel(asked, one))

    def order(self, asked: Asked) -> Any:
        return [order_row(asked.account, self.market(asked.query), self._named(asked, asked.query))]

    def open_orders(self, asked: Asked) -> Any:
        return self._rows(asked, is_open=True)

    def closed_orders(self, asked: Asked) -> Any:
        mandatory(asked.query, "instType")
        return self._rows(asked, is_open=False)

    def fills(self, asked: Asked) -> Any:
        """Newest first."""
        if "history" in asked.path:
            mandatory(asked.query, "instType")
        query, markets = asked.query, {market.key: market for market in self.markets(asked.query)}
        found: list[tuple[Fill, Order]] = [
            (fill, order)
            for order in self.exchange.orders_of(asked.account)
            if order.market in markets and query.get("ordId") in {None, "", order.id}
            for fill in order.fills
            if is_within(query, fill.time)
        ]
        found.sort(key=lambda pair: int(pair[0].id), reverse=True)
        rows = page(found, lambda pair: int(pair[0].id), query, 100, 100)
        return [fill_row(markets[order.market], order, fill) for fill, order in rows]

    def _create(self, asked: Asked, wanted: dict[str, Any]) -> tuple[str, str]:
        market = self.market(wanted)
        ticket = _ticket(market, wanted)
        check_side(asked, market, wanted)
        take_margin_mode(self.exchange, asked, market, wanted)
        order = self._front.place(asked, market.symbol, [market.kind], ticket)
        return order.id, ticket.client_id

    def _cancel(self, asked: Asked, wanted: dict[str, Any]) -> tuple[str, str]:
        try:
            order = self._named(asked, wanted)
        except Refused as refused:
            if refused.reason is not Reason.UNKNOWN_ORDER:
                raise
            raise Refused(Reason.ORDER_CLOSED) from refused
        asked.entry.orders.append(order.id)
        self.exchange.cancel(asked.account, order)
        return order.id, order.ticket.client_id

    def _named(self, asked: Asked, wanted: Mapping[str, Any]) -> Order:
        """The order of an id, or else the latest under a client id. Raises: Refused."""
        market = self.market(wanted)
        id_, client_id = str(wanted.get("ordId", "")), str(wanted.get("clOrdId", ""))
        if not (id_ or client_id):
            raise wrong_parameter("ordId or clOrdId")
        order = self.exchange.order(asked.account, id=id_, client_id=client_id)
        is_its_id = bool(id_) or not is_algo(order)
        if order.market != market.key or not is_plain(order) or not is_its_id or self._is_forgotten(order):
            raise Refused(Reason.UNKNOWN_ORDER, order.id)
        return order

    def _rows(self, asked: Asked, *, is_open: bool) -> list[dict[str, Any]]:
        """The orders that a query means, newest first."""
        query, markets = asked.query, {market.key: market for market in self.markets(asked.query)}
        orders = [
            order
            for order in reversed(self.exchange.orders_of(asked.account))
            if order.market in markets
            and is_plain(order)
            and order.state.is_live == is_open
            and query.get("state") in {None, "", state(order)}
            and is_within(query, order.created)
            and not self._is_forgotten(order)
        ]
        rows = page(orders, lambda order: int(order.id), query, 100, 100)
        return [order_row(asked.account, markets[order.market], order) for order in rows]

    def _is_forgotten(self, order: Order) -> bool:
        """An order that ended with nothing filled is known for two hours."""
        return not order.state.is_live and not order.fills and order.updated < self.exchange.clock.now() - KEPT


def is_within(query: Mapping[str, str], at: int) -> bool:
    """Whether a time (ns) lies between `begin` and `end`, both with it."""
    begin, end = whole(query, "begin", 0), whole(query, "end", 0)
    return nanoseconds(begin) <= at and (not end or at <= nanoseconds(end))


def _ticket(market: Market, wanted: Mapping[str, Any]) -> Ticket:
    """What a new order asks for. Raises: Refused."""
    refuse_any(wanted, NOT_HERE)
    side, kind = one_of(wanted, "side", {side.value: side for side in Side}), mandatory(wanted, "ordType")
    time_in_force = one_of(wanted, "ordType", ORDER_TYPES)
    has_price = kind not in {"market", "optimal_limit_ioc"}
    size, in_quote = needed(wanted, "sz"), not has_price and _in_quote(market, side, wanted)
    return Ticket(
        market.symbol,
        side,
        Decimal(0) if in_quote else size,
        needed(wanted, "px") if has_price else None,
        cost=size if in_quote else None,
        time_in_force=time_in_force,
        reduce_only=reduces(market, wanted),
        post_only=kind == "post_only",
        client_id=client_id_of(wanted, "clOrdId"),
    )


def _in_quote(market: Market, side: Side, wanted: Mapping[str, Any]) -> bool:
    """Whether a market order's size is money: on spot, for a purchase, unless it says otherwise."""
    if market.kind.is_contract:
        return False
    own = "quote_ccy" if side is Side.BUY else "base_ccy"
    found = one_of({"tgtCcy": own, **wanted}, "tgtCcy", {"base_ccy": False, "quote_ccy": True})
    if found and side is Side.SELL:
        raise not_simulated("tgtCcy of a sale")
    return found
