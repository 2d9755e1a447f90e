"""The real clients, pointed at a venue on this machine."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.texts import milliseconds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

    from tests.venues.server import Venue


@asynccontextmanager
async def ccxt_client(venue: Venue, name: str, **settings: Any) -> AsyncIterator[Any]:
    """ccxt's client of this name, with all its addresses at the venue, on the venue's time. `settings` are ccxt's."""
    import ccxt.async_support

    client = getattr(ccxt.async_support, name)({"enableRateLimit": False, **settings})
    client.urls["api"] = _rebased(client.urls["api"], venue.url)
    client.milliseconds = lambda: milliseconds(venue.exchange.clock.now())
    client.seconds = lambda: client.milliseconds() // 1000
    try:
        yield client
    finally:
        await client.close()


class Asking:
    """What ccxt makes of a venue's answers: each question has a client of its own, which knows the markets.

    `settings` are ccxt's; `prepared` does to a client what a test of this venue needs.
    """

    def __init__(self, name: str, settings: Mapping[str, Any], prepared: Callable[[Any], None] | None = None) -> None:
        self._name, self._settings, self._prepared = name, settings, prepared

    def __call__(self, venue: Venue, question: Callable[[Any], Awaitable[Any]], **settings: Any) -> Any:
        """The answer to a question, of a client with further `settings`."""

        async def run() -> Any:
            async with ccxt_client(venue, self._name, **{**self._settings, **settings}) as client:
                if self._prepared is not None:
                    self._prepared(client)
                await client.load_markets()
                return await question(client)

        return asyncio.run(run())

    def refused(self, venue: Venue, question: Callable[[Any], Awaitable[Any]], **settings: Any) -> Exception:
        """The error that ccxt raises instead of an answer."""
        from ccxt.base.errors import BaseError

        with pytest.raises(BaseError) as caught:
            self(venue, question, **settings)
        said: Exception = caught.value
        return said


@contextmanager
def alpaca_clients(venue: Venue, key: str = "a-key", secret: str = "a-secret") -> Iterator[Any]:  # noqa: S107 - made up
    """alpaca-py's clients as they come: `trading`, `stocks` and `crypto`."""
    from alpaca.data.historical import CryptoHistoricalDataClient, StockHistoricalDataClient
    from alpaca.trading.client import TradingClient

    clients = SimpleNamespace(
        trading=TradingClient(key, secret, paper=True, url_override=venue.url),
        stocks=StockHistoricalDataClient(key, secret, url_override=venue.url),
        crypto=CryptoHistoricalDataClient(key, secret, url_override=venue.url),
    )
    try:
        yield clients
    finally:
        for client in vars(clients).values():
            client._session.close()


def _rebased(urls: Any, base: str) -> Any:
    """The addresses with another scheme and host, and the path that they had."""
    if isinstance(urls, dict):
        return {name: _rebased(url, base) for name, url in urls.items()}
    return base + re.sub(r"^https?://[^/]+", "", urls) if isinstance(urls, str) else urls


def knows_binance_elsewhere(client: Any) -> None:
    """Gives ccxt's Binance its tables of errors back, which it looks up by the host that is asked."""

    def by_path(url: str, kind: str) -> Any:
        part = "linear" if "/fapi/" in url else "spot"
        return client.exceptions[part].get(kind, {})

    client.get_exceptions_by_url = by_path
