"""One exchange in memory: markets, accounts and orders, on a clock of its own. All amounts are `Decimal`."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from decimal import Decimal
from threading import RLock
from typing import TYPE_CHECKING

from tests.venues.core.checks import check_funds, check_price, check_ticket, is_marketable, triggers_above
from tests.venues.core.clock import Clock
from tests.venues.core.matching import execute, move
from tests.venues.core.orders import Order, Side, State, Ticket, TimeInForce
from tests.venues.core.passing import events
from tests.venues.core.refusals import Reason, Refused
from tests.venues.core.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.venues.core.accounts import Account, MarginMode
    from tests.venues.core.market import Kind, Market, Status
    from tests.venues.core.series import Series


class Exchange:
    """Holds the truth. A test and the server's thread may both use it: whoever does holds `lock`.

    On demand: `partials` are the fractions that the next fills give, `late_rejects` is how many of the next orders
    are accepted and rejected afterwards, when `late_after` ns have passed and something is asked again.
    """

    def __init__(self, rules: Rules | None = None, clock: Clock | None = None) -> None:
        self.rules = rules or Rules()
        self.clock = clock or Clock()
        self.lock = RLock()
        self.markets: dict[str, Market] = {}
        self.series: dict[str, Series] = {}
        self.marks: dict[str, Series] = {}
        self.funding: dict[str, list[tuple[int, Decimal]]] = {}
        self.prices: dict[str, Decimal] = {}
        self.accounts: dict[str, Account] = {}
        self.orders: dict[str, Order] = {}
        self.partials: deque[Decimal] = deque()
        self.late_rejects = 0
        self.late_after = 0
        self.at = self.clock.now()
        self.last_fill_id = 0

    def add_market(
        self,
        market: Market,
        series: Series | None = None,
        *,
        price: str | Decimal | None = None,
        mark: Series | None = None,
        funding: Iterable[tuple[int, Decimal]] = (),
    ) -> Market:
        """Lists a market, with its candles or with a price that stands until it is set. `funding`: (ns, fraction)."""
        with self.lock:
            self.markets[market.key] = market
            self.funding[market.key] = sorted(funding)
            if series is not None:
                self.series[market.key] = series
            if mark is not None:
                self.marks[market.key] = mark
            known = series.price(self.at) if series is not None else None
            first = Decimal(price) if price is not None else known
            if first is not None:
                self.prices[market.key] = first
            return market

    def add_account(self, account: Account) -> Account:
        self.accounts[account.key] = account
        return account

    def set_status(self, market: Market, status: Status) -> Market:
        """Halts, lists again or takes away a market; its orders stay as they are."""
        with self.lock:
            self.markets[market.key] = replace(self.markets[market.key], status=status)
            return self.markets[market.key]

    def market(self, symbol: str, *kinds: Kind) -> Market:
        """The market of a symbol, among these kinds or all. Raises: Refused."""
        for market in self.markets.values():
            if market.symbol == symbol and (not kinds or market.kind in kinds):
                return market
        raise Refused(Reason.UNKNOWN_SYMBOL, symbol)

    def last(self, market: Market) -> Decimal:
        """The price of the latest trade. Raises: Refused before the first."""
        price = self.prices.get(market.key)
        if price is None:
            raise Refused(Reason.NOT_TRADING, f"{market.symbol} has no price yet")
        return price

    def touch(self, market: Market, side: Side) -> Decimal:
        """What a buyer pays, or a seller gets, at once."""
        return self.last(market) + (market.spread if side is Side.BUY else 0)

    def mark(self, market: Market) -> Decimal:
        """The mark price: from its own candles, where there are any."""
        marks = self.marks.get(market.key)
        return (marks and marks.price(self.clock.now())) or self.last(market)

    def at_open(self, market: Market) -> bool:
        """Whether a session opens at this moment: its orders meet at one price."""
        hours = market.hours
        return hours is not None and hours.are_open(self.at) and not hours.are_open(self.at - 1)

    def orders_of(self, account: Account) -> list[Order]:
        """All orders of an account, oldest first."""
        return [order for order in self.orders.values() if order.account == account.key]

    def open_orders(self, account: Account) -> list[Order]:
        return [order for order in self.orders_of(account) if order.state.is_live]

    def working(self, market: Market, at: int) -> list[Order]:
        """What may fill at a time. A market that is closed or halted fills nothing."""
        if not self.markets[market.key].is_open(at):
            return []
        return [
            order
            for order in self.orders.values()
            if order.market == market.key and order.state.is_live and order.doomed_at is None
        ]

    def reducible(self, order: Order) -> Decimal:
        """How much of a position an order may take away."""
        position = self.accounts[order.account].position(order.market).quantity
        return abs(position) if position * order.ticket.side.sign < 0 else Decimal(0)

    def order(self, account: Account, *, id: str = "", client_id: str = "") -> Order:  # noqa: A002 - it is one
        """One order, by its id or by the client's (the latest under it). Raises: Refused."""
        for order in reversed(self.orders_of(account)):
            if (id and order.id == id) or (not id and client_id and order.ticket.client_id == client_id):
                return order
        raise Refused(Reason.UNKNOWN_ORDER, id or client_id)

    def place(self, account: Account, market: Market, ticket: Ticket) -> Order:
        """Takes an order, and fills it where it can be. Raises: Refused."""
        with self.lock:
            self.catch_up()
            market = self.markets[market.key]
            check_ticket(self, account, market, ticket)
            order = self._new(account, market, ticket)
            check_funds(self, account, order)
            crosses = ticket.post_only and is_marketable(self, market, ticket.side, ticket.price)
            if crosses and not self.rules.post_only_cancels:
                raise Refused(Reason.POST_ONLY)
            self.orders[order.id] = order
            if self.late_rejects:
                self.late_rejects -= 1
                order.doomed_at = self.at + self.late_after
            elif crosses:
                self.close(order, State.CANCELED, Reason.POST_ONLY.value)
            elif order.state is State.OPEN:
                self._match_at_once(market, order)
            return order

    def _new(self, account: Account, market: Market, ticket: Ticket) -> Order:
        number, last = len(self.orders) + 1, self.last(market)
        if ticket.trigger is not None:
            ticket = replace(ticket, triggers_above=triggers_above(ticket, last))
        return Order(
            id=self.rules.order_id(number),
            number=number,
            account=account.key,
            market=market.key,
            ticket=ticket,
            quantity=ticket.quantity,
            created=self.at,
            updated=self.at,
            last_on_created=last,
            state=State.OPEN if ticket.trigger is None else State.UNTRIGGERED,
        )

    def _match_at_once(self, market: Market, order: Order) -> None:
        ticket = order.ticket
        if market.is_open(self.at) and is_marketable(self, market, ticket.side, ticket.price):
            if ticket.time_in_force is TimeInForce.FOK and self.partials and self.partials[0] < 1:
                self.close(order, State.CANCELED, "it could not be filled whole")
            else:
                execute(self, market, order)
        elif ticket.time_in_force in {TimeInForce.IOC, TimeInForce.FOK}:
            self.close(order, State.CANCELED, "it could not be filled at once")
        order.is_resting = order.state is State.OPEN

    def cancel(self, account: Account, order: Order) -> Order:
        """Raises: Refused for an order that is over."""
        with self.lock:
            self.catch_up()
            if not order.state.is_live or order.account != account.key:
                raise Refused(Reason.ORDER_CLOSED, order.id)
            self.close(order, State.CANCELED, "by its owner")
            return order

    def replace(self, account: Account, order: Order, ticket: Ticket) -> Order:
        """Puts another order in the place of one that is open; what was filled stays with the old. Raises: Refused."""
        with self.lock:
            self.catch_up()
            if not order.state.is_live or order.account != account.key:
                raise Refused(Reason.ORDER_CLOSED, order.id)
            check_price(self.markets[order.market], ticket.price)
            before, order.state = order.state, State.REPLACED
            try:
                new = self.place(account, self.markets[order.market], ticket)
            except Refused:
                order.state = before
                raise
            order.updated, order.replaced_by, new.replaces = self.at, new.id, order.id
            return new

    def next_fill_id(self) -> str:
        self.last_fill_id += 1
        return str(self.last_fill_id)

    def close(self, order: Order, state: State, reason: str) -> None:
        """The order is over."""
        order.state, order.reason, order.updated, order.is_resting = state, reason, self.at, False

    def set_leverage(self, account: Account, market: Market, leverage: Decimal) -> None:
        """Raises: Refused beyond the market's maximum, and where nothing would change."""
        if not 1 <= leverage <= market.max_leverage:
            raise Refused(Reason.LEVERAGE, str(leverage))
        if account.leverage.get(market.key, Decimal(1)) == leverage:
            raise Refused(Reason.LEVERAGE_UNCHANGED)
        account.leverage[market.key] = leverage

    def set_margin_mode(self, account: Account, mode: MarginMode) -> None:
        """Raises: Refused while positions are open, whose margin it would change, and where nothing would change."""
        if account.margin_mode is mode:
            raise Refused(Reason.MARGIN_MODE_UNCHANGED)
        if any(at.quantity for key, at in account.positions.items() if self.markets[key].kind.is_contract):
            raise Refused(Reason.BAD_PARAMETER, "a position is open")
        account.margin_mode = mode

    def set_price(self, market: Market, price: str | Decimal) -> None:
        """The price jumps, and orders fill; for a market without candles."""
        with self.lock:
            self.catch_up()
            move(self, self.markets[market.key], Decimal(price), is_jump=True)

    def advance(self, nanoseconds: int) -> None:
        """Moves a manual clock on, and the prices with it."""
        self.move_to(self.clock.now() + nanoseconds)

    def move_to(self, now: int) -> None:
        """Moves a manual clock on to a time (ns), and the prices with it."""
        with self.lock:
            self.clock.set(now)
            self.catch_up()

    def liquidate(self, account: Account, market: Market) -> None:
        """The venue closes a position at the price of the moment; its owner is not asked."""
        with self.lock:
            quantity = account.position(market.key).quantity
            side = Side.SELL if quantity > 0 else Side.BUY
            order = self._new(account, market, Ticket(market.symbol, side, abs(quantity), reduce_only=True))
            self.orders[order.id] = order
            execute(self, market, order)
            order.fills[:] = [replace(fill, is_liquidation=True) for fill in order.fills]

    def catch_up(self) -> None:
        """Walks prices, funding and the ends of sessions from where it was to now, in the order of time."""
        with self.lock:
            now = max(self.clock.now(), self.at)
            for time, _, happen in events(self, self.at, now):
                self.at = time
                happen()
            self.at = now
            for order in self.orders.values():
                if order.state.is_live and order.doomed_at is not None and order.doomed_at <= now:
                    self.close(order, State.REJECTED, "rejected after it was accepted")
