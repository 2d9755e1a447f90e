"""Orders, fills and positions in OKX's fields."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.core.accounts import Account, MarginMode
from tests.venues.core.money import leverage, unrealised
from tests.venues.core.orders import Fill, Order, Side, State, TimeInForce
from tests.venues.okx.desk import kind_name
from tests.venues.texts import milliseconds, plain

if TYPE_CHECKING:
    from tests.venues.core.exchange import Exchange
    from tests.venues.core.market import Market

FIRST_ALGO_ID = 1_000_000_000_000_000_000
"""What the number of an order that waits for a trigger lies above that of the order that it becomes."""
MAINTENANCE = Decimal("0.004")


def is_algo(order: Order) -> bool:
    """Whether an order was placed to wait for a trigger."""
    return order.ticket.trigger is not None


def is_plain(order: Order) -> bool:
    """Whether an order is one of the order book: what waits for a trigger is not, and becomes one."""
    return not is_algo(order) or order.triggered is not None


def algo_id(order: Order) -> str:
    return str(FIRST_ALGO_ID + int(order.id))


def state(order: Order) -> str:
    """OKX's word for where an order of the book stands; it has one word for all that ended early."""
    if order.state is State.OPEN:
        return "partially_filled" if order.fills else "live"
    return "filled" if order.state is State.FILLED else "canceled"


def algo_state(order: Order) -> str:
    """OKX's word for where an order that waits for a trigger stands."""
    if order.state is State.UNTRIGGERED:
        return "live"
    if order.triggered is None:
        return "canceled" if order.state is State.CANCELED else "order_failed"
    return "order_failed" if order.reason == "nothing to reduce" else "effective"


def order_type(order: Order) -> str:
    ticket = order.ticket
    if ticket.price is None:
        return "market"
    if ticket.post_only:
        return "post_only"
    return {TimeInForce.IOC: "ioc", TimeInForce.FOK: "fok"}.get(ticket.time_in_force, "limit")


def order_row(account: Account, market: Market, order: Order) -> dict[str, Any]:
    """An order of the book. One that has waited for a trigger names where it came from, and has no client id."""
    ticket, last = order.ticket, order.fills[-1] if order.fills else None
    came_from = is_algo(order)
    fee_asset = _fee_asset(market, order)
    names = "attachAlgoClOrdId cancelSourceReason ccy pxType pxUsd pxVol quickMgnType slOrdPx slTriggerPx"
    names += " slTriggerPxType source stpId tag tpOrdPx tpTriggerPx tpTriggerPxType"
    return {
        **dict.fromkeys(names.split(), ""),
        "accFillSz": plain(order.filled),
        "algoClOrdId": ticket.client_id if came_from else "",
        "algoId": algo_id(order) if came_from else "",
        "attachAlgoOrds": [],
        "avgPx": plain(order.average) or "",
        "cTime": _time(order.triggered or order.created),
        "cancelSource": _cancel_source(order),
        "category": "full_liquidation" if last is not None and last.is_liquidation else "normal",
        "clOrdId": "" if came_from else ticket.client_id,
        "fee": plain(-order.fees),
        "feeCcy": fee_asset,
        "fillPx": plain(last.price) if last is not None else "",
        "fillSz": plain(last.quantity) if last is not None else "0",
        "fillTime": _time(last.time) if last is not None else "",
        "instId": market.symbol,
        "instType": kind_name(market),
        "isTpLimit": "false",
        "lever": plain(leverage(account, market)) if market.kind.is_contract else "",
        "linkedAlgoOrd": {"algoId": ""},
        "ordId": order.id,
        "ordType": order_type(order),
        "pnl": plain(sum((fill.realised for fill in order.fills), Decimal(0))),
        "posSide": "net" if market.kind.is_contract else "",
        "px": plain(ticket.price) or "",
        "rebate": "0",
        "rebateCcy": fee_asset,
        "reduceOnly": _yes_or_no(ticket.reduce_only),
        "side": ticket.side.value,
        "state": state(order),
        "stpMode": "cancel_maker",
        "sz": plain(ticket.cost if ticket.cost is not None else ticket.quantity),
        "tdMode": trade_mode(account, market),
        "tgtCcy": _unit(market, order),
        "tradeId": last.id if last is not None else "",
        "uTime": _time(order.updated),
    }


def algo_row(account: Account, market: Market, order: Order, kind: str) -> dict[str, Any]:
    """An order that waits for a trigger, of the kind `trigger`, `sl` or `tp`."""
    ticket, was_triggered = order.ticket, order.triggered is not None
    price = plain(ticket.price) or "-1"
    names = "activePx callbackRatio callbackSpread ccy closeFraction failCode moveTriggerPx pxLimit pxSpread pxVar"
    names += " quickMgnType szLimit tag timeInterval amendPxOnTriggerType triggerPx ordPx triggerPxType"
    names += " slTriggerPx slOrdPx slTriggerPxType tpTriggerPx tpOrdPx tpTriggerPxType"
    prices = ("triggerPx", "ordPx", "triggerPxType")
    if kind != "trigger":
        prices = (f"{kind}TriggerPx", f"{kind}OrdPx", f"{kind}TriggerPxType")
    return {
        **dict.fromkeys(names.split(), ""),
        **dict(zip(prices, (plain(ticket.trigger), price, "last"), strict=True)),
        "actualPx": plain(order.average) or "",
        "actualSide": "",
        "actualSz": plain(order.filled),
        "algoClOrdId": ticket.client_id,
        "algoId": algo_id(order),
        "cTime": _time(order.created),
        "clOrdId": ticket.client_id,
        "instId": market.symbol,
        "instType": kind_name(market),
        "lever": plain(leverage(account, market)) if market.kind.is_contract else "",
        "ordId": order.id if was_triggered else "",
        "ordType": "trigger" if kind == "trigger" else "conditional",
        "posSide": "net",
        "reduceOnly": _yes_or_no(ticket.reduce_only),
        "side": ticket.side.value,
        "state": algo_state(order),
        "sz": plain(ticket.quantity),
        "tdMode": trade_mode(account, market),
        "tgtCcy": _unit(market, order),
        "triggerTime": _time(order.triggered) if order.triggered is not None else "",
        "uTime": _time(order.updated),
    }


