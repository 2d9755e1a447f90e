"""The venues that the variants of one process trade on: each connected to once, whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.errors import UsageError
from trader_cli.registry import broker_class
from trader_cli.variant.sections import Mode

if TYPE_CHECKING:
    from trader_cli.brokers.base import Access
    from trader_cli.feeds.sharing import SharedMarket
    from trader_cli.ports import Clock
    from trader_cli.variant.model import Variant


def demand_paper(variant: Variant) -> None:
    """That a variant can trade simulated money on its venue's own bars.

    Raises: UsageError saying why it cannot, and what can be done instead.
    """
    from trader_cli.domain.instrument import AssetClass

    cell = variant.variants
    instead = "replay history, e.g. --replay samples"
    if cell.mode not in (Mode.PAPER, Mode.BACKTEST):
        raise UsageError(f"'{variant.name}' has mode {cell.mode}, and no order is sent to a venue yet: {instead}")
    if broker_class(cell.broker) is None:
        raise UsageError(f"'{variant.name}' cannot trade on {cell.broker}'s own market data yet: {instead}")
    if cell.asset_class is AssetClass.FUTURES:
        raise UsageError(f"'{variant.name}' trades futures, whose funding no venue tells yet: {instead}")


class Venues:
    """Opens what is asked for and closes it in the end."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, Access], tuple[SharedMarket, Clock | None]] = {}

    def market(self, variant: Variant) -> tuple[SharedMarket, Clock]:
        """A variant's market data, shared with whoever trades there too, and the venue's time.

        Raises: UsageError, ConfigError.
        """
        from trader_cli.feeds.sharing import SharedMarket
        from trader_cli.feeds.wall import WallClock

        demand_paper(variant)
        name, access = variant.variants.broker, access_of(variant)
        if (name, access) not in self._open:
            found = broker_class(name)
            assert found is not None  # noqa: S101 - it was demanded
            broker = found(access)
            self._open[name, access] = SharedMarket(broker, broker.clock or WallClock(), access.hours), broker.clock
        market, clock = self._open[name, access]
        return market, clock or WallClock()  # each its own: what one notices is told once

    async def close(self) -> None:
        """Lets go of every connection."""
        for market, _ in self._open.values():
            await market.close()
        self._open.clear()


def access_of(variant: Variant) -> Access:
    """How a variant's venue is reached."""
    from trader_cli.brokers.base import Access

    reached = variant.broker_config
    return Access(
        asset_class=variant.variants.asset_class,
        hours=variant.hours,
        test_mode=reached.test_mode,
        endpoint=reached.endpoint,
        data_endpoint=reached.data_endpoint,
    )
