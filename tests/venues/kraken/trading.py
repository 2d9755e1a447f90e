"""Orders and fills at Kraken."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.core.clock import SECOND
from tests.venues.core.orders import Order, Side, Ticket, TimeInForce
from tests.venues.core.refusals import Reason, Refused
from tests.venues.kraken.desk import Desk, form
from tests.venues.kraken.shapes import fill_id, fill_row, order_row, sentence
from tests.venues.parameters import amount, is_set, refuse_others, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.venues.core.market import Market
    from tests.venues.front import Asked

CLIENT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|[ -~]{0,18}")
"""A UUID with dashes or without, or a free text of 18."""
TAKEN: Mapping[str, frozenset[str]] = {
    "leverage": frozenset({"none"}),
    "reduce_only": frozenset({"false"}),
    "trigger": frozenset({"last"}),
    "validate": frozenset({"false"}),
    "starttm": frozenset({"0"}),
    "expiretm": frozenset({"0"}),
    "close[ordertype]": frozenset(),
    "displayvol": frozenset(),
    "userref": frozenset({"0"}),
}
FLAGS = frozenset({"fciq", "viqc", "post"})
PAGE = 50


class TradingDesk(Desk):
    """`/0/private/...Order...`"""

    def create(self, asked: Asked) -> Any:
        """Acknowledges an order; what came of it is asked for."""
        wanted = form(asked)
        market = self.market(wanted.get("pair", ""))
        ticket = _ticket(market, wanted)
        order = self._front.place(asked, market.symbol, (market.kind,), ticket)
        return {"descr": {"order": sentence(market, order)}, "txid": [order.id]}

    def cancel(self, asked: Asked) -> Any:
        wanted = form(asked)
        order = self.exchange.order(asked.account, id=wanted.get("txid", ""), client_id=wanted.get("cl_ord_id", ""))
        asked.entry.orders.append(order.id)
        self.exchange.cancel(asked.account, order)
        return {"count": 1}

    def cancel_all(self, asked: Asked) -> Any:
        orders = self.exchange.open_orders(asked.account)
        for order in orders:
            self.exchange.cancel(asked.account, order)
        return {"count": len(orders)}

    def open_orders(self, asked: Asked) -> Any:
        return {"open": self._rows(asked, _named(self.exchange.open_orders(asked.account), form(asked)))}

    def orders(self, asked: Asked) -> Any:
        """By their ids, which must all be known."""
        ids = form(asked).get("txid", "").split(",")
        return self._rows(asked, [self.exchange.order(asked.account, id=one) for one in ids])

    def closed_orders(self, asked: Asked) -> Any:
        """By pages of 50, newest first, after `start` and up to `end` by the time that they were opened or closed."""
        wanted = form(asked)
        begin, end = _period(wanted)
        which = wanted.get("closetime") or "both"
        if which not in {"open", "close", "both"}:
            raise Refused(Reason.BAD_PARAMETER, "closetime")
        found = [
            order
            for order in _named(reversed(self.exchange.orders_of(asked.account)), wanted)
            if not order.state.is_live
            and (
                (which != "close" and begin < order.created <= end)
                or (which != "open" and begin < order.updated <= end)
            )
        ]
        first = whole(wanted, "ofs", 0)
        return {"closed": self._rows(asked, found[first : first + PAGE]), "count": len(found)}

    def fills(self, asked: Asked) -> Any:
        """By pages of 50, newest first, after `start` and up to `end`."""
        wanted = form(asked)
        begin, end = _period(wanted)
        found = [
            (fill, order)
            for order in self.exchange.orders_of(asked.account)
            for fill in order.fills
            if begin < fill.time <= end
        ]
        found.sort(key=lambda pair: int(pair[0].id), reverse=True)
        first = whole(wanted, "ofs", 0)
        rows = {
            fill_id(fill): fill_row(self.exchange.markets[order.market], order, fill)
            for fill, order in found[first : first + PAGE]
        }
        return {"trades": rows, "count": len(found)}

    def _rows(self, asked: Asked, orders: Iterable[Order]) -> dict[str, Any]:
        with_fills, markets = is_set(form(asked), "trades"), self.exchange.markets
        return {order.id: order_row(markets[order.market], order, with_fills=with_fills) for order in orders}


def _named(orders: Iterable[Order], wanted: Mapping[str, str]) -> list[Order]:
    """Those with the client id that is asked for, or all."""
    return [order for order in orders if wanted.get("cl_ord_id") in {None, "", order.ticket.client_id}]


def _period(wanted: Mapping[str, str]) -> tuple[int, int]:
    """After `start` and up to `end` (ns); both come in seconds. The ids that may stand there are not simulated."""
    begin, end = amount(wanted, "start"), amount(wanted, "end")
    return (
        int(begin * SECOND) if begin is not None else -1,
        int(end * SECOND) if end is not None else 1 << 63,
    )


def _ticket(market: Market, wanted: Mapping[str, str]) -> Ticket:
    refuse_others(wanted, TAKEN)
    kind, side = wanted.get("ordertype", ""), wanted.get("type", "")
    flags = set(filter(None, wanted.get("oflags", "").split(",")))
    client_id, time_in_force = wanted.get("cl_ord_id", ""), (wanted.get("timeinforce") or "GTC").upper()
    if side not in {"buy", "sell"}:
        raise Refused(Reason.BAD_PARAMETER, "type")
    if not flags <= FLAGS or ("viqc" in flags and (kind, side) != ("market", "buy")):
        raise Refused(Reason.BAD_PARAMETER, "oflags")
    if CLIENT_ID.fullmatch(client_id) is None:
        raise Refused(Reason.BAD_PARAMETER, "cl_ord_id")
    if time_in_force not in {"GTC", "IOC"}:
        raise Refused(Reason.BAD_PARAMETER, "timeinforce")
    volume = amount(wanted, "volume")
    if volume is None:
        raise Refused(Reason.BAD_PARAMETER, "volume")
    price, trigger, above = _prices(kind, Side(side), wanted)
    in_quote = "viqc" in flags
    return Ticket(
        market.symbol,
        Side(side),
        Decimal(0) if in_quote else volume,
        price,
        trigger=trigger,
        triggers_above=above,
        cost=volume if in_quote else None,
        time_in_force=TimeInForce.IOC if price is None or time_in_force == "IOC" else TimeInForce.GTC,
        post_only="post" in flags,
        client_id=client_id,
    )


def _prices(kind: str, side: Side, wanted: Mapping[str, str]) -> tuple[Decimal | None, Decimal | None, bool | None]:
    """The limit, the trigger, and whether that one waits for a rise. Of a trigger, `price2` is the limit."""
    first, second = amount(wanted, "price"), amount(wanted, "price2")
    if kind == "market":
        return None, None, None
    if kind == "limit" and first is not None:
        return first, None, None
    base = kind.removesuffix("-limit")
    if base not in {"stop-loss", "take-profit"} or first is None or (second is not None) != kind.endswith("-limit"):
        raise Refused(Reason.BAD_PARAMETER, "price" if base in {"limit", "stop-loss", "take-profit"} else "ordertype")
    return second, first, (side is Side.BUY) == (base == "stop-loss")
