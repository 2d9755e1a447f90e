"""What the desks of Deribit share: the exchange behind them, instruments, parameters and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.venues.core.market import Kind, Market, Status
from tests.venues.core.refusals import Reason, Refused
from tests.venues.parameters import whole
from tests.venues.texts import plain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from tests.venues.core.exchange import Exchange
    from tests.venues.front import Asked, FrontEnd

KINDS = {Kind.SPOT: "spot", Kind.LINEAR: "future", Kind.INVERSE: "future"}


class Desk:
    """A group of methods."""

    def __init__(self, front: FrontEnd) -> None:
        self._front = front

    @property
    def exchange(self) -> Exchange:
        return self._front.exchange

    def market(self, wanted: Mapping[str, Any]) -> Market:
        """The market of `instrument_name`, which must be given. Raises: Refused."""
        name = str(wanted.get("instrument_name") or "")
        if not name:
            raise Refused(Reason.BAD_PARAMETER, "instrument_name")
        return self.exchange.market(name)

    def markets(self, wanted: Mapping[str, Any]) -> list[Market]:
        """The markets of one that is named, or of a currency and a kind, or all that are not gone."""
        if wanted.get("instrument_name"):
            return [self.market(wanted)]
        currency, kind = wanted.get("currency") or "any", wanted.get("kind") or "any"
        return [
            market
            for market in self.exchange.markets.values()
            if market.status is not Status.DELISTED
            and currency in {"any", market.paid_in}
            and kind in {"any", KINDS[market.kind]}
        ]


def parameters(asked: Asked) -> dict[str, Any]:
    """Those of the query, or of the call in the body."""
    if asked.method == "GET":
        return dict(asked.query)
    found = asked.json.get("params", {})
    if not isinstance(found, dict):
        raise Refused(Reason.BAD_PARAMETER, "params")
    return found


def page[T](rows: list[T], wanted: Mapping[str, Any], default: int) -> list[T]:
    """`count` rows from `offset` on, 1,000 at most."""
    first = whole(wanted, "offset", 0)
    return rows[first : first + min(whole(wanted, "count", default), 1000)]


def number(value: Decimal | None) -> float | str | None:
    """An amount as JSON has it here: a number. What is no finite number stays what it is, as text or null."""
    if value is None or not value.is_finite():
        return plain(value)
    return float(plain(value) or 0)
