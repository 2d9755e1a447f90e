"""Orders that wait for a trigger: Binance keeps them in a service of their own, unseen by the plain order paths."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.venues.binance.desk import Desk, needed, one_of, parameters_of, whole
from tests.venues.binance.trading import BUY_OR_SELL, client_id_of, rises_to, within
from tests.venues.binanceusdm.shapes import FIRST_ALGO_ID, algo_id, algo_row, is_algo
from tests.venues.binanceusdm.trading import ALL_CANCELLED, CLIENT_ID, WEEK, check_side, futures_ticket
from tests.venues.binanceusdm.words import CONDITIONAL
from tests.venues.core.orders import State
from tests.venues.core.refusals import Reason, Refused
from tests.venues.spoken import Spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.core.market import Market
    from tests.venues.core.orders import Order
    from tests.venues.front import Asked


class AlgoDesk(Desk):
    """`/fapi/v1/algoOrder`, `openAlgoOrders`, `allAlgoOrders` and `algoOpenOrders`"""

    def create(self, asked: Asked) -> Any:
        wanted = parameters_of(asked)
        market = self.market(wanted)
        one_of(wanted, "algoType", {"CONDITIONAL": None})
        kind = one_of(wanted, "type", {name: name for name in CONDITIONAL if name != "TRAILING_STOP_MARKET"})
        if wanted.get("workingType", "CONTRACT_PRICE") != "CONTRACT_PRICE":
            raise Refused(Reason.BAD_PARAMETER, "a workingType of MARK_PRICE is not simulated")
        check_side(asked, wanted)
        client_id = client_id_of(wanted, "clientAlgoId", CLIENT_ID) or f"algo{len(self.exchange.orders) + 1:018d}"
        plain = futures_ticket(market, wanted, client_id, has_price=not kind.endswith("_MARKET"))
        rises = rises_to(one_of(wanted, "side", BUY_OR_SELL), kind)
        ticket = replace(plain, trigger=needed(wanted, "triggerPrice"), triggers_above=rises)
        return algo_row(market, self._front.place(asked, market.symbol, [market.kind], ticket))

    def cancel(self, asked: Asked) -> Any:
        """What has been triggered is no longer the service's to cancel."""
        order = self._named(asked, parameters_of(asked))
        asked.entry.orders.append(order.id)
        if order.state is not State.UNTRIGGERED:
            raise Refused(Reason.ORDER_CLOSED, order.id)
        self.exchange.cancel(asked.account, order)
        return {"algoId": algo_id(order), "clientAlgoId": order.ticket.client_id, "code": "200", "msg": "success"}

    def cancel_all(self, asked: Asked) -> Any:
        for order in self._waiting(asked, self.market(parameters_of(asked))):
            self.exchange.cancel(asked.account, order)
        return ALL_CANCELLED

    def order(self, asked: Asked) -> Any:
        order = self._named(asked, asked.query)
        return algo_row(self.exchange.markets[order.market], order)

    def open_orders(self, asked: Asked) -> Any:
        return [algo_row(market, one) for market in self.markets(asked.query) for one in self._waiting(asked, market)]

    def all_orders(self, asked: Asked) -> Any:
        query, market = asked.query, self.market(asked.query)
        within(query, WEEK, "7 days")
        least = whole(query, "algoId", 0)
        orders = [
            order
            for order in self.exchange.orders_of(asked.account)
            if order.market == market.key and is_algo(order) and algo_id(order) >= least
        ]
        return [algo_row(market, order) for order in self.window(orders, lambda order: order.created, query, 500, 1000)]

    def _waiting(self, asked: Asked, market: Market) -> list[Order]:
        orders = self.exchange.open_orders(asked.account)
        return [order for order in orders if order.market == market.key and order.state is State.UNTRIGGERED]

    def _named(self, asked: Asked, wanted: Mapping[str, str]) -> Order:
        """The order of an id, or else the latest under a client id. Raises: Refused."""
        if not (wanted.get("algoId") or wanted.get("clientAlgoId")):
            says = "Param 'clientAlgoId' or 'algoId' must be sent, but both were empty/null!"
            raise Spoken(Reason.BAD_PARAMETER, -1102, says)
        number = whole(wanted, "algoId", 0)
        plain = str(number - FIRST_ALGO_ID) if number else ""
        order = self.exchange.order(asked.account, id=plain, client_id=wanted.get("clientAlgoId", ""))
        if not is_algo(order):
            raise Refused(Reason.UNKNOWN_ORDER, order.id)
        return order
