"""Orders and fills at Deribit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.venues.core.checks import is_marketable
from tests.venues.core.clock import DAY
from tests.venues.core.orders import Order, Side, Ticket, TimeInForce
from tests.venues.core.refusals import Reason, Refused
from tests.venues.deribit.desk import Desk, page, parameters
from tests.venues.deribit.shapes import TIMES_IN_FORCE, fill_row, order_row
from tests.venues.parameters import amount, is_set, refuse_others, whole
from tests.venues.texts import milliseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from tests.venues.core.market import Market
    from tests.venues.front import Asked

TAKEN: Mapping[str, frozenset[str]] = {
    "trigger": frozenset({"last_price"}),
    "display_amount": frozenset(),
    "max_show": frozenset(),
    "trigger_offset": frozenset(),
    "linked_order_type": frozenset(),
    "otoco_config": frozenset(),
    "mmp": frozenset({"false"}),
    "advanced": frozenset(),
    "contracts": frozenset(),
}
LONGEST_LABEL = 64
OLD = 2 * DAY
"""Orders and fills that are older come only to whom asks for old ones."""


class TradingDesk(Desk):
    """`private/buy`, `sell`, `cancel...`, `get_..._order...` and `get_user_trades_...`"""

    def buy(self, asked: Asked) -> Any:
        return self._send(asked, Side.BUY)

    def sell(self, asked: Asked) -> Any:
        return self._send(asked, Side.SELL)

    def cancel(self, asked: Asked) -> Any:
        order = self.exchange.order(asked.account, id=str(parameters(asked).get("order_id", "")))
        asked.entry.orders.append(order.id)
        self.exchange.cancel(asked.account, order)
        return self._row(asked, order)

    def cancel_all(self, asked: Asked) -> Any:
        """Of one instrument, of one label, or all. Returns: how many."""
        wanted = parameters(asked)
        orders = _labelled(self._of(asked, self.exchange.open_orders(asked.account)), wanted)
        for order in orders:
            self.exchange.cancel(asked.account, order)
        return len(orders)

    def order(self, asked: Asked) -> Any:
        return self._row(asked, self.exchange.order(asked.account, id=str(parameters(asked).get("order_id", ""))))

    def orders_by_label(self, asked: Asked) -> Any:
        """All of a label, which may stand for many, oldest first."""
        orders = _labelled(self._of(asked, self.exchange.orders_of(asked.account)), parameters(asked))
        return [self._row(asked, order) for order in orders]

    def open_orders(self, asked: Asked) -> Any:
        """Those that wait for a trigger are among them."""
        return [self._row(asked, order) for order in self._of(asked, self.exchange.open_orders(asked.account))]

    def closed_orders(self, asked: Asked) -> Any:
        """Newest first. What was never filled, or is old, comes only to whom asks for it."""
        wanted = parameters(asked)
        begin = 0 if is_set(wanted, "include_old") else self.exchange.clock.now() - OLD
        found = [
            order
            for order in reversed(self._of(asked, self.exchange.orders_of(asked.account)))
            if not order.state.is_live
            and order.updated >= begin
            and (order.fills or is_set(wanted, "include_unfilled"))
        ]
        return [self._row(asked, order) for order in page(found, wanted, 20)]

    def fills(self, asked: Asked) -> Any:
        """Newest first, ten of them if it is not said how many; between two times where they are given."""
        wanted, now = parameters(asked), self.exchange.clock.now()
        begin = whole(wanted, "start_timestamp", 0 if is_set(wanted, "include_old") else milliseconds(now - OLD))
        end = whole(wanted, "end_timestamp", milliseconds(now))
        found = [
            (fill, order)
            for order in self._of(asked, self.exchange.orders_of(asked.account))
            for fill in order.fills
            if begin <= milliseconds(fill.time) <= end
        ]
        found.sort(key=lambda pair: int(pair[0].id), reverse=wanted.get("sorting") != "asc")
        shown, markets = page(found, wanted, 10), self.exchange.markets
        rows = [fill_row(self.exchange, markets[order.market], order, fill) for fill, order in shown]
        return {"trades": rows, "has_more": len(shown) < len(found)}

    def _send(self, asked: Asked, side: Side) -> Any:
        """The answer tells what the order has come to, and its fills."""
        wanted = parameters(asked)
        market = self.market(wanted)
        latest = whole(wanted, "valid_until", 0)
        if latest and latest <= milliseconds(self.exchange.clock.shown()):
            raise Refused(Reason.EXPIRED, "valid_until")
        ticket = self._ticket(market, side, wanted)
        order = self._front.place(asked, market.symbol, (market.kind,), ticket)
        rows = [fill_row(self.exchange, market, order, fill) for fill in order.fills]
        return {"order": self._row(asked, order), "trades": rows}

    def _ticket(self, market: Market, side: Side, wanted: Mapping[str, Any]) -> Ticket:
        refuse_others(wanted, TAKEN)
        size, label = amount(wanted, "amount"), str(wanted.get("label") or "")
        if size is None:
            raise Refused(Reason.BAD_PARAMETER, "amount")
        if len(label) > LONGEST_LABEL:
            raise Refused(Reason.BAD_PARAMETER, "label")
        times = {name: time for time, name in TIMES_IN_FORCE.items()}
        time_in_force = times.get(str(wanted.get("time_in_force") or "good_til_cancelled"))
        if time_in_force is None:
            raise Refused(Reason.BAD_PARAMETER, "time_in_force")
        price, trigger, above = _prices(str(wanted.get("type") or "limit"), side, wanted)
        post_only = is_set(wanted, "post_only")
        if post_only and not is_set(wanted, "reject_post_only") and is_marketable(self.exchange, market, side, price):
            price = self.exchange.touch(market, side) - side.sign * market.tick
        return Ticket(
            market.symbol,
            side,
            size,
            price,
            trigger=trigger,
            triggers_above=above,
            time_in_force=TimeInForce.IOC if price is None else time_in_force,
            reduce_only=is_set(wanted, "reduce_only"),
            post_only=post_only,
            client_id=label,
        )

    def _of(self, asked: Asked, orders: Iterable[Order]) -> list[Order]:
        """The orders of the instrument, or of the currency, that is asked for."""
        keys = {market.key for market in self.markets(parameters(asked))}
        return [order for order in orders if order.market in keys]

    def _row(self, asked: Asked, order: Order) -> dict[str, Any]:
        return order_row(asked.account, self.exchange.markets[order.market], order)


def _labelled(orders: Iterable[Order], wanted: Mapping[str, Any]) -> list[Order]:
    return [order for order in orders if wanted.get("label") in {None, order.ticket.client_id}]


def _prices(kind: str, side: Side, wanted: Mapping[str, Any]) -> tuple[Decimal | None, Decimal | None, bool | None]:
    """The limit, the trigger, and whether that one waits for a rise."""
    price, trigger = amount(wanted, "price"), amount(wanted, "trigger_price")
    base, _, of_trigger = kind.rpartition("_")
    if base not in {"", "stop", "take"} or of_trigger not in {"market", "limit"}:
        raise Refused(Reason.BAD_PARAMETER, "type")
    if (price is not None) != (of_trigger == "limit"):
        raise Refused(Reason.BAD_PARAMETER, "price")
    if (trigger is not None) != bool(base) or (base and not wanted.get("trigger")):
        raise Refused(Reason.BAD_PARAMETER, "trigger_price")
    return price, trigger, (side is Side.BUY) == (base == "stop") if base else None
