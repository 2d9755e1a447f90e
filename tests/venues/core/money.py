"""What an account can spend, what an order would need of it, and what a fill moves."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.core.market import Kind
from tests.venues.core.orders import Fill, Order, Side, State
from tests.venues.core.rules import FeeIn

if TYPE_CHECKING:
    from tests.venues.core.accounts import Account, Position
    from tests.venues.core.exchange import Exchange
    from tests.venues.core.market import Market


def unrealised(market: Market, position: Position, price: Decimal) -> Decimal:
    """The gain of a position at a price, in the currency that settles."""
    if position.quantity == 0:
        return Decimal(0)
    apart = 1 / position.entry - 1 / price if market.kind is Kind.INVERSE else price - position.entry
    return position.quantity * market.contract_size * apart


def held(exchange: Exchange, account: Account, asset: str) -> Decimal:
    """What open orders and positions keep of an asset."""
    needs = (need(exchange, account, order) for order in exchange.open_orders(account))
    orders = sum((amount for of, amount in needs if of == asset), Decimal(0))
    return orders + margin(exchange, account, asset)


def margin(exchange: Exchange, account: Account, asset: str) -> Decimal:
    """What the positions that settle in an asset keep of it."""
    total = Decimal(0)
    for market, position in contracts(exchange, account, asset):
        total += market.value(position.quantity, position.entry or Decimal(1)) / leverage(account, market)
    return total


def free(exchange: Exchange, account: Account, asset: str) -> Decimal:
    """What can be spent or sold. A gain that is not realised is no money yet; a loss is one already."""
    gains = sum(
        (unrealised(market, at, exchange.mark(market)) for market, at in contracts(exchange, account, asset)),
        Decimal(0),
    )
    return account.balances.get(asset, Decimal(0)) - held(exchange, account, asset) + min(gains, Decimal(0))


def contracts(exchange: Exchange, account: Account, asset: str) -> list[tuple[Market, Position]]:
    """The open positions that settle in an asset."""
    found = ((exchange.markets[key], position) for key, position in account.positions.items() if position.quantity)
    return [(market, at) for market, at in found if market.kind.is_contract and market.paid_in == asset]


def leverage(account: Account, market: Market) -> Decimal:
    return account.leverage.get(market.key, Decimal(1))


def need(exchange: Exchange, account: Account, order: Order) -> tuple[str, Decimal]:
    """Which asset an order needs, and how much of it."""
    market, ticket = exchange.markets[order.market], order.ticket
    if order.state is State.UNTRIGGERED and not exchange.rules.stops_hold:
        return market.paid_in, Decimal(0)
    price = ticket.price or ticket.trigger or exchange.touch(market, ticket.side)
    if not market.kind.is_contract:
        if ticket.side is Side.SELL:
            return market.base, order.remaining
        cost = ticket.cost if ticket.cost is not None else order.remaining * price
        return market.quote, cost * (1 + _fee_on_top(exchange, market))
    signed = ticket.side.sign * order.remaining
    position = account.position(market.key).quantity
    closing = min(abs(position), abs(signed)) if position * signed < 0 else Decimal(0)
    opening = Decimal(0) if ticket.reduce_only else order.remaining - closing
    return market.paid_in, market.value(opening, price) * (1 / leverage(account, market) + exchange.rules.taker)


def _fee_on_top(exchange: Exchange, market: Market) -> Decimal:
    on_top = exchange.rules.fee_in is FeeIn.QUOTE and not market.is_free
    return exchange.rules.taker if on_top else Decimal(0)


def settle(
    exchange: Exchange, account: Account, order: Order, quantity: Decimal, price: Decimal, *, is_maker: bool
) -> Fill:
    """Moves what a fill moves, and returns it."""
    market, side, rules = exchange.markets[order.market], order.ticket.side, exchange.rules
    rate = Decimal(0) if market.is_free else rules.maker if is_maker else rules.taker
    value = market.value(quantity, price)
    position = account.position(market.key)
    closed, gain = position.trade(side.sign * quantity, price, exchange.at, inverse=market.kind is Kind.INVERSE)
    realised = gain * market.contract_size
    fee_asset, fee = market.paid_in, value * rate
    if market.kind.is_contract:
        account.add(market.paid_in, realised)
    else:
        account.add(market.base, side.sign * quantity)
        account.add(market.quote, -side.sign * value)
        if side is Side.BUY and rules.fee_in is FeeIn.RECEIVED:
            fee_asset, fee = market.base, quantity * rate
    account.add(fee_asset, -fee)
    position.realised += realised - fee
    return Fill(
        id=exchange.next_fill_id(),
        order_id=order.id,
        time=exchange.at,
        price=price,
        quantity=quantity,
        fee=fee,
        fee_asset=fee_asset,
        is_maker=is_maker,
        closed=closed,
        realised=realised,
    )
