"""What a venue's part lists, as ccxt tells it, kept on a shelf; and what of it the client has been told."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from trader_cli.brokers.listing import Listing
from trader_cli.brokers.shelf import ASKED_SECONDS, FRESH_SECONDS, Shelf
from trader_cli.errors import DataError, Unavailable

if TYPE_CHECKING:
    from trader_cli.brokers.ccxt_connection import Connection
    from trader_cli.brokers.listing import Listed
    from trader_cli.brokers.shelf import Shelved


class Markets:
    """The markets of one part."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._shelf = Shelf(connection.file("markets", connection.venue, connection.access.asset_class))
        self._listing: Listing | None = None
        self._shown: dict[str, Listed] = {}

    async def listing(self) -> Listing:
        """All of them. Raises: Unavailable, DataError."""
        if self._listing is None:
            self._listing = self._listed(await self._shelved())
        return self._listing

    async def relisted(self) -> Listing:
        """The same, asked for again unless the venue was asked lately: it may list more by now.

        Raises: as `listing`.
        """
        kept = self._shelf.read()
        if kept is not None:  # else the venue has just been asked
            markets = await self._anew(kept) if self._may_ask(kept) else kept.markets
            self._listing = self._listed(markets)
        return await self.listing()

    async def of(self, symbol: str) -> Listed:
        """What a user's symbol is here. The client is told of it alone: it would take long over all of them.

        Raises: ConfigError where it is not listed; Unavailable, DataError.
        """
        if symbol not in self._shown:
            listing = await self.listing()
            listing = listing if listing.has(symbol) else await self.relisted()
            self._shown[symbol] = listing.find(symbol)
            self._connection.client().set_markets([dict(market.row) for market in self._shown.values()])
        return self._shown[symbol]

    def forget(self) -> None:
        """The client is another one: it knows of none."""
        self._shown.clear()

    def _listed(self, markets: tuple[Listed, ...]) -> Listing:
        return Listing(self._connection.venue, self._connection.access.asset_class, markets)

    async def _shelved(self) -> tuple[Listed, ...]:
        """The listing from the shelf while it is fresh, from the venue otherwise."""
        kept = self._shelf.read()
        return kept.markets if kept is not None and kept.age < FRESH_SECONDS else await self._anew(kept)

    def _may_ask(self, kept: Shelved) -> bool:
        """Whether nobody has asked lately; noted beforehand, so that a venue that is away is not asked all the time."""
        try:
            if kept.asked >= ASKED_SECONDS:
                self._shelf.ask()
                return True
        except OSError:  # what cannot be noted is not done
            pass
        return False

    async def _anew(self, kept: Shelved | None) -> tuple[Listed, ...]:
        """The listing from the venue, put on the shelf; what was kept where the venue is away."""
        try:
            markets = await self._fetched()
        except Unavailable:
            if kept is None:
                raise
            return kept.markets
        with suppress(OSError):  # then they are asked for again
            self._shelf.put(markets)
        return markets

    async def _fetched(self) -> tuple[Listed, ...]:
        from trader_cli.brokers.ccxt_markets import listed

        venue, part = self._connection.venue, self._connection.part
        asset_class = self._connection.access.asset_class
        told = await self._connection.read(lambda client: client.fetch_markets())
        found = [listed(market, asset_class, in_coins=part.in_coins) for market in told]
        markets = tuple(market for market in found if market is not None)
        if not markets:
            raise DataError(f"{venue}: it lists no market for {asset_class}")
        return markets
