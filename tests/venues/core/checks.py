"""What an exchange asks of an order before it takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.venues.core.market import Status
from tests.venues.core.money import free, need
from tests.venues.core.orders import Order, Side
from tests.venues.core.refusals import Reason, Refused
from tests.venues.core.rules import ClientIds

if TYPE_CHECKING:
    from decimal import Decimal

    from tests.venues.core.accounts import Account
    from tests.venues.core.exchange import Exchange
    from tests.venues.core.market import Market
    from tests.venues.core.orders import Ticket


def check_ticket(exchange: Exchange, account: Account, market: Market, ticket: Ticket) -> None:
    """Raises: Refused for the first rule that the ticket breaks; funds are for `check_funds`."""
    if not account.may_trade:
        raise Refused(Reason.NO_PERMISSION)
    if market.status is not Status.TRADING:
        raise Refused(Reason.NOT_TRADING)
    _check_client_id(exchange, account, ticket)
    for price in (ticket.price, ticket.trigger):
        check_price(market, price)
    _check_quantity(exchange, market, ticket)
    _check_trigger(exchange, market, ticket)
    if ticket.reduce_only and account.position(market.key).quantity * ticket.side.sign >= 0:
        raise Refused(Reason.REDUCE_ONLY)


def check_funds(exchange: Exchange, account: Account, order: Order) -> None:
    """Raises: Refused where the account cannot pay for the order, or has not got what it sells."""
    asset, amount = need(exchange, account, order)
    if amount > free(exchange, account, asset):
        raise Refused(Reason.FUNDS, f"{order.ticket.side} needs {amount} {asset}")


def check_price(market: Market, price: Decimal | None) -> None:
    """Raises: Refused for a price off the tick, below zero, or not a number."""
    if price is None:
        return
    if not price.is_finite() or price <= 0:
        raise Refused(Reason.BAD_PARAMETER, f"price {price}")
    if price % market.tick:
        raise Refused(Reason.TICK, f"price {price} on a tick of {market.tick}")


def _check_client_id(exchange: Exchange, account: Account, ticket: Ticket) -> None:
    rule = exchange.rules.client_ids
    if not ticket.client_id or rule is ClientIds.ANY:
        return
    used = exchange.open_orders(account) if rule is ClientIds.OPEN else exchange.orders_of(account)
    if any(order.ticket.client_id == ticket.client_id for order in used):
        raise Refused(Reason.DUPLICATE_CLIENT_ID, ticket.client_id)


def _check_quantity(exchange: Exchange, market: Market, ticket: Ticket) -> None:
    quantity, cost = ticket.quantity, ticket.cost
    if cost is None:
        if not quantity.is_finite() or quantity <= 0:
            raise Refused(Reason.BAD_PARAMETER, f"quantity {quantity}")
        if quantity % market.lot:
            raise Refused(Reason.LOT, f"quantity {quantity} on a lot of {market.lot}")
        if quantity < market.min_quantity:
            raise Refused(Reason.MIN_QUANTITY, f"{quantity} < {market.min_quantity}")
        if quantity > market.max_quantity:
            raise Refused(Reason.MAX_QUANTITY, f"{quantity} > {market.max_quantity}")
        price = ticket.price or ticket.trigger or exchange.touch(market, ticket.side)
        cost = market.notional(quantity, price)
    elif not cost.is_finite() or cost <= 0:
        raise Refused(Reason.BAD_PARAMETER, f"cost {cost}")
    if cost < market.min_notional and not ticket.reduce_only:
        raise Refused(Reason.MIN_NOTIONAL, f"{cost} < {market.min_notional}")


def _check_trigger(exchange: Exchange, market: Market, ticket: Ticket) -> None:
    if ticket.trigger is None:
        return
    last = exchange.last(market)
    if (ticket.trigger <= last) if triggers_above(ticket, last) else (ticket.trigger >= last):
        raise Refused(Reason.TRIGGER, f"trigger {ticket.trigger} with the price at {last}")


def triggers_above(ticket: Ticket, last: Decimal) -> bool:
    """Whether the trigger waits for a rise: as asked, or as it lies."""
    if ticket.triggers_above is not None:
        return ticket.triggers_above
    return ticket.trigger is not None and ticket.trigger > last


def is_marketable(exchange: Exchange, market: Market, side: Side, price: Decimal | None) -> bool:
    """Whether an order at this price would take what is on the book."""
    touch = exchange.touch(market, side)
    return price is None or (price >= touch if side is Side.BUY else price <= touch)
