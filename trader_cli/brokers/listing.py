"""What a venue lists, and which of it a user means by a name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any

from trader_cli.domain.symbols import inverse_coin, matching_keys, symbol_key
from trader_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trader_cli.domain.instrument import AssetClass, Instrument

_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Listed:
    """One market of a venue.

    `instrument.symbol` is the name by which its client knows it; `also` are further ones. `barred` says why it cannot
    be traded here; empty: it can. `row` is what the client must be told of it again, as JSON knows it.
    """

    instrument: Instrument
    also: tuple[str, ...]
    barred: str
    row: Mapping[str, Any]

    @property
    def symbol(self) -> str:
        """The name by which its client knows it."""
        return self.instrument.symbol

    def called(self, symbol: str) -> Instrument:
        """The instrument, under the name that a user gave it."""
        return replace(self.instrument, symbol=symbol)


class Listing:
    """The markets of one asset class of a venue."""

    def __init__(self, venue: str, asset_class: AssetClass, markets: Iterable[Listed]) -> None:
        self.venue, self.asset_class = venue, asset_class
        self.markets = tuple(markets)

    def has(self, symbol: str) -> bool:
        """Whether `find` finds it."""
        try:
            self.find(symbol)
        except ConfigError:
            return False
        return True

    def find(self, symbol: str) -> Listed:
        """The market that a user means, however it is spelled.

        Raises: ConfigError where there is none, several, or one that cannot be traded; with what may have been meant.
        """
        for key in matching_keys(symbol):
            found = self._by_key.get(key, ())
            open_ones = [market for market in found if not market.barred]
            if len(open_ones) == 1:
                return open_ones[0]
            if open_ones:
                exact = [market for market in open_ones if symbol in (market.symbol, *market.also)]
                if len(exact) == 1:
                    return exact[0]
                names = ", ".join(market.symbol for market in open_ones[:_SHOWN])
                raise self._refusal(f"'{symbol}' may be {names} on {self.venue}: name one of them")
            if found:
                raise self._refusal(f"'{symbol}' is {found[0].symbol} on {self.venue}, {found[0].barred}")
        if inverse_coin(symbol) is not None:
            raise self._refusal(f"'{symbol}' is an inverse contract; linear ones are traded{self._near(symbol)}")
        raise self._refusal(f"{self.venue} lists no '{symbol}'{self._near(symbol)}")

    @cached_property
    def _by_key(self) -> dict[str, list[Listed]]:
        found: dict[str, list[Listed]] = {}
        for market in self.markets:
            for key in dict.fromkeys(symbol_key(name) for name in (market.symbol, *market.also)):
                found.setdefault(key, []).append(market)
        return found

    def _near(self, symbol: str) -> str:
        """What somebody may have meant; nothing where nothing is near."""
        names = {key: market.symbol for key, found in self._by_key.items() for market in found if not market.barred}
        key = symbol_key(symbol)
        begun = sorted((name for name in names if name.startswith(key[:3])), key=lambda name: (len(name), name))
        near = get_close_matches(key, names, n=_SHOWN, cutoff=0.7) or begun[:_SHOWN]
        meant = list(dict.fromkeys(names[name] for name in near))
        return f": did you mean {' or '.join(meant)}?" if meant else ""

    def _refusal(self, message: str) -> ConfigError:
        return ConfigError(message, key=f"trading_symbols.{self.asset_class}")
