"""A ccxt client that can be trusted with reading: pointed where we say, within our budget, deaf to garbage.

It is made without keys: what is public is asked for as anybody would ask (law S7).
"""

from __future__ import annotations

import logging
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from trader_cli.brokers.ccxt_loading import exchange_class
from trader_cli.brokers.reading import dated, retry_after
from trader_cli.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from ssl import SSLContext

    from trader_cli.brokers.rates import Budget

    type Client = Any  # ccxt.async_support.Exchange: its types do not survive a lazy import

TIMEOUT_MS = 10_000
BARRED = {403: 600.0, 418: 120.0, 429: 5.0}
"""Seconds to stay away after such a status where the venue does not say how long; 403: bybit's ban of an address."""

BINANCE = {
    "/api/": "https://api.binance.com/",
    "/sapi/": "https://api.binance.com/",
    "/fapi/": "https://fapi.binance.com/",
}
"""Whose errors are meant on other hosts, by the beginning of a path."""


def client(
    name: str,
    *,
    budget: Callable[[Client], Budget],
    now: Callable[[], float],
    options: Mapping[str, Any],
    base: str | None = None,
    test: str | None = None,
) -> Client:
    """A client of one exchange.

    `now` is the venue's time (s since 1970), `base` another base URL, `test` the method of ccxt's that goes to the
    venue's test endpoints.
    """
    made: type[Client] = type(name, (_Reading, exchange_class(name)), {})
    exchange = made({"enableRateLimit": True, "timeout": TIMEOUT_MS, "options": dict(options)})
    logging.getLogger("ccxt").setLevel(logging.INFO)  # at DEBUG it writes keys and signatures
    exchange.has = exchange.has | {"fetchCurrencies": False}  # takes keys, and tells nothing that is asked here
    if test is not None:
        getattr(exchange, test)(True)
    if base is not None:
        exchange.urls["api"] = rebased(exchange.urls["api"], base)
    exchange.ssl_context = _trusting(exchange.cafile)
    exchange.trader_budget, exchange.trader_now = budget(exchange), now
    return exchange


@cache
def _trusting(authorities: str) -> SSLContext:
    """What all clients go by who trust the same authorities (a file): reading those takes longer than a request."""
    from ssl import create_default_context

    return create_default_context(cafile=authorities)


def rebased(urls: Any, base: str) -> Any:
    """The same addresses on another host, paths kept; those of streams stay where they are: nothing is streamed.

    >>> rebased({"public": "https://api.venue.com/api/v3", "nested": {"v2": "https://{hostname}"}}, "http://[::1]:80/")
    {'public': 'http://[::1]:80/api/v3', 'nested': {'v2': 'http://[::1]:80'}}
    """
    if isinstance(urls, dict):
        return {name: rebased(url, base) for name, url in urls.items()}
    return re.sub(r"^https?://[^/]+", base.rstrip("/"), urls) if isinstance(urls, str) else urls


class _Reading:
    """What a client of ccxt's does otherwise here. Mixed in before the exchange's own class."""

    trader_budget: Budget
    trader_now: Callable[[], float]
    trader_dated: float | None = None
    _trader_status = 0

    async def throttle(self, cost: float | None = None) -> None:
        """Waits for its share of what the venue allows this machine."""
        await self.trader_budget.take(cost or 1.0)

    def milliseconds(self) -> int:
        """The venue's time: by it the client tells what is recent."""
        return int(self.trader_now() * 1000)

    def seconds(self) -> int:
        """The same in seconds."""
        return int(self.trader_now())

    def on_rest_response(
        self, code: int, reason: str, url: str, method: str, headers: Mapping[str, str], body: str, *request: Any
    ) -> str:
        """Stays away for as long as the venue says, and notes the date of its answer."""
        self._trader_status = code
        told = {name.lower(): value for name, value in headers.items()}
        self.trader_dated = dated(told.get("date"))
        wait = retry_after(told.get("retry-after"))
        if code in BARRED or (wait is not None and code >= 400):
            self.trader_budget.bar(wait or BARRED.get(code, 5.0))
        return body.strip()

    def parse_json(self, body: str) -> Any:
        """What a venue said. ccxt takes a success that says nothing for an empty answer; here it is none.

        Raises: Unavailable.
        """
        said = getattr(super(), "parse_json")(body)  # noqa: B009 - the exchange's own, which no type knows
        if self._trader_status < 400 and not isinstance(said, dict | list):
            raise Unavailable(f"it answered {_kind(body)} where JSON was due")
        return said

    def get_exceptions_by_url(self, url: str, kind: str) -> dict[str, Any]:
        """Binance's table of errors, which its client looks up by its own hosts alone: here by the path."""
        path = re.sub(r"^https?://[^/]+", "", url)
        home = next((host for prefix, host in BINANCE.items() if path.startswith(prefix)), None)
        table: dict[str, Any] = getattr(super(), "get_exceptions_by_url")(home or url, kind)  # noqa: B009 - likewise
        return table


def _kind(body: str) -> str:
    if not body:
        return "nothing"
    return "a web page" if body.lstrip().startswith("<") else f"{body[:30]!r}"
