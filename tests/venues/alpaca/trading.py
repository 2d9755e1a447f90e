"""Orders at Alpaca."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

from tests.venues.alpaca.desk import Desk, amount, asset_class, asset_id
from tests.venues.alpaca.times import read, utc
from tests.venues.core.market import Kind, Market
from tests.venues.core.money import held
from tests.venues.core.orders import Order, Side, State, Ticket, TimeInForce
from tests.venues.core.refusals import Reason, Refused
from tests.venues.front import Answer
from tests.venues.texts import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.front import Asked

TYPES = {(False, False): "market", (True, False): "limit", (False, True): "stop", (True, True): "stop_limit"}
"""By whether an order has a limit, and a stop."""
NOT_HERE = ("take_profit", "stop_loss", "trail_price", "trail_percent", "legs")


class TradingDesk(Desk):
    """`/v2/orders` and the closing of positions."""

    def create(self, asked: Asked) -> Any:
        """The answer shows the order before anything has happened to it: no more than that it was taken."""
        wanted = asked.json
        market = self.market(str(wanted.get("symbol", "")))
        ticket = _ticket(market, wanted)
        return self._sent(asked, market, ticket)

    def order(self, asked: Asked) -> Any:
        return self._row(self.exchange.order(asked.account, id=asked.matched[0]))

    def by_client_id(self, asked: Asked) -> Any:
        return self._row(self.exchange.order(asked.account, client_id=asked.query.get("client_order_id", "")))

    def orders(self, asked: Asked) -> Any:
        """Newest first, unless asked otherwise; `after` and `until` are about when they were sent, both exclusive."""
        query = asked.query
        status, symbols = query.get("status", "open"), query.get("symbols", "")
        after, until = (
            read(query.get("after") or "1970-01-01T00:00:00Z"),
            read(query.get("until") or "2200-01-01T00:00:00Z"),
        )
        rows = [
            order
            for order in self.exchange.orders_of(asked.account)
            if status in {"all", "open" if order.state.is_live else "closed"}
            and (not symbols or order.ticket.symbol in symbols.split(","))
            and query.get("side") in {None, order.ticket.side.value}
            and after < order.created < until
        ]
        if query.get("direction", "desc") == "desc":
            rows.reverse()
        limit = query.get("limit") or "50"
        if not limit.isdigit() or not 1 <= int(limit) <= 500:
            raise Refused(Reason.BAD_PARAMETER, "limit")
        return [self._row(row) for row in rows[: int(limit)]]

    def replace(self, asked: Asked) -> Any:
        """The new order has an id of its own, and a client id of its own."""
        wanted = asked.json
        old = self.exchange.order(asked.account, id=asked.matched[0])
        ticket = replace(
            old.ticket,
            quantity=amount(wanted, "qty") or old.remaining,
            price=amount(wanted, "limit_price") or old.ticket.price,
            trigger=amount(wanted, "stop_price") or old.ticket.trigger,
            triggers_above=None,
            client_id=str(wanted.get("client_order_id") or uuid5(NAMESPACE_OID, f"replaces {old.id}")),
        )
        new = self.exchange.replace(asked.account, old, ticket)
        asked.entry.orders += [old.id, new.id]
        return self._row(new)

    def cancel(self, asked: Asked) -> Answer:
        order = self.exchange.order(asked.account, id=asked.matched[0])
        asked.entry.orders.append(order.id)
        self.exchange.cancel(asked.account, order)
        return Answer(204, None)

    def cancel_all(self, asked: Asked) -> Answer:
        orders = self.exchange.open_orders(asked.account)
        for order in orders:
            self.exchange.cancel(asked.account, order)
        return Answer(207, [{"id": order.id, "status": 200, "body": None} for order in orders])

    def close_position(self, asked: Asked) -> Any:
        """Sells all of it, or the `qty` or `percentage` that is asked for."""
        market = self.market(asked.matched[0])
        owned = asked.account.balances.get(market.base, Decimal(0))
        share = amount(asked.query, "percentage")
        quantity = amount(asked.query, "qty") or market.whole_lots(owned * (share or Decimal(100)) / 100)
        if not owned:
            raise Refused(Reason.UNKNOWN_ORDER, "position does not exist")
        in_force = TimeInForce.GTC if market.kind is Kind.SPOT else TimeInForce.DAY
        return self._sent(asked, market, Ticket(market.symbol, Side.SELL, quantity, time_in_force=in_force))

    def _sent(self, asked: Asked, market: Market, ticket: Ticket) -> Any:
        if not ticket.client_id:
            ticket = replace(ticket, client_id=str(uuid5(NAMESPACE_OID, f"order {len(self.exchange.orders)}")))
        try:
            order = self._front.place(asked, market.symbol, (market.kind,), ticket)
        except Refused as refused:
            if refused.reason is not Reason.FUNDS or ticket.side is Side.BUY:
                raise
            return self._short_of(asked, market, ticket)
        waiting = "pending_new" if market.is_open(self.exchange.at) else "accepted"
        return {**self._row(order), "status": waiting, "filled_qty": "0", "filled_avg_price": None, "filled_at": None}

    def _short_of(self, asked: Asked, market: Market, ticket: Ticket) -> Answer:
        """A sale of more than there is tells what there is."""
        owned, kept = (
            asked.account.balances.get(market.base, Decimal(0)),
            held(self.exchange, asked.account, market.base),
        )
        asked.entry.refused = Reason.FUNDS.name
        available = plain(owned - kept)
        return Answer(
            403,
            {
                "available": available,
                "code": 40310000,
                "existing_qty": plain(owned),
                "held_for_orders": plain(kept),
                "message": "insufficient qty available for order "
                f"(requested: {plain(ticket.quantity)}, available: {available})",
                "symbol": market.symbol,
            },
        )

    def _row(self, order: Order) -> dict[str, Any]:
        market, ticket, state = self.exchange.markets[order.market], order.ticket, order.state
        kind = TYPES[ticket.price is not None, ticket.trigger is not None]
        filled = order.fills[-1].time if state is State.FILLED else None
        return {
            "id": order.id,
            "client_order_id": ticket.client_id,
            "created_at": utc(order.created),
            "updated_at": utc(order.updated),
            "submitted_at": utc(order.created),
            "filled_at": utc(filled),
            "expired_at": utc(order.updated) if state is State.EXPIRED else None,
            "canceled_at": utc(order.updated) if state is State.CANCELED else None,
            "failed_at": utc(order.updated) if state is State.REJECTED else None,
            "replaced_at": utc(order.updated) if state is State.REPLACED else None,
            "replaced_by": order.replaced_by or None,
            "replaces": order.replaces or None,
            "asset_id": asset_id(market),
            "symbol": market.symbol,
            "asset_class": asset_class(market),
            "notional": plain(ticket.cost),
            "qty": None if ticket.cost is not None else plain(order.quantity),
            "filled_qty": plain(order.filled),
            "filled_avg_price": plain(order.average),
            "order_class": "",
            "order_type": kind,
            "type": kind,
            "side": ticket.side.value,
            "time_in_force": ticket.time_in_force.value,
            "limit_price": plain(ticket.price),
            "stop_price": plain(ticket.trigger),
            "status": self._status(order),
            "extended_hours": False,
            "legs": None,
            "trail_percent": None,
            "trail_price": None,
            "hwm": None,
            "subtag": None,
            "source": None,
            "expires_at": None,
            "position_intent": "buy_to_open" if ticket.side is Side.BUY else "sell_to_close",
        }

    def _status(self, order: Order) -> str:
        if order.state is State.OPEN and order.fills:
            return "partially_filled"
        if order.state.is_live:
            return "new" if self.exchange.markets[order.market].is_open(self.exchange.at) else "accepted"
        return order.state.value


def _ticket(market: Market, wanted: Mapping[str, Any]) -> Ticket:
    """Raises: Refused for what makes no sense here, or is not simulated."""
    if wanted.get("order_class") not in {None, "", "simple"} or any(wanted.get(name) for name in NOT_HERE):
        raise Refused(Reason.BAD_PARAMETER, "only simple orders are simulated")
    if wanted.get("extended_hours"):
        raise Refused(Reason.BAD_PARAMETER, "extended hours are not simulated")
    client_id = str(wanted.get("client_order_id") or "")
    quantity, cost = amount(wanted, "qty"), amount(wanted, "notional")
    price, trigger = amount(wanted, "limit_price"), amount(wanted, "stop_price")
    if (quantity is None) == (cost is None) or len(client_id) > 128:
        raise Refused(Reason.BAD_PARAMETER, "qty or notional is required; client_order_id has at most 128 characters")
    if TYPES[price is not None, trigger is not None] != wanted.get("type"):
        raise Refused(Reason.BAD_PARAMETER, f"prices of a {wanted.get('type')} order")
    try:
        side, in_force = Side(str(wanted.get("side"))), TimeInForce(str(wanted.get("time_in_force")))
    except ValueError as wrong:
        raise Refused(Reason.BAD_PARAMETER, str(wrong)) from wrong
    _check_kind(market, in_force, quantity, wanted)
    return Ticket(
        market.symbol,
        side,
        quantity or Decimal(0),
        price,
        trigger=trigger,
        triggers_above=None if trigger is None else side is Side.BUY,
        cost=cost,
        time_in_force=in_force,
        client_id=client_id,
    )


def _check_kind(market: Market, in_force: TimeInForce, quantity: Decimal | None, wanted: Mapping[str, Any]) -> None:
    """What differs between crypto and stocks."""
    if market.kind is Kind.SPOT:
        if in_force not in {TimeInForce.GTC, TimeInForce.IOC}:
            raise Refused(Reason.BAD_PARAMETER, "invalid crypto time_in_force")
        if wanted.get("type") == "stop":
            raise Refused(Reason.BAD_PARAMETER, "invalid order type for crypto order")
    elif (quantity is None or quantity % 1) and in_force is not TimeInForce.DAY:
        raise Refused(Reason.BAD_PARAMETER, "fractional orders must be DAY orders")
    if quantity is None and wanted.get("type") != "market":
        raise Refused(Reason.BAD_PARAMETER, "notional orders must be market orders")
