"""Orders, fills and positions in Bybit's fields."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.core.money import leverage, unrealised
from tests.venues.core.orders import Fill, Order, Side, State, TimeInForce
from tests.venues.texts import milliseconds, on_grid, plain

if TYPE_CHECKING:
    from tests.venues.core.accounts import Account
    from tests.venues.core.exchange import Exchange
    from tests.venues.core.market import Market

SIDES = {Side.BUY: "Buy", Side.SELL: "Sell"}


def is_stop(order: Order) -> bool:
    """Whether an order has waited for a trigger, or still does."""
    return order.ticket.trigger is not None


def status(order: Order) -> str:
    """Bybit's word for where an order stands."""
    if order.state is State.OPEN:
        return "PartiallyFilled" if order.fills else "New"
    if order.state is State.CANCELED and is_stop(order) and order.triggered is None:
        return "Deactivated"
    if order.state is State.CANCELED and order.fills and order.market.endswith("@spot"):
        return "PartiallyFilledCanceled"
    return {
        State.UNTRIGGERED: "Untriggered",
        State.FILLED: "Filled",
        State.CANCELED: "Cancelled",
        State.REJECTED: "Rejected",
    }[order.state]


def order_row(exchange: Exchange, market: Market, order: Order) -> dict[str, Any]:
    ticket, average = order.ticket, order.average
    price = ticket.price if ticket.price is not None else Decimal(0)
    left = order.remaining if order.state.is_live else Decimal(0)
    return {
        "orderId": order.id,
        "orderLinkId": ticket.client_id,
        "blockTradeId": "",
        "symbol": market.symbol,
        "price": on_grid(price, market.tick),
        "qty": plain(ticket.cost) if ticket.cost is not None else on_grid(order.quantity, market.lot),
        "side": SIDES[ticket.side],
        "isLeverage": "0",
        "positionIdx": 0,
        "orderStatus": status(order),
        "cancelType": "CancelByUser" if order.state is State.CANCELED else "UNKNOWN",
        "rejectReason": _reject_reason(order),
        "avgPrice": plain(average) if average is not None else "",
        "leavesQty": on_grid(left, market.lot),
        "leavesValue": plain(left * price),
        "cumExecQty": on_grid(order.filled, market.lot),
        "cumExecValue": plain(sum((market.value(fill.quantity, fill.price) for fill in order.fills), Decimal(0))),
        "cumExecFee": plain(order.fees),
        "timeInForce": _time_in_force(order),
        "orderType": "Market" if ticket.price is None else "Limit",
        "stopOrderType": "Stop" if is_stop(order) else "",
        "orderIv": "",
        "triggerPrice": on_grid(ticket.trigger or Decimal(0), market.tick),
        "takeProfit": "",
        "stopLoss": "",
        "tpTriggerBy": "",
        "slTriggerBy": "",
        "triggerDirection": 0 if ticket.trigger is None else 1 if ticket.triggers_above else 2,
        "triggerBy": "LastPrice" if is_stop(order) else "",
        "lastPriceOnCreated": on_grid(order.last_on_created, market.tick),
        "reduceOnly": ticket.reduce_only,
        "closeOnTrigger": False,
        "smpType": "None",
        "smpGroup": 0,
        "smpOrderId": "",
        "tpslMode": "",
        "tpLimitPrice": "",
        "slLimitPrice": "",
        "placeType": "",
        "marketUnit": "" if ticket.price is not None else "quoteCoin" if ticket.cost is not None else "baseCoin",
        "createdTime": str(milliseconds(order.created)),
        "updatedTime": str(milliseconds(order.updated)),
    }


def _reject_reason(order: Order) -> str:
    if order.state is State.REJECTED:
        return "EC_Others"
    if order.ticket.post_only and order.state is State.CANCELED and not order.reason.startswith("by its owner"):
        return "EC_PostOnlyWillTakeLiquidity"
    return "EC_NoError"


