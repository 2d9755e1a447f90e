"""Whether the venues that variants trade on can be reached, and show what is traded. Nothing private is asked."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trader_cli.app.answering import answering
from trader_cli.app.health import failed, warned, well
from trader_cli.app.venues import access_of, clock_of
from trader_cli.data.closing import bars_between, latest_open
from trader_cli.data.times import iso
from trader_cli.domain.clock import to_nanoseconds
from trader_cli.errors import ConfigError, DataError, TraderError, Unavailable
from trader_cli.feeds.answers import closed_part
from trader_cli.registry import broker_class
from trader_cli.variant.sections import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trader_cli.app.health import Finding
    from trader_cli.brokers.base import Access, Broker
    from trader_cli.brokers.listing import Listing
    from trader_cli.domain.timeframe import Timeframe
    from trader_cli.variant.model import Variant

DEADLINE = 10.0
"""Seconds in which a venue must have answered everything."""

SYMBOL_SECONDS = 8.0
"""Seconds in which its bars must be there: less, so that one symbol that hangs is not taken for the venue."""

OFFSET_SECONDS = 1.0
"""By how much this machine's clock may differ from the venue's."""

LATEST = 3
"""How many bars are looked at: one is in progress, one may be late."""


async def of_the_venues(variants: Sequence[Variant], *, is_named: bool) -> list[Finding]:
    """What is found at every venue these variants trade on, all asked at once.

    `is_named` is whether somebody asked about this very variant: then a key that its market data takes must be there.
    """
    groups: dict[tuple[str, Access], list[Variant]] = {}
    for variant in variants:
        groups.setdefault((variant.variants.broker, access_of(variant)), []).append(variant)
    asked = [_Venue(name, access, those).findings(is_named=is_named) for (name, access), those in groups.items()]
    return [finding for findings in await asyncio.gather(*asked) for finding in findings]


class _Venue:
    """One part of one venue, and the variants that trade there."""

    def __init__(self, name: str, access: Access, variants: Sequence[Variant]) -> None:
        self._name, self._access, self._variants = name, access, variants
        test = " test" if access.test_mode else ""
        self.title = f"{name} {access.asset_class}{test}"

    async def findings(self, *, is_named: bool) -> list[Finding]:
        """Everything found; one line alone where the venue cannot be reached."""
        found, is_open = self._credentials(is_named=is_named)
        if not is_open:
            return found
        broker: Broker | None = None
        try:
            broker = broker_class(self._name)(self._access)
            async with answering(self._name, DEADLINE):
                return [*found, *await self._looked_at(broker)]
        except TraderError as error:
            return [failed(self.title, error)]
        finally:
            if broker is not None:
                await broker.close()

    def _credentials(self, *, is_named: bool) -> tuple[list[Finding], bool]:
        """Which variables are set, by name; and whether the venue can be asked without those that are not."""
        check = f"{self.title} credentials"
        names = dict.fromkeys(name for variant in self._variants for name in _variables(variant))
        unset = [name for name in names if not os.environ.get(name)]
        shown = broker_class(self._name).capabilities(self._access.asset_class)
        is_needed = shown is not None and shown.needs_key
        if not unset:
            return [well(check, f"{', '.join(names)} set")], True
        said, remedy = f"{', '.join(unset)} not set", "set what broker_config.credentials names"
        if is_needed:
            lacking = ConfigError(f"{said}; market data takes a key")
            finding = failed(check, lacking, remedy) if is_named else warned(check, f"{said}: not asked", remedy)
            return [finding], False
        if any(variant.variants.mode in (Mode.LIVE, Mode.FUTURES) for variant in self._variants):
            return [warned(check, f"{said}; needed to trade", remedy)], True
        return [well(check, f"{said}; not needed: market data is public")], True

    async def _looked_at(self, broker: Broker) -> list[Finding]:
        """Raises: Unavailable, DataError where the venue as a whole cannot be asked."""
        await broker.open()
        wanted = dict.fromkeys((symbol, variant.timeframe) for variant in self._variants for symbol in variant.symbols)
        listing = await broker.listing_of(symbol for symbol, _ in wanted)
        lost = {symbol: error for symbol, _ in wanted if (error := _unlisted(listing, symbol)) is not None}
        known = [each for each in wanted if each[0] not in lost]
        ends = await asyncio.gather(*(self._end_of(broker, *each) for each in known))
        away = [end for end in ends if isinstance(end, Unavailable)]
        if away and len(away) == len(ends):
            raise away[0]
        found = [self._clock(broker)]
        if listing is not None:
            found += [failed(f"{self.title} {symbol}", error, "mend trading_symbols") for symbol, error in lost.items()]
            found += [well(f"{self.title} symbols", f"lists {', '.join(dict(known))}")] if known else []
        return [*found, *self._bars(dict(zip(known, ends, strict=True)), to_nanoseconds(clock_of(broker).now()))]

    def _clock(self, broker: Broker) -> Finding:
        """How far this machine's clock is from the venue's."""
        own = broker.clock
        ahead = broker.ahead if own is None else (own.now() - datetime.now(UTC)).total_seconds()
        check, said = f"{self.title} clock", f"the venue's is {abs(ahead):,.1f} s {'ahead' if ahead > 0 else 'behind'}"
        if abs(ahead) > OFFSET_SECONDS:
            return warned(check, said, "synchronize this machine's clock, e.g. `timedatectl set-ntp true`")
        return well(check, said)

    async def _end_of(self, broker: Broker, symbol: str, timeframe: Timeframe) -> int | TraderError:
        """When the latest bar of a symbol opened, ns since 1970 UTC, or what is wrong with it."""
        try:
            async with answering(self._name, SYMBOL_SECONDS):
                bars = await broker.bars(symbol, timeframe, LATEST)
            if not len(bars):
                return DataError("no bars")
            closed_part(bars, to_nanoseconds(clock_of(broker).now()))
        except TraderError as error:
            return error
        return int(bars.open_time[-1])

    def _bars(self, ends: Mapping[tuple[str, Timeframe], int | TraderError], now: int) -> list[Finding]:
        """Whether the latest bars are there that have closed: one line for all that are."""
        found, fresh = [], []
        for (symbol, timeframe), end in ends.items():
            check = f"{self.title} {symbol}"
            if isinstance(end, TraderError):
                found.append(failed(check, end))
                continue
            missing = bars_between(end, latest_open(now, timeframe, self._access.hours), timeframe, self._access.hours)
            if missing:
                said = f"the latest bar of {timeframe} is that of {iso(end)}, {missing:,} later ones have closed"
                found.append(warned(check, said, "is it traded now? nothing is decided on bars that are late"))
            else:
                fresh.append((symbol, timeframe))
        if fresh:
            lengths = ", ".join(dict.fromkeys(timeframe for _, timeframe in fresh))
            found.append(
                well(f"{self.title} bars", f"those of {lengths} are there to the last: {', '.join(dict(fresh))}")
            )
        return found


def _unlisted(listing: Listing | None, symbol: str) -> ConfigError | None:
    """Why a symbol is not to be found on a venue's list; None where it is, or there is no list."""
    try:
        if listing is not None:
            listing.find(symbol)
    except ConfigError as error:
        return error
    return None


def _variables(variant: Variant) -> Iterator[str]:
    """The names of the variables that a variant's credentials refer to."""
    named = variant.broker_config.credentials
    for reference in (named.api_key, named.api_secret, named.passphrase):
        if reference is not None:
            yield reference.removeprefix("${").removesuffix("}")
