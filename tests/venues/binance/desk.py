"""What the desks of Binance share: parameters, symbols, windows of time, and numbers as they are written."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from tests.venues.core.market import Kind, Market
from tests.venues.core.refusals import Reason, Refused
from tests.venues.spoken import Spoken
from tests.venues.texts import nanoseconds, on_grid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.venues.binance.front import Binance
    from tests.venues.core.exchange import Exchange
    from tests.venues.front import Asked

_EIGHT = Decimal("1e-8")


class Desk:
    """A group of paths."""

    def __init__(self, front: Binance) -> None:
        self._front = front

    @property
    def exchange(self) -> Exchange:
        return self._front.exchange

    def market(self, parameters: Mapping[str, str]) -> Market:
        """The market of a symbol, which must be given. Raises: Refused."""
        return self.exchange.market(mandatory(parameters, "symbol"), self._front.kind)

    def markets(self, parameters: Mapping[str, str]) -> list[Market]:
        """The market of a symbol, or all without one."""
        if parameters.get("symbol"):
            return [self.market(parameters)]
        return [market for market in self.exchange.markets.values() if market.kind is self._front.kind]

    def window[T](
        self, rows: Sequence[T], at: Callable[[T], int], parameters: Mapping[str, str], default: int, most: int
    ) -> list[T]:
        """The rows of a window of time, both ends with it. With a start the oldest that fit, otherwise the newest.

        `rows` come oldest first and stay so. Raises: Refused for a limit that makes no sense; of one too large spot
        gives as much as it gives.
        """
        limit = whole(parameters, "limit", default)
        if limit < 1 or (limit > most and self._front.kind is not Kind.SPOT):
            raise Refused(Reason.BAD_PARAMETER, "limit")
        start, end = moment(parameters, "startTime"), moment(parameters, "endTime")
        found = [row for row in rows if (start is None or start <= at(row)) and (end is None or at(row) <= end)]
        limit = min(limit, most)
        return found[:limit] if start is not None else found[-limit:]


def parameters_of(asked: Asked) -> dict[str, str]:
    """The parameters, of which Binance takes some from the query and some from the body."""
    return asked.query | dict(parse_qsl(asked.body, keep_blank_values=True))


def mandatory(parameters: Mapping[str, str], name: str) -> str:
    """A parameter that must be given. Raises: Refused."""
    text = parameters.get(name, "")
    if not text:
        says = f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
        raise Spoken(Reason.BAD_PARAMETER, -1102, says)
    return text


def number(parameters: Mapping[str, str], name: str) -> Decimal | None:
    """A parameter's amount; None where it is absent or empty. Raises: Refused."""
    text = parameters.get(name, "")
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation as wrong:
        raise Spoken(Reason.BAD_PARAMETER, -1100, f"Illegal characters found in parameter '{name}'.") from wrong


def needed(parameters: Mapping[str, str], name: str) -> Decimal:
    """A parameter's amount, which must be given. Raises: Refused."""
    mandatory(parameters, name)
    found = number(parameters, name)
    assert found is not None
    return found


def whole(parameters: Mapping[str, str], name: str, default: int) -> int:
    """A parameter's whole number. Raises: Refused."""
    text = parameters.get(name, "") or str(default)
    if not text.isdigit():
        raise Spoken(Reason.BAD_PARAMETER, -1100, f"Illegal characters found in parameter '{name}'.")
    return int(text)


def moment(parameters: Mapping[str, str], name: str) -> int | None:
    """A parameter's time, in ns."""
    return nanoseconds(whole(parameters, name, 0)) if parameters.get(name) else None


def flag(parameters: Mapping[str, str], name: str) -> bool:
    """A parameter's yes or no, in any case of letters."""
    return parameters.get(name, "").lower() == "true"


def one_of[T](parameters: Mapping[str, str], name: str, meanings: Mapping[str, T]) -> T:
    """What a parameter's word means. Raises: Refused."""
    value = mandatory(parameters, name)
    if value not in meanings:
        raise Refused(Reason.BAD_PARAMETER, name)
    return meanings[value]


def price_of(market: Market, value: Decimal | None) -> Any:
    """A price as it is written: spot gives eight places, futures those of the tick. None stays absent."""
    return _written(market, value, market.tick)


def size_of(market: Market, value: Decimal | None) -> Any:
    """A quantity as it is written, likewise."""
    return _written(market, value, market.lot)


def eight(value: Decimal) -> str:
    """An amount with eight places."""
    return f"{value.quantize(_EIGHT):f}"


def _written(market: Market, value: Decimal | None, step: Decimal) -> str | None:
    if value is None:
        return None
    return eight(value) if market.kind is Kind.SPOT else on_grid(value, step)