def _time_in_force(order: Order) -> str:
    if order.ticket.post_only:
        return "PostOnly"
    return {TimeInForce.IOC: "IOC", TimeInForce.FOK: "FOK"}.get(order.ticket.time_in_force, "GTC")


def fill_row(exchange: Exchange, market: Market, order: Order, fill: Fill) -> dict[str, Any]:
    ticket = order.ticket
    after = [one for one in order.fills if int(one.id) <= int(fill.id)]
    left = order.quantity - sum((one.quantity for one in after), Decimal(0))
    base = fill.quantity if fill.fee_asset == market.base else market.value(fill.quantity, fill.price)
    mark = on_grid(exchange.mark(market), market.tick)
    return {
        "symbol": market.symbol,
        "orderId": order.id,
        "orderLinkId": ticket.client_id,
        "side": SIDES[ticket.side],
        "orderPrice": on_grid(ticket.price or Decimal(0), market.tick),
        "orderQty": on_grid(order.quantity, market.lot),
        "leavesQty": on_grid(left, market.lot),
        "createType": "CreateByLiq" if fill.is_liquidation else "CreateByUser",
        "orderType": "Market" if ticket.price is None else "Limit",
        "stopOrderType": "Stop" if is_stop(order) else "UNKNOWN",
        "execFee": plain(fill.fee),
        "execId": f"fill-{fill.id}",
        "execPrice": on_grid(fill.price, market.tick),
        "execQty": on_grid(fill.quantity, market.lot),
        "execType": "BustTrade" if fill.is_liquidation else "Trade",
        "execValue": plain(market.value(fill.quantity, fill.price)),
        "execTime": str(milliseconds(fill.time)),
        "feeCurrency": fill.fee_asset,
        "isMaker": fill.is_maker,
        "feeRate": plain(fill.fee / base),
        "tradeIv": "",
        "markIv": "",
        "markPrice": mark,
        "indexPrice": mark,
        "underlyingPrice": "",
        "blockTradeId": "",
        "closedSize": on_grid(fill.closed, market.lot) if market.kind.is_contract else "",
        "seq": int(fill.id),
    }


def position_row(exchange: Exchange, account: Account, market: Market) -> dict[str, Any]:
    """A position, or that there is none. The prices of a liquidation are not simulated, and left empty."""
    position = account.position(market.key)
    size, mark = abs(position.quantity), exchange.mark(market)
    value = market.value(size, position.entry) if size else Decimal(0)
    initial = plain(value / leverage(account, market))
    return {
        "positionIdx": 0,
        "riskId": 1,
        "riskLimitValue": "2000000",
        "symbol": market.symbol,
        "side": "" if not size else "Buy" if position.quantity > 0 else "Sell",
        "size": on_grid(size, market.lot),
        "avgPrice": plain(position.entry),
        "positionValue": plain(value),
        "tradeMode": 0,
        "positionStatus": "Normal",
        "autoAddMargin": 0,
        "adlRankIndicator": 2 if size else 0,
        "leverage": plain(leverage(account, market)),
        "positionBalance": initial,
        "markPrice": on_grid(mark, market.tick),
        "liqPrice": "",
        "bustPrice": "",
        "positionMM": plain(value * Decimal("0.005")),
        "positionIM": initial,
        "tpslMode": "Full",
        "takeProfit": "",
        "stopLoss": "",
        "trailingStop": "0",
        "unrealisedPnl": plain(unrealised(market, position, mark)),
        "curRealisedPnl": plain(position.realised),
        "cumRealisedPnl": plain(position.realised),
        "seq": exchange.last_fill_id,
        "isReduceOnly": False,
        "mmrSysUpdatedTime": "",
        "leverageSysUpdatedTime": "",
        "createdTime": str(milliseconds(position.opened)),
        "updatedTime": str(milliseconds(position.updated)),
    }
