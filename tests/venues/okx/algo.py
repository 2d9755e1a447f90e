"""Orders that wait for a trigger: OKX keeps them apart, unseen by the plain order paths, and each type for itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.venues.core.orders import Order, Side, State, Ticket, TimeInForce
from tests.venues.core.refusals import Reason, Refused
from tests.venues.okx.batches import each, listed
from tests.venues.okx.desk import Desk, mandatory, needed, not_simulated, number, one_of, page, wrong_parameter
from tests.venues.okx.shapes import FIRST_ALGO_ID, algo_id, algo_row, algo_state, is_algo
from tests.venues.okx.terms import check_side, client_id_of, reduces, refuse_any, take_margin_mode
from tests.venues.okx.words import TRIGGERS
from tests.venues.spoken import Spoken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from tests.venues.core.market import Market
    from tests.venues.front import Asked
    from tests.venues.okx.front import Okx

NAMES = ("algoId", "algoClOrdId")
TYPES = {"trigger": ("trigger",), "conditional": ("sl", "tp")}
"""The kinds that each type of order has; of a pair that ends together (`oco`) and of trailing ones there are none."""
NOT_HERE = ("attachAlgoOrds", "closeFraction", "callbackRatio", "callbackSpread", "activePx", "advanceOrdType")


class AlgoDesk(Desk):
    """`/api/v5/trade/order-algo`, `cancel-algos`, `orders-algo-pending` and `orders-algo-history`"""

    def __init__(self, front: Okx) -> None:
        super().__init__(front)
        self._kinds: dict[str, str] = {}

    def create(self, asked: Asked) -> Any:
        return each(asked, [asked.json], lambda one: self._create(asked, one), NAMES)

    def cancel(self, asked: Asked) -> Any:
        return each(asked, listed(asked), lambda one: self._cancel(asked, one), NAMES)

    def order(self, asked: Asked) -> Any:
        return [self._row(asked, self._named(asked, asked.query))]

    def open_orders(self, asked: Asked) -> Any:
        """Of one type alone, which must be named."""
        return self._listed(asked, {"live"})

    def closed_orders(self, asked: Asked) -> Any:
        states = {"effective", "canceled", "order_failed"}
        if not asked.query.get("algoId"):
            states = {one_of(asked.query, "state", {name: name for name in states})}
        return self._listed(asked, states)

    def _create(self, asked: Asked, wanted: dict[str, Any]) -> tuple[str, str]:
        market = self.market(wanted)
        check_side(asked, market, wanted)
        take_margin_mode(self.exchange, asked, market, wanted)
        kind = _kind(wanted)
        ticket = _ticket(market, wanted, kind)
        try:
            order = self._front.place(asked, market.symbol, [market.kind], ticket)
        except Refused as refused:
            if refused.reason is not Reason.TRIGGER or kind == "trigger":
                raise
            raise Spoken(Reason.TRIGGER, *TRIGGERS[kind, ticket.side]) from refused
        self._kinds[order.id] = kind
        return algo_id(order), ticket.client_id

    def _cancel(self, asked: Asked, wanted: dict[str, Any]) -> tuple[str, str]:
        """What has been triggered is no longer here to cancel."""
        order = self._named(asked, wanted)
        asked.entry.orders.append(order.id)
        if order.state is not State.UNTRIGGERED:
            raise Refused(Reason.ORDER_CLOSED)
        self.exchange.cancel(asked.account, order)
        return algo_id(order), order.ticket.client_id

    def _named(self, asked: Asked, wanted: Mapping[str, Any]) -> Order:
        """The order of an id, or else the latest under a client id. Raises: Refused."""
        id_, client_id = str(wanted.get("algoId", "")), str(wanted.get("algoClOrdId", ""))
        if not (id_ or client_id) or (id_ and not id_.isdigit()):
            raise wrong_parameter("algoId or algoClOrdId")
        plain = str(int(id_) - FIRST_ALGO_ID) if id_ else ""
        order = self.exchange.order(asked.account, id=plain, client_id=client_id)
        if not is_algo(order):
            raise Refused(Reason.UNKNOWN_ORDER, order.id)
        return order

    def _listed(self, asked: Asked, states: set[str]) -> list[dict[str, Any]]:
        """The orders of the types that are asked for, newest first."""
        query, markets = asked.query, {market.key for market in self.markets(asked.query)}
        kinds: set[str] = set()
        for name in mandatory(query, "ordType").split(","):
            kinds.update(TYPES.get(name, ()))
        orders = [
            order
            for order in reversed(self.exchange.orders_of(asked.account))
            if order.market in markets
            and is_algo(order)
            and self._kind_of(order) in kinds
            and algo_state(order) in states
            and query.get("algoId") in {None, "", algo_id(order)}
        ]
        return [self._row(asked, order) for order in page(orders, lambda one: int(algo_id(one)), query, 100, 100)]

    def _row(self, asked: Asked, order: Order) -> dict[str, Any]:
        return algo_row(asked.account, self.exchange.markets[order.market], order, self._kind_of(order))

    def _kind_of(self, order: Order) -> str:
        """As it was asked for; one that was placed in the exchange itself waits like a trigger order."""
        return self._kinds.get(order.id, "trigger")


def _kind(wanted: Mapping[str, Any]) -> str:
    """Whether an order waits for any price, or is a stop or a target. Raises: Refused."""
    if one_of(wanted, "ordType", TYPES) is TYPES["trigger"]:
        return "trigger"
    given = [kind for kind in ("sl", "tp") if wanted.get(f"{kind}TriggerPx")]
    if not given:
        raise wrong_parameter("slTriggerPx or tpTriggerPx")
    if len(given) == 2:
        raise not_simulated("a stop with a target")
    return given[0]


def _ticket(market: Market, wanted: Mapping[str, Any], kind: str) -> Ticket:
    """What a new order asks for. Raises: Refused."""
    refuse_any(wanted, NOT_HERE)
    trigger, price, on = ("triggerPx", "orderPx", "triggerPxType")
    if kind != "trigger":
        trigger, price, on = f"{kind}TriggerPx", f"{kind}OrdPx", f"{kind}TriggerPxType"
    if wanted.get(on, "last") not in {"", "last"}:
        raise not_simulated(f"{on} of {wanted[on]}")
    side = one_of(wanted, "side", {side.value: side for side in Side})
    limit = _limit(wanted, price)
    ticket = Ticket(
        market.symbol,
        side,
        needed(wanted, "sz"),
        limit,
        trigger=needed(wanted, trigger),
        time_in_force=TimeInForce.GTC if limit is not None else TimeInForce.IOC,
        reduce_only=reduces(market, wanted),
        client_id=client_id_of(wanted, "algoClOrdId", "clOrdId"),
    )
    return ticket if kind == "trigger" else replace(ticket, triggers_above=(side is Side.BUY) == (kind == "sl"))


def _limit(wanted: Mapping[str, Any], name: str) -> Decimal | None:
    """The price of the order that comes of it; -1 stands for the market's."""
    mandatory(wanted, name)
    price = number(wanted, name)
    return None if price == -1 else price
