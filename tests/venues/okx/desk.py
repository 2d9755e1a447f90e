"""What the desks of OKX share: parameters, instruments and pages."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from tests.venues.core.market import Kind, Market
from tests.venues.core.refusals import Reason, Refused
from tests.venues.spoken import Spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.venues.core.exchange import Exchange
    from tests.venues.okx.front import Okx

TYPES: dict[str, tuple[Kind, ...]] = {
    "SPOT": (Kind.SPOT,),
    "SWAP": (Kind.LINEAR, Kind.INVERSE),
    "MARGIN": (),
    "FUTURES": (),
    "OPTION": (),
}


class Desk:
    """A group of paths."""

    def __init__(self, front: Okx) -> None:
        self._front = front

    @property
    def exchange(self) -> Exchange:
        return self._front.exchange

    def market(self, parameters: Mapping[str, Any]) -> Market:
        """The market of an instrument, which must be given. Raises: Refused."""
        return self.exchange.market(mandatory(parameters, "instId"))

    def markets(self, parameters: Mapping[str, str]) -> list[Market]:
        """The markets of a type and of one instrument or several, or all. Raises: Refused."""
        wanted = parameters.get("instType", "")
        kinds = one_of(parameters, "instType", TYPES) if wanted else tuple(Kind)
        names = [name for name in parameters.get("instId", "").split(",") if name]
        found = [self.exchange.market(name) for name in names] if names else list(self.exchange.markets.values())
        return [market for market in found if market.kind in kinds]


def kind_name(market: Market) -> str:
    """OKX's word for a kind of instrument."""
    return "SWAP" if market.kind.is_contract else "SPOT"


def mandatory(parameters: Mapping[str, Any], name: str) -> str:
    """A parameter that must be given. Raises: Refused."""
    text = str(parameters.get(name, ""))
    if not text:
        raise Spoken(Reason.BAD_PARAMETER, 50014, f"Parameter {name} can not be empty.")
    return text


def number(parameters: Mapping[str, Any], name: str) -> Decimal | None:
    """A parameter's amount; None where it is absent or empty. Raises: Refused."""
    text = str(parameters.get(name, ""))
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation as wrong:
        raise wrong_parameter(name) from wrong


def needed(parameters: Mapping[str, Any], name: str) -> Decimal:
    """A parameter's amount, which must be given. Raises: Refused."""
    mandatory(parameters, name)
    found = number(parameters, name)
    assert found is not None
    return found


def whole(parameters: Mapping[str, Any], name: str, default: int) -> int:
    """A parameter's whole number. Raises: Refused."""
    text = str(parameters.get(name, "")) or str(default)
    if not text.isdigit():
        raise wrong_parameter(name)
    return int(text)


def one_of[T](parameters: Mapping[str, Any], name: str, meanings: Mapping[str, T]) -> T:
    """What a parameter's word means. Raises: Refused."""
    value = mandatory(parameters, name)
    if value not in meanings:
        raise wrong_parameter(name)
    return meanings[value]


def page[T](
    rows: Sequence[T], mark: Callable[[T], int], parameters: Mapping[str, str], default: int, most: int
) -> list[T]:
    """The newest rows between two marks, neither of which belongs to the page.

    `after` gives what is older than its mark, `before` what is newer, so `before` alone does not go on from there:
    it gives the newest of all. `rows` come newest first and stay so.
    """
    limit = min(max(whole(parameters, "limit", default), 1), most)
    after, before = whole(parameters, "after", 0), whole(parameters, "before", 0)
    return [row for row in rows if mark(row) > before and (not after or mark(row) < after)][:limit]


def wrong_parameter(name: str) -> Refused:
    return Spoken(Reason.BAD_PARAMETER, 51000, f"Parameter {name} error")


def not_simulated(what: str) -> Refused:
    return Spoken(Reason.BAD_PARAMETER, 51000, f"{what} is not simulated")
