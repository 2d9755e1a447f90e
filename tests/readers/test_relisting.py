"""A symbol that a kept listing lacks may have been listed since: the venue is asked again, and not all the time."""

from __future__ import annotations

import asyncio
import json
import os
from time import time
from typing import TYPE_CHECKING

import pytest

from tests.readers.cases import CASES
from tests.readers.reading import access_to, reading
from tests.venues.mischief.acts import Drop
from trader_cli.app.venues import Venues
from trader_cli.brokers.shelf import ASKED_SECONDS
from trader_cli.domain.timeframe import Timeframe
from trader_cli.errors import ConfigError
from trader_cli.registry import broker_class
from trader_cli.settings import home
from trader_cli.variant.loading import load_mapping

if TYPE_CHECKING:
    from pathlib import Path

    from tests.readers.cases import Case
    from tests.readers.reading import AtVenue
    from trader_cli.variant.model import Variant

LISTING = [case for case in CASES if case.broker != "alpaca"]  # which tells no listing
NEVER = "NEVERLISTED"
listing_cases = pytest.mark.parametrize("listing_case", LISTING, ids=str)


def started(at: AtVenue, *symbols: str) -> tuple[list[str], int]:
    """Which of the symbols the next process finds, and how many requests that took."""
    broker, before = broker_class(at.case.broker)(access_to(at.case, at.venue.url)), len(at.venue.ledger.entries)

    async def run() -> list[str]:
        try:
            listing = await broker.listing_of(symbols)
            assert listing is not None
            return [symbol for symbol in symbols if listing.has(symbol)]
        finally:
            await broker.close()

    return asyncio.run(run()), len(at.venue.ledger.entries) - before


def shelf() -> Path:
    (file,) = (home() / "markets").glob("*.json")
    return file


def asked_ago(seconds: float) -> None:
    """The venue was last asked so long ago."""
    then = time() - seconds
    os.utime(shelf(), (then, then))


def emptied() -> None:
    """What was kept is from before anything was listed."""
    shelf().write_text(json.dumps(json.loads(shelf().read_text()) | {"markets": []}))


@listing_cases
def test_what_was_listed_since_is_found_without_waiting_for_the_day_to_end(listing_case: Case) -> None:
    symbol = listing_case.symbol
    with reading(listing_case) as at:
        started(at, symbol)
        emptied()
        asked_ago(ASKED_SECONDS - 30)
        assert started(at, symbol) == ([], 0)
        asked_ago(ASKED_SECONDS + 1)
        found, requests = started(at, symbol)
        assert found == [symbol]
        assert requests > 0
        assert started(at, symbol) == ([symbol], 0)


@listing_cases
def test_the_bars_of_what_was_listed_since_can_be_had(listing_case: Case) -> None:
    with reading(listing_case) as at:
        started(at, listing_case.symbol)
        emptied()
        asked_ago(ASKED_SECONDS + 1)
        bars = asyncio.run(_bars(at))
    assert bars > 0


async def _bars(at: AtVenue) -> int:
    try:
        await at.broker.open()
        return len(await at.broker.bars(at.case.symbol, Timeframe.M1, 3))
    finally:
        await at.broker.close()


@listing_cases
def test_a_mistyped_symbol_asks_once_in_a_while_and_is_refused(listing_case: Case) -> None:
    with reading(listing_case) as at:
        assert started(at, NEVER)[0] == []
        assert started(at, NEVER) == ([], 0)  # the listing is new
        asked_ago(ASKED_SECONDS + 1)
        assert started(at, NEVER)[1] > 0
        assert started(at, NEVER) == ([], 0)
        listing = asyncio.run(at.broker.listing())
        assert listing is not None
        with pytest.raises(ConfigError, match=NEVER):
            listing.find(NEVER)


@listing_cases
def test_a_venue_that_is_away_leaves_what_was_kept_and_is_not_asked_at_every_start(listing_case: Case) -> None:
    symbol = listing_case.symbol
    with reading(listing_case) as at:
        started(at, symbol)
        asked_ago(ASKED_SECONDS + 1)
        at.venue.mischief.always(Drop())
        found, requests = started(at, symbol, NEVER)
        assert found == [symbol]
        assert requests > 0
        assert started(at, symbol, NEVER) == ([symbol], 0)


@listing_cases
def test_a_second_variant_finds_what_was_listed_after_the_first_had_begun(listing_case: Case) -> None:
    with reading(listing_case) as at:
        started(at, listing_case.symbol)
        emptied()
        venues, variants = Venues(), [variant(at, symbol) for symbol in (NEVER, listing_case.symbol)]
        with pytest.raises(ConfigError, match=NEVER):
            venues.instruments(variants[0])
        asked_ago(ASKED_SECONDS + 1)
        (found,) = venues.instruments(variants[1]) or ()
    assert found.symbol == listing_case.symbol


def variant(at: AtVenue, symbol: str) -> Variant:
    """A paper variant of one symbol at the simulated venue."""
    case = at.case
    cell = {"broker": case.broker, "strategy": "rsi", "mode": "paper", "asset_class": str(case.asset_class)}
    table = {
        "variants": cell,
        "broker_config": {"endpoint": at.venue.url},
        "trading_symbols": {str(case.asset_class): [symbol]},
    }
    return load_mapping(table, environment={}).variant
