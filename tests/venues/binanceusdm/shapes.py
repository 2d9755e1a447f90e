"""Orders, fills and positions in the fields of Binance's futures."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.binance.desk import eight, price_of, size_of
from tests.venues.binance.shapes import SIDES, status, takes_profit, time_in_force
from tests.venues.core.accounts import Account, MarginMode
from tests.venues.core.money import leverage, need, unrealised
from tests.venues.core.orders import Fill, Order, Side, State
from tests.venues.texts import milliseconds

if TYPE_CHECKING:
    from tests.venues.core.exchange import Exchange
    from tests.venues.core.market import Market

FIRST_ALGO_ID = 1_000_000_000_000
"""What a conditional order's number in the algo service lies above that of the order that it becomes."""
MAINTENANCE = Decimal("0.004")
NOTHING = Decimal(0)


def is_algo(order: Order) -> bool:
    """Whether an order was placed in the algo service."""
    return order.ticket.trigger is not None


def is_plain(order: Order) -> bool:
    """Whether an order is one of the order book: what waits in the algo service is not, and becomes one."""
    return not is_algo(order) or order.triggered is not None


def algo_id(order: Order) -> int:
    return FIRST_ALGO_ID + int(order.id)


def order_row(market: Market, order: Order) -> dict[str, Any]:
    """An order of the book. One that came out of the algo service keeps its client id."""
    ticket = order.ticket
    kind = "MARKET" if ticket.price is None else "LIMIT"
    return {
        "orderId": int(order.id),
        "symbol": market.symbol,
        "status": status(order),
        "clientOrderId": ticket.client_id,
        "price": price_of(market, ticket.price or NOTHING),
        "avgPrice": price_of(market, order.average or NOTHING),
        "origQty": size_of(market, order.quantity),
        "executedQty": size_of(market, order.filled),
        "cumQuote": eight(order.filled_value),
        "timeInForce": time_in_force(order, post_only="GTX"),
        "type": kind,
        "reduceOnly": ticket.reduce_only,
        "closePosition": False,
        "side": SIDES[ticket.side],
        "positionSide": "BOTH",
        "stopPrice": price_of(market, NOTHING),
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "origType": kind,
        "priceMatch": "NONE",
        "selfTradePreventionMode": "NONE",
        "goodTillDate": 0,
        "time": milliseconds(order.triggered or order.created),
        "updateTime": milliseconds(order.updated),
    }


def placed(market: Market, order: Order) -> dict[str, Any]:
    """What is answered to a new order and to a cancellation: the time that it was made is not told."""
    row = order_row(market, order)
    del row["time"]
    return {**row, "cumQty": row["executedQty"]}


def algo_status(order: Order) -> str:
    """The algo service's word for where a conditional order stands."""
    if order.state is State.UNTRIGGERED:
        return "NEW"
    if order.triggered is None:
        return "CANCELED" if order.state is State.CANCELED else "REJECTED"
    return "TRIGGERED" if order.state.is_live else "FINISHED"


def algo_row(market: Market, order: Order) -> dict[str, Any]:
    ticket = order.ticket
    kind = "TAKE_PROFIT" if takes_profit(order) else "STOP"
    was_triggered = order.triggered is not None
    return {
        "algoId": algo_id(order),
        "clientAlgoId": ticket.client_id,
        "algoType": "CONDITIONAL",
        "orderType": f"{kind}_MARKET" if ticket.price is None else kind,
        "symbol": market.symbol,
        "side": SIDES[ticket.side],
        "positionSide": "BOTH",
        "timeInForce": time_in_force(order),
        "quantity": size_of(market, ticket.quantity),
        "algoStatus": algo_status(order),
        "actualOrderId": order.id if was_triggered else "",
        "actualPrice": price_of(market, order.average or NOTHING),
        "actualQty": size_of(market, order.filled),
        "actualType": ("MARKET" if ticket.price is None else "LIMIT") if was_triggered else "",
        "triggerPrice": price_of(market, ticket.trigger),
        "price": price_of(market, ticket.price or NOTHING),
        "icebergQuantity": None,
        "tpOrderType": "",
        "selfTradePreventionMode": "NONE",
        "workingType": "CONTRACT_PRICE",
        "priceMatch": "NONE",
        "closePosition": False,
        "priceProtect": False,
        "reduceOnly": ticket.reduce_only,
        "createTime": milliseconds(order.created),
        "updateTime": milliseconds(order.updated),
        "triggerTime": milliseconds(order.triggered or 0),
        "goodTillDate": 0,
    }


def fill_row(market: Market, order: Order, fill: Fill) -> dict[str, Any]:
    return {
        "symbol": market.symbol,
        "id": int(fill.id),
        "orderId": int(order.id),
        "side": SIDES[order.ticket.side],
        "price": price_of(market, fill.price),
        "qty": size_of(market, fill.quantity),
        "realizedPnl": eight(fill.realised),
        "quoteQty": eight(market.value(fill.quantity, fill.price)),
        "commission": eight(fill.fee),
        "commissionAsset": fill.fee_asset,
        "time": milliseconds(fill.time),
        "positionSide": "BOTH",
        "buyer": order.ticket.side is Side.BUY,
        "maker": fill.is_maker,
    }


def position_row(exchange: Exchange, account: Account, market: Market) -> dict[str, Any]:
    """A position, or that there is none. The price of a liquidation is not simulated, and told as 0."""
    position, mark = account.position(market.key), exchange.mark(market)
    entry = market.value(position.quantity, position.entry)
    margin = entry / leverage(account, market)
    waiting = in_orders(exchange, account, market)
    isolated = margin if account.margin_mode is MarginMode.ISOLATED else NOTHING
    return {
        "symbol": market.symbol,
        "positionSide": "BOTH",
        "positionAmt": size_of(market, position.quantity),
        "entryPrice": price_of(market, position.entry),
        "breakEvenPrice": price_of(market, position.entry),
        "markPrice": eight(mark),
        "unRealizedProfit": eight(unrealised(market, position, mark)),
        "liquidationPrice": "0",
        "isolatedMargin": eight(isolated),
        "notional": eight(position.quantity * market.contract_size * mark),
        "marginAsset": market.settle,
        "isolatedWallet": eight(isolated),
        "initialMargin": eight(margin + waiting),
        "maintMargin": eight(entry * MAINTENANCE),
        "positionInitialMargin": eight(margin),
        "openOrderInitialMargin": eight(waiting),
        "adl": 2 if position.quantity else 0,
        "bidNotional": "0",
        "askNotional": "0",
        "updateTime": milliseconds(position.updated),
    }


def position_row_v2(exchange: Exchange, account: Account, market: Market) -> dict[str, Any]:
    """The older fields, with the leverage and the margin mode, which the newer ones leave out."""
    row = position_row(exchange, account, market)
    names = "symbol positionAmt entryPrice breakEvenPrice markPrice unRealizedProfit liquidationPrice "
    names += "isolatedMargin positionSide notional isolatedWallet updateTime"
    return {
        **chosen(row, names),
        "leverage": f"{leverage(account, market):f}",
        "maxNotionalValue": "100000000",
        "marginType": account.margin_mode.value,
        "isAutoAddMargin": "false",
    }


def chosen(row: dict[str, Any], names: str) -> dict[str, Any]:
    """Some fields of a row, by their names with spaces between."""
    return {name: row[name] for name in names.split()}


def in_orders(exchange: Exchange, account: Account, market: Market) -> Decimal:
    """The margin that a market's open orders hold."""
    held = (need(exchange, account, order) for order in exchange.open_orders(account) if order.market == market.key)
    return sum((amount for _, amount in held), NOTHING)
