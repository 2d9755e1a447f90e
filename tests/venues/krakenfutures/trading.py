"""Orders and fills at Kraken Futures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.venues.core.clock import SECOND
from tests.venues.core.orders import Order, Side, State, Ticket, TimeInForce
from tests.venues.core.refusals import Reason, Refused
from tests.venues.krakenfutures.desk import Desk, iso, parameter_list, parameters
from tests.venues.krakenfutures.shapes import cancel_event, fill_row, open_row, placing_events, status_row
from tests.venues.parameters import amount, is_set, refuse_others

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from tests.venues.core.market import Market
    from tests.venues.front import Asked

TAKEN: Mapping[str, frozenset[str]] = {
    "processBefore": frozenset(),
    "trailingStopMaxDeviation": frozenset(),
    "trailingStopDeviationUnit": frozenset(),
    "limitPriceOffsetValue": frozenset(),
}
LONGEST = 100
REMEMBERED = 5 * SECOND
"""For so long `orders/status` knows an order that is over."""
MOST_FILLS = 100


class TradingDesk(Desk):
    """`/derivatives/api/v3/sendorder`, `cancelorder`, `cancelallorders`, `openorders`, `orders/status` and `fills`"""

    def create(self, asked: Asked) -> Any:
        """The answer tells what happened to the order as it came. One that must fill at once and cannot was refused."""
        wanted = parameters(asked)
        market = self.market(wanted.get("symbol", ""))
        client_id = wanted.get("cliOrdId", "")
        if len(client_id) > LONGEST:
            return {"sendStatus": {**self._now(), "status": "clientOrderIdTooLong", "orderEvents": []}}
        order = self._front.place(asked, market.symbol, (market.kind,), _ticket(market, wanted, client_id))
        placed = order.state is not State.CANCELED or order.fills
        return {
            "sendStatus": {
                "order_id": order.id,
                "status": "placed" if placed else "iocWouldNotExecute",
                **self._now(),
                **({"cliOrdId": client_id} if client_id else {}),
                "orderEvents": placing_events(market, order),
            }
        }

    def cancel(self, asked: Asked) -> Any:
        wanted = parameters(asked)
        order = self.exchange.order(asked.account, id=wanted.get("order_id", ""), client_id=wanted.get("cliOrdId", ""))
        asked.entry.orders.append(order.id)
        told = {"order_id": order.id, **self._now()}
        if order.state is State.FILLED:
            return {"cancelStatus": {**told, "status": "filled"}}
        self.exchange.cancel(asked.account, order)
        event = cancel_event(self.exchange.markets[order.market], order)
        return {"cancelStatus": {**told, "status": "cancelled", "orderEvents": [event]}}

    def cancel_all(self, asked: Asked) -> Any:
        symbol = parameters(asked).get("symbol")
        markets = {market.key: market for market in ([self.market(symbol)] if symbol else self.listed())}
        orders = [order for order in self.exchange.open_orders(asked.account) if order.market in markets]
        for order in orders:
            self.exchange.cancel(asked.account, order)
        return {
            "cancelStatus": {
                **self._now(),
                "cancelOnly": symbol or "all",
                "status": "cancelled" if orders else "noOrdersToCancel",
                "cancelledOrders": [{"order_id": order.id} for order in orders],
                "orderEvents": [cancel_event(markets[order.market], order) for order in orders],
            }
        }

    def open_orders(self, asked: Asked) -> Any:
        orders = self.exchange.open_orders(asked.account)
        return {"openOrders": [open_row(self.exchange.markets[order.market], order) for order in orders]}

    def statuses(self, asked: Asked) -> Any:
        """Of the orders that are open, or have been until 5 seconds ago. Of others there is nothing."""
        ids, client_ids = parameter_list(asked, "orderIds"), parameter_list(asked, "cliOrdIds")
        now = self.exchange.clock.now()
        found: list[Order] = [
            order
            for order in self.exchange.orders_of(asked.account)
            if (order.id in ids or order.ticket.client_id in client_ids)
            and (order.state.is_live or order.updated >= now - REMEMBERED)
        ]
        return {"orders": [status_row(self.exchange.markets[order.market], order) for order in found]}

    def fills(self, asked: Asked) -> Any:
        """The newest 100, or the 100 before `lastFillTime`; newest first."""
        before = parameters(asked).get("lastFillTime")
        found = [
            (fill, order)
            for order in self.exchange.orders_of(asked.account)
            for fill in order.fills
            if before is None or iso(fill.time) < before
        ]
        found.sort(key=lambda pair: int(pair[0].id), reverse=True)
        markets = self.exchange.markets
        return {"fills": [fill_row(markets[order.market], order, fill) for fill, order in found[:MOST_FILLS]]}

    def _now(self) -> dict[str, str]:
        return {"receivedTime": iso(self.exchange.clock.shown())}


def _ticket(market: Market, wanted: Mapping[str, str], client_id: str) -> Ticket:
    refuse_others(wanted, TAKEN)
    kind, side, size = wanted.get("orderType", ""), wanted.get("side", ""), amount(wanted, "size")
    if side not in {"buy", "sell"}:
        raise Refused(Reason.BAD_PARAMETER, "side")
    if size is None:
        raise Refused(Reason.BAD_PARAMETER, "size")
    price, trigger, above = _prices(kind, Side(side), wanted)
    return Ticket(
        market.symbol,
        Side(side),
        size,
        price,
        trigger=trigger,
        triggers_above=above,
        time_in_force=TimeInForce.IOC if price is None or kind == "ioc" else TimeInForce.GTC,
        reduce_only=is_set(wanted, "reduceOnly"),
        post_only=kind == "post",
        client_id=client_id,
    )


def _prices(kind: str, side: Side, wanted: Mapping[str, str]) -> tuple[Decimal | None, Decimal | None, bool | None]:
    """The limit, the trigger, and whether that one waits for a rise. Only the last price meets a trigger."""
    price, trigger = amount(wanted, "limitPrice"), amount(wanted, "stopPrice")
    if kind == "mkt":
        return None, None, None
    if kind in {"lmt", "post", "ioc"}:
        if price is None:
            raise Refused(Reason.BAD_PARAMETER, "limitPrice")
        return price, None, None
    if kind not in {"stp", "take_profit"}:
        raise Refused(Reason.BAD_PARAMETER, "orderType")
    if trigger is None:
        raise Refused(Reason.BAD_PARAMETER, "stopPrice")
    if wanted.get("triggerSignal") != "last":
        raise Refused(Reason.BAD_PARAMETER, "triggerSignal other than last is not simulated")
    return price, trigger, (side is Side.BUY) == (kind == "stp")
