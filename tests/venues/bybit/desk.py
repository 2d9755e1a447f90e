"""What the desks of Bybit share: the exchange behind them, categories, pages and numbers in parameters."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from tests.venues.core.market import Kind, Market
from tests.venues.core.refusals import Reason, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.venues.core.exchange import Exchange
    from tests.venues.front import FrontEnd

KINDS = {"spot": (Kind.SPOT,), "linear": (Kind.LINEAR,), "inverse": (Kind.INVERSE,), "option": ()}


class Desk:
    """A group of paths."""

    def __init__(self, front: FrontEnd) -> None:
        self._front = front

    @property
    def exchange(self) -> Exchange:
        return self._front.exchange

    def markets(self, parameters: Mapping[str, str]) -> list[Market]:
        """The markets of a category, or the one of its symbol. Raises: Refused for a wrong name of either."""
        kinds, symbol = kinds_of(parameters), parameters.get("symbol")
        if symbol:
            return [self.exchange.market(symbol, *kinds)] if kinds else []
        return [market for market in self.exchange.markets.values() if market.kind in kinds]

    def market(self, parameters: Mapping[str, str]) -> Market:
        """The market of a symbol, which must be given."""
        if not parameters.get("symbol"):
            raise Refused(Reason.BAD_PARAMETER, "symbol")
        return self.markets(parameters)[0]


def kinds_of(parameters: Mapping[str, str]) -> tuple[Kind, ...]:
    """The kinds of a category. Raises: Refused."""
    category = parameters.get("category", "")
    if category not in KINDS:
        raise Refused(Reason.BAD_PARAMETER, "Illegal category")
    return KINDS[category]


def category(market: Market) -> str:
    return market.kind.value


def number(parameters: Mapping[str, str], name: str) -> Decimal | None:
    """A parameter's amount; None where it is absent, empty or zero, as Bybit takes it. Raises: Refused."""
    text = parameters.get(name)
    if text in {None, ""}:
        return None
    try:
        found = Decimal(str(text))
    except InvalidOperation as wrong:
        raise Refused(Reason.BAD_PARAMETER, name) from wrong
    return found if found != 0 else None


def whole(parameters: Mapping[str, str], name: str, default: int) -> int:
    """A parameter's whole number. Raises: Refused."""
    text = str(parameters.get(name, "") or default)
    if not text.isdigit():
        raise Refused(Reason.BAD_PARAMETER, name)
    return int(text)


def page[T](rows: Sequence[T], parameters: Mapping[str, str], default: int, most: int) -> tuple[list[T], str]:
    """The rows of one page, and the cursor to the next, which is empty at the end."""
    limit = min(max(whole(parameters, "limit", default), 1), most)
    start = whole(parameters, "cursor", 0)
    end = start + limit
    return list(rows[start:end]), str(end) if end < len(rows) else ""
