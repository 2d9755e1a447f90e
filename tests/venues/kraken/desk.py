"""What the desks of Kraken share: the exchange behind them, and the names that Kraken gives to assets and pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from tests.venues.core.market import Market, Status
from tests.venues.core.refusals import Reason, Refused

if TYPE_CHECKING:
    from tests.venues.core.exchange import Exchange
    from tests.venues.front import Asked, FrontEnd

OLD_NAMES = {"BTC": ("XXBT", "XBT"), "ETH": ("XETH", "ETH"), "USD": ("ZUSD", "USD"), "EUR": ("ZEUR", "EUR")}
"""The id and the other name of an asset, where they differ from how all others call it."""


class Desk:
    """A group of paths."""

    def __init__(self, front: FrontEnd) -> None:
        self._front = front

    @property
    def exchange(self) -> Exchange:
        return self._front.exchange

    def listed(self) -> list[Market]:
        """All pairs that are not gone."""
        return [market for market in self.exchange.markets.values() if market.status is not Status.DELISTED]

    def market(self, name: str) -> Market:
        """The market of any of a pair's three names. Raises: Refused."""
        for market in self.listed():
            if name in {pair_id(market), market.symbol, socket_name(market)}:
                return market
        raise Refused(Reason.UNKNOWN_SYMBOL, name)


def form(asked: Asked) -> dict[str, str]:
    """The fields of a private request, which come as a form or as JSON."""
    if asked.headers.get("content-type", "").startswith("application/json"):
        return {name: str(value) for name, value in asked.json.items()}
    return dict(parse_qsl(asked.body, keep_blank_values=True))


def asset_id(asset: str) -> str:
    """XXBT for bitcoin."""
    return OLD_NAMES.get(asset, (asset, asset))[0]


def other_name(asset: str) -> str:
    """XBT for bitcoin."""
    return OLD_NAMES.get(asset, (asset, asset))[1]


def pair_id(market: Market) -> str:
    """XXBTZUSD; a pair with a newer asset has the other names of both, as XBTUSDT."""
    both = (market.base, market.quote)
    return "".join(asset_id(asset) if all(one in OLD_NAMES for one in both) else other_name(asset) for asset in both)


def socket_name(market: Market) -> str:
    return f"{other_name(market.base)}/{other_name(market.quote)}"
