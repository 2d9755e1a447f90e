"""The venues that the variants of one process trade on: each connected to once, whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.domain.instrument import AssetClass
from trader_cli.errors import ConfigError, UsageError
from trader_cli.registry import broker_class
from trader_cli.variant.sections import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from typing import Any

    from trader_cli.brokers.base import Access, Broker, Key
    from trader_cli.brokers.listing import Listing
    from trader_cli.domain.instrument import Instrument
    from trader_cli.feeds.sharing import SharedMarket
    from trader_cli.ports import Clock
    from trader_cli.variant.model import Variant


def demand_paper(variant: Variant) -> None:
    """That a variant trades simulated money, and everything that costs it is known.

    Raises: UsageError saying what can be done instead, ConfigError.
    """
    cell = variant.variants
    mode = cell.mode
    if mode not in (Mode.PAPER, Mode.BACKTEST):
        raise UsageError(
            f"'{variant.name}' has mode {mode}, and no order is sent to a venue yet: "
            "trade simulated money with `trader paper`, or replay history, e.g. --replay samples"
        )
    shown = broker_class(cell.broker).capabilities(cell.asset_class)
    is_told = shown is not None and shown.has_funding
    if cell.asset_class is AssetClass.FUTURES and variant.costs.funding_rate is None and not is_told:
        raise ConfigError(f"{cell.broker} tells no funding rates: set one", key="costs.funding_rate")


class Venues:
    """Opens what is asked for and closes it in the end."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, Access], tuple[SharedMarket, Broker]] = {}
        self._listings: dict[tuple[str, Access], Listing | None] = {}

    def market(self, variant: Variant) -> tuple[SharedMarket, Clock]:
        """A variant's market data, shared with whoever trades there too, and the venue's time.

        Raises: UsageError, ConfigError.
        """
        from trader_cli.feeds.sharing import SharedMarket

        demand_paper(variant)
        name, access = variant.variants.broker, access_of(variant)
        if (name, access) not in self._open:
            broker = broker_class(name)(access)
            self._open[name, access] = SharedMarket(broker, clock_of(broker), access.hours), broker
        market, broker = self._open[name, access]
        return market, clock_of(broker)  # each its own: what one notices is told once

    def instruments(self, variant: Variant) -> tuple[Instrument, ...] | None:
        """What the venue says of a variant's symbols, in their order; None where it tells nobody.

        Raises: ConfigError for a symbol that it does not list; Unavailable, DataError.
        """
        name, access = variant.variants.broker, access_of(variant)
        listing = self._listings.get((name, access))
        if (name, access) not in self._listings or not (listing is None or all(map(listing.has, variant.symbols))):
            listing = _at_once(lambda: _listing(broker_class(name)(access), variant.symbols))
            self._listings[name, access] = listing
        if listing is None:
            return None
        return tuple(listing.find(symbol).called(symbol) for symbol in variant.symbols)

    async def close(self) -> None:
        """Lets go of every connection."""
        for market, _ in self._open.values():
            await market.close()
        self._open.clear()


def access_of(variant: Variant) -> Access:
    """How a variant's venue is reached."""
    from trader_cli.brokers.base import Access

    reached, cell = variant.broker_config, variant.variants
    return Access(
        asset_class=cell.asset_class,
        hours=variant.hours,
        test_mode=reached.test_mode,
        endpoint=reached.endpoint,
        data_endpoint=reached.data_endpoint,
        key=_key(variant),
    )


def _key(variant: Variant) -> Key | None:
    """What market data takes, where it takes anything and it is set."""
    from trader_cli.brokers.base import Key
    from trader_cli.variant.credentials import looked_up

    shown = broker_class(variant.variants.broker).capabilities(variant.variants.asset_class)
    if shown is None or not shown.needs_key:
        return None
    key, secret, _ = looked_up(variant.broker_config.credentials)
    return Key(key, secret) if key and secret else None


def clock_of(broker: Broker) -> Clock:
    """A venue's time."""
    from trader_cli.feeds.wall import VenueClock

    return broker.clock or VenueClock(lambda: broker.ahead)


async def _listing(broker: Broker, symbols: Iterable[str]) -> Listing | None:
    try:
        return await broker.listing_of(symbols)
    finally:
        await broker.close()


def _at_once[T](question: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """The answer to a question, on a loop and thread of its own: whoever asks may be on a loop already.

    Nothing waits for the thread when whoever asks is stopped.
    """
    import asyncio
    from concurrent.futures import Future
    from threading import Thread

    answer: Future[T] = Future()

    def ask() -> None:
        try:
            answer.set_result(asyncio.run(question()))
        except BaseException as error:  # noqa: BLE001 - told to whoever asked
            answer.set_exception(error)

    Thread(target=ask, name="listing", daemon=True).start()
    return answer.result()
