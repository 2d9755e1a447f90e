"""The orders of a session that are on their way: sent, and not reported yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.domain.order import Purpose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.domain.order import Order


class Outstanding:
    """At most one exit a symbol, and entries in the order of their decision."""

    def __init__(self, symbols: Sequence[str]) -> None:
        self._symbols = symbols
        self._exits: dict[str, Order] = {}
        self.entries: list[Order] = []

    def all(self) -> tuple[Order, ...]:
        """Exits in the order of the symbols, then entries in that of their decision."""
        return (*(self._exits[symbol] for symbol in self._symbols if symbol in self._exits), *self.entries)

    def remember(self, order: Order) -> None:
        """Keeps an order in mind until it is reported."""
        if order.purpose is Purpose.EXIT:
            self._exits[order.symbol] = order
        else:
            self.entries.append(order)

    def forget(self, symbol: str, purpose: Purpose) -> None:
        """Forgets an order that is on its way no more. A position that its stop has closed needs no exit either."""
        if purpose is Purpose.EXIT:
            self._exits.pop(symbol, None)
        else:
            self.entries = [order for order in self.entries if order.symbol != symbol]
