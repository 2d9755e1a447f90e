"""A venue's part as ccxt asks it: one client, made for the first question, within what all on this machine may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trader_cli.brokers.rates import Budget, Rate
from trader_cli.settings import home

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from trader_cli.brokers.base import Access
    from trader_cli.brokers.ccxt_client import Client
    from trader_cli.brokers.ccxt_part import Part


class Connection:
    """`now` is the time at the venue, s since 1970."""

    def __init__(self, venue: str, part: Part, access: Access, now: Callable[[], float]) -> None:
        self.venue, self.part, self.access = venue, part, access
        self._now = now
        self._client: Client | None = None

    async def read(self, question: Callable[[Client], Awaitable[Any]]) -> Any:
        """The answer to a question. Raises: Unavailable, DataError, ConfigError."""
        from trader_cli.brokers.ccxt_errors import understood
        from trader_cli.brokers.reading import read

        return await read(self.venue, lambda: question(self.client()), understood)

    def client(self) -> Client:
        """The client that asks. Nothing is connected before its first question."""
        if self._client is None:
            from trader_cli.brokers.ccxt_client import client

            self._client = client(
                self.part.client,
                budget=self._budget,
                now=self._now,
                options=self.part.options,
                base=self.access.endpoint,
                test=self.part.test if self.access.test_mode else None,
            )
        return self._client

    async def close(self) -> None:
        """Lets go of the client; another one is made where something is asked again."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def file(self, kind: str, *names: str) -> Path:
        """Where something of this part, or of its client, is kept: apart from what is reached elsewhere by its name."""
        where = self.access.host or "test" * self.access.test_mode
        return home() / kind / f"{'-'.join([*names, *([where] if where else [])])}.json"

    def _budget(self, client: Client) -> Budget:
        """What the venue allows, in the client's own units of cost, shared by all that ask the same host."""
        per_second = 1000 / float(client.rateLimit)
        return Budget(self.file("rates", self.part.client), Rate(per_second, max(10.0, 2 * per_second)))
