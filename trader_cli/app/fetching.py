"""What variants trade on, fetched into a data folder: which series, and what became of each."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trader_cli.app.answering import answering
from trader_cli.app.histories import History, Sought
from trader_cli.app.paging import ANSWER_SECONDS
from trader_cli.app.venues import access_of
from trader_cli.data.catalog import venue_folder
from trader_cli.domain.symbols import matching_keys, symbol_key
from trader_cli.errors import ConfigError, TraderError, Unavailable, UsageError
from trader_cli.registry import broker_class

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from trader_cli.app.markets import Span
    from trader_cli.app.series import Fetched, Watcher
    from trader_cli.brokers.base import Access, Capabilities
    from trader_cli.brokers.listing import Listing
    from trader_cli.domain.timeframe import Timeframe
    from trader_cli.variant.model import Variant

    type Wanted = Mapping[tuple[str, Timeframe], None]

AT_ONCE = 4
"""So many symbols of a venue are fetched side by side; all keep within what the venue allows."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a symbol: the series that are whole, and what went wrong with the next."""

    series: tuple[Fetched, ...] = ()
    error: TraderError | None = None


async def fetch(variants: Sequence[Variant], folder: Path, span: Span, watcher: Watcher) -> list[Outcome]:
    """Fetches what these variants trade on, each series once; what fails leaves the others alone."""
    wanted: dict[tuple[str, Access], dict[tuple[str, Timeframe], None]] = {}
    for variant in variants:
        those = wanted.setdefault((variant.variants.broker, access_of(variant)), {})
        those.update(dict.fromkeys((symbol, variant.timeframe) for symbol in variant.symbols))
    asked = [_of_venue(name, access, those, folder, span, watcher) for (name, access), those in wanted.items()]
    return [outcome for outcomes in await asyncio.gather(*asked) for outcome in outcomes]


async def _of_venue(
    name: str, access: Access, wanted: Wanted, folder: Path, span: Span, watcher: Watcher
) -> list[Outcome]:
    try:
        broker = broker_class(name)(access)
        shown = broker.capabilities(access.asset_class)
        if shown is None:
            raise UsageError(f"{name} does not say which history it has")
        venue = folder / venue_folder(name, access.asset_class, is_test=access.test_mode)
        try:
            async with answering(name, ANSWER_SECONDS):
                await broker.open()
                listing = await broker.listing_of(symbol for symbol, _ in wanted)
            lost, found = _told_apart(wanted, shown, listing)
            history, slots = History(broker, shown, venue, span, watcher), asyncio.Semaphore(AT_ONCE)
            return [*lost, *await asyncio.gather(*(_apart(history, each, slots) for each in found))]
        finally:
            await broker.close()
    except TraderError as error:
        return [Outcome(error=error)]


def _told_apart(wanted: Wanted, shown: Capabilities, listing: Listing | None) -> tuple[list[Outcome], list[Sought]]:
    """What the venue does not list, and the rest, each once however it is spelled."""
    lost: list[Outcome] = []
    found: dict[tuple[str, Timeframe], Sought] = {}
    for symbol, meant in wanted:
        try:
            own = shown.native(meant)
            name = symbol if listing is None else listing.find(symbol).symbol
        except (ConfigError, UsageError) as error:
            lost.append(Outcome(error=error))
            continue
        filed = name if symbol_key(name) in matching_keys(symbol) else symbol  # by which a backtest finds it
        found.setdefault((symbol_key(filed), own), Sought(symbol, filed, meant, own))
    return lost, list(found.values())


async def _apart(history: History, sought: Sought, slots: asyncio.Semaphore) -> Outcome:
    """All series of a symbol, one after the other; what goes wrong is told in the outcome."""
    done: list[Fetched] = []
    async with slots:
        try:
            async for series in history.of(sought):
                done.append(series)  # noqa: PERF401 - what is whole before something goes wrong stays
        except TraderError as error:
            return Outcome(tuple(done), error)
        except BrokenPipeError:
            raise
        except OSError as error:
            where = str(error.filename) if error.filename else None
            return Outcome(tuple(done), Unavailable(error.strerror or str(error), file=where))
        except Exception as error:  # a bug in one symbol's way must not stop the others
            logging.getLogger(__name__).exception("fetching %s failed", sought.symbol)
            return Outcome(tuple(done), TraderError(f"{sought.symbol}: {type(error).__name__}: {error} (a bug)"))
    return Outcome(tuple(done))
