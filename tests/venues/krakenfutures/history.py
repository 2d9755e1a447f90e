"""What became of orders at Kraken Futures: a list of events, in which every number is a text."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.core.orders import Order, Side, State, TimeInForce
from tests.venues.krakenfutures.desk import Desk, parameters
from tests.venues.krakenfutures.shapes import limit, trigger_options
from tests.venues.parameters import whole
from tests.venues.texts import milliseconds, plain

if TYPE_CHECKING:
    from tests.venues.core.accounts import Account
    from tests.venues.core.market import Market
    from tests.venues.front import Asked

type Event = tuple[int, dict[str, Any]]
"""When (ns), and what."""
SIDES = {Side.BUY: "Buy", Side.SELL: "Sell"}
MOST = 100


class HistoryDesk(Desk):
    """`/api/history/v2/orders` and `/api/history/v2/triggers`"""

    def orders(self, asked: Asked) -> Any:
        return self._listed(asked, [one for order in self._all(asked) for one in self._order_events(order)])

    def triggers(self, asked: Asked) -> Any:
        return self._listed(asked, [one for order in self._all(asked) for one in self._trigger_events(order)])

    def _all(self, asked: Asked) -> list[Order]:
        return self.exchange.orders_of(asked.account)

    def _listed(self, asked: Asked, events: list[Event]) -> Any:
        """Newest first, from `since` on and before `before` (ms)."""
        wanted = parameters(asked)
        begin, end = whole(wanted, "since", 0), whole(wanted, "before", 1 << 62)
        found = [(time, event) for time, event in events if begin <= milliseconds(time) < end]
        found.sort(key=lambda pair: pair[0], reverse=True)
        shown = found[: min(whole(wanted, "count", MOST), MOST)]
        rows = [
            {"uid": f"{number:08x}-e111-4000-8000-000000000000", "timestamp": milliseconds(time), "event": event}
            for number, (time, event) in enumerate(shown)
        ]
        return {"accountUid": _account_uid(asked.account), "len": len(rows), "elements": rows}

    def _order_events(self, order: Order) -> list[Event]:
        """It was placed, with what was filled at once; then each fill; then its end, unless that was the last fill."""
        if order.ticket.trigger is not None and order.triggered is None:
            return []
        begin = order.created if order.triggered is None else order.triggered
        at_once = sum((fill.quantity for fill in order.fills if not fill.is_maker), Decimal(0))
        placed = {"order": self._row(order, at_once), "reason": "new_user_order", "reducedQuantity": "", "algoId": ""}
        events: list[Event] = [(begin, {"OrderPlaced": placed})]
        filled = at_once
        for fill in order.fills:
            if fill.is_maker:
                old, filled = self._row(order, filled), filled + fill.quantity
                reason = "full_fill" if filled == order.quantity else "partial_fill"
                update = {"oldOrder": old, "newOrder": self._row(order, filled), "reason": reason}
                events.append((fill.time, {"OrderUpdated": update}))
        if order.state is State.CANCELED:
            cancelled = {"order": self._row(order, filled), "reason": "cancelled_by_user"}
            events.append((order.updated, {"OrderCancelled": cancelled}))
        if order.state is State.REJECTED:
            rejected = {"order": self._row(order, filled), "orderError": order.reason}
            events.append((order.updated, {"OrderRejected": rejected}))
        return events

    def _trigger_events(self, order: Order) -> list[Event]:
        if order.ticket.trigger is None:
            return []
        row = {**self._row(order, Decimal(0)), "triggerOptions": trigger_options(order)}
        events: list[Event] = [(order.created, {"OrderTriggerPlaced": {"order": row, "reason": "new_user_order"}})]
        if order.triggered is not None:
            events.append((order.triggered, {"OrderTriggerActivated": {"order": self._row(order, order.filled)}}))
        elif order.state is State.CANCELED:
            cancelled = {"order": row, "reason": "cancelled_by_user"}
            events.append((order.updated, {"OrderTriggerCancelled": cancelled}))
        return events

    def _row(self, order: Order, filled: Decimal) -> dict[str, Any]:
        """`quantity` is what was not filled."""
        market: Market = self.exchange.markets[order.market]
        return {
            "uid": order.id,
            "accountUid": _account_uid(self.exchange.accounts[order.account]),
            "tradeable": market.symbol,
            "direction": SIDES[order.ticket.side],
            "quantity": plain(order.quantity - filled),
            "filled": plain(filled),
            "timestamp": milliseconds(order.created),
            "limitPrice": plain(limit(market, order)),
            "orderType": "IoC" if order.ticket.time_in_force is TimeInForce.IOC else "Limit",
            "clientId": order.ticket.client_id,
            "reduceOnly": order.ticket.reduce_only,
            "lastUpdateTimestamp": milliseconds(order.updated),
        }


def _account_uid(account: Account) -> str:
    return f"{account.uid:08x}-acc0-4000-8000-{account.uid:012x}"