def fill_row(market: Market, order: Order, fill: Fill) -> dict[str, Any]:
    """A fee is below zero where it was paid."""
    base = fill.quantity if fill.fee_asset == market.base else market.value(fill.quantity, fill.price)
    names = "fillIdxPx fillMarkPx fillMarkVol fillPxUsd fillPxVol fillFwdPx tag"
    return {
        **dict.fromkeys(names.split(), ""),
        "billId": fill.id,
        "clOrdId": "" if is_algo(order) else order.ticket.client_id,
        "execType": "M" if fill.is_maker else "T",
        "fee": plain(-fill.fee),
        "feeCcy": fill.fee_asset,
        "feeRate": plain(-fill.fee / base),
        "fillPnl": plain(fill.realised),
        "fillPx": plain(fill.price),
        "fillSz": plain(fill.quantity),
        "fillTime": _time(fill.time),
        "instId": market.symbol,
        "instType": kind_name(market),
        "ordId": order.id,
        "posSide": "net",
        "side": order.ticket.side.value,
        "subType": "1" if order.ticket.side is Side.BUY else "2",
        "tradeId": fill.id,
        "ts": _time(fill.time),
    }


def position_row(exchange: Exchange, account: Account, market: Market) -> dict[str, Any]:
    """A position; below zero it is short. The price of a liquidation is not simulated, and left empty."""
    position, mark = account.position(market.key), exchange.mark(market)
    entry = market.value(position.quantity, position.entry or Decimal(1))
    margin = entry / leverage(account, market)
    gain, price = unrealised(market, position, mark), plain(mark)
    funding = sum((paid.amount for paid in account.payments if paid.market == market.key), Decimal(0))
    fees = sum((one.fees for one in exchange.orders_of(account) if one.market == market.key), Decimal(0))
    is_cross = account.margin_mode is MarginMode.CROSS
    names = "baseBal interest liqPx optVal pendingCloseOrdLiabVal posCcy quoteBal quoteBorrowed quoteInterest"
    names += " spotInUseAmt spotInUseCcy"
    return {
        **dict.fromkeys(names.split(), ""),
        "adl": "1",
        "availPos": plain(abs(position.quantity)),
        "avgPx": plain(position.entry),
        "bePx": plain(position.entry),
        "cTime": _time(position.opened),
        "ccy": market.settle,
        "fee": plain(-fees),
        "fundingFee": plain(funding),
        "idxPx": price,
        "imr": plain(margin) if is_cross else "",
        "instId": market.symbol,
        "instType": kind_name(market),
        "last": plain(exchange.last(market)),
        "lever": plain(leverage(account, market)),
        "liqPenalty": "0",
        "margin": "" if is_cross else plain(margin),
        "markPx": price,
        "mgnMode": account.margin_mode.value,
        "mgnRatio": "",
        "mmr": plain(entry * MAINTENANCE),
        "notionalUsd": plain(market.notional(position.quantity, mark)),
        "pnl": plain(position.realised + fees),
        "pos": plain(position.quantity),
        "posId": f"{1_000_000 + len(market.symbol)}",
        "posSide": "net",
        "realizedPnl": plain(position.realised + funding),
        "tradeId": str(exchange.last_fill_id),
        "uTime": _time(position.updated),
        "upl": plain(gain),
        "uplLastPx": plain(unrealised(market, position, exchange.last(market))),
        "uplRatio": plain(gain / margin) if margin else "0",
        "uplRatioLastPx": "0",
        "usdPx": "1",
    }


def trade_mode(account: Account, market: Market) -> str:
    """How an order is paid for: of spot by cash, of a swap by the margin that the account has."""
    return account.margin_mode.value if market.kind.is_contract else "cash"


def _cancel_source(order: Order) -> str:
    """Who ended an order: its owner, the venue, or a rule of its own type."""
    if order.state is not State.CANCELED:
        return ""
    if order.reason.startswith("by its owner"):
        return "1"
    own = {"post_only": "31", "ioc": "14", "fok": "15"}
    return own.get(order_type(order), "0")


def _fee_asset(market: Market, order: Order) -> str:
    if order.fills:
        return order.fills[-1].fee_asset
    return market.base if not market.kind.is_contract and order.ticket.side is Side.BUY else market.paid_in


def _unit(market: Market, order: Order) -> str:
    """What the size of a market order on spot is counted in."""
    if market.kind.is_contract or order.ticket.price is not None:
        return ""
    return "quote_ccy" if order.ticket.cost is not None else "base_ccy"


def _yes_or_no(value: bool) -> str:
    return "true" if value else "false"


def _time(nanoseconds: int) -> str:
    return str(milliseconds(nanoseconds))
