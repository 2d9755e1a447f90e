"""What the desks of Alpaca share: ids, symbols and parameters."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from uuid import NAMESPACE_URL, uuid5

from tests.venues.core.market import Kind, Market
from tests.venues.core.refusals import Reason, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.core.exchange import Exchange
    from tests.venues.front import FrontEnd


class Desk:
    """A group of paths."""

    def __init__(self, front: FrontEnd) -> None:
        self._front = front

    @property
    def exchange(self) -> Exchange:
        return self._front.exchange

    def market(self, name: str) -> Market:
        """The market of a symbol, with its slash or without, or of an asset's id. Raises: Refused."""
        name = unquote(name)
        for market in self.exchange.markets.values():
            if name in {market.symbol, held_as(market), asset_id(market)}:
                return market
        raise Refused(Reason.UNKNOWN_SYMBOL, name)


def asset_id(market: Market) -> str:
    return str(uuid5(NAMESPACE_URL, market.symbol))


def held_as(market: Market) -> str:
    """The symbol in positions, which has no slash."""
    return market.symbol.replace("/", "")


def asset_class(market: Market) -> str:
    return "crypto" if market.kind is Kind.SPOT else "us_equity"


def listed_at(market: Market) -> str:
    return {Kind.SPOT: "CRYPTO", Kind.ETF: "ARCA"}.get(market.kind, "NASDAQ")


def amount(wanted: Mapping[str, Any], name: str) -> Decimal | None:
    """A number or a text as an amount; None where it is absent. Raises: Refused."""
    value = wanted.get(name)
    if value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation as wrong:
        raise Refused(Reason.BAD_PARAMETER, name) from wrong
