"""What the desks of Kraken Futures share: the exchange behind them, markets, parameters and times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from tests.venues.core.clock import SECOND
from tests.venues.core.market import Kind, Market, Status
from tests.venues.texts import plain

if TYPE_CHECKING:
    from decimal import Decimal

    from tests.venues.core.exchange import Exchange
    from tests.venues.front import Asked, FrontEnd

OLD_NAMES = {"BTC": "XBT"}
"""What Kraken calls an asset in its symbols and wallets, where it differs."""


class Desk:
    """A group of paths."""

    def __init__(self, front: FrontEnd) -> None:
        self._front = front

    @property
    def exchange(self) -> Exchange:
        return self._front.exchange

    def listed(self) -> list[Market]:
        """The contracts that are not gone; an inverse one has another wallet, which is not simulated."""
        markets = self.exchange.markets.values()
        return [market for market in markets if market.kind is Kind.LINEAR and market.status is not Status.DELISTED]

    def market(self, symbol: str) -> Market:
        """In whatever letters. Raises: Refused."""
        listed = {market.symbol.upper() for market in self.listed()}
        return self.exchange.market(symbol.upper() if symbol.upper() in listed else "", Kind.LINEAR)


def parameters(asked: Asked) -> dict[str, str]:
    """The fields of the query and of the form in the body; of a field that comes twice the first."""
    return {name: values[0] for name, values in _fields(asked).items()}


def parameter_list(asked: Asked, name: str) -> list[str]:
    """All that a field is given."""
    return _fields(asked).get(name, [])


def _fields(asked: Asked) -> dict[str, list[str]]:
    return {**parse_qs(asked.raw_query), **parse_qs(asked.body)}


def number(value: Decimal) -> float:
    """An amount as JSON has it here: a number."""
    return float(plain(value) or 0)


def iso(nanoseconds: int) -> str:
    """2026-03-02T00:00:00.000Z"""
    whole = datetime.fromtimestamp(nanoseconds // SECOND, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{nanoseconds % SECOND // 1_000_000:03d}Z"


def with_time(json: dict[str, Any], now: int) -> dict[str, Any]:
    return {**json, "serverTime": iso(now)}
