"""The brokers there are, with what each shows of its asset classes, as `trader brokers` lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trader_cli import registry
from trader_cli.errors import ConfigError

if TYPE_CHECKING:
    from trader_cli.brokers.base import Capabilities
    from trader_cli.domain.instrument import AssetClass
    from trader_cli.errors import Problem


@dataclass(frozen=True, slots=True)
class Broker:
    """One broker; of an asset class nothing is known where it does not say. `problems` are why it cannot be loaded."""

    name: str
    shown: dict[AssetClass, Capabilities | None]
    problems: tuple[Problem, ...] = ()

    def document(self) -> dict[str, object]:
        """What is known of it, for a script."""
        return {
            "name": self.name,
            "asset_classes": list(self.shown),
            "capabilities": {each: None if shown is None else _plain(shown) for each, shown in self.shown.items()},
            "error": "; ".join(map(str, self.problems)) or None,
        }


def brokers() -> tuple[Broker, ...]:
    """Every registered broker; no client of a venue is imported. Raises: ConfigError where two take one name."""
    return tuple(_known(name) for name in registry.broker_names())


def _known(name: str) -> Broker:
    try:
        found = registry.broker_class(name)
    except ConfigError as error:
        return Broker(name, {}, error.problems)
    return Broker(name, {each: found.capabilities(each) for each in found.asset_classes})


def _plain(shown: Capabilities) -> dict[str, object]:
    return {
        "timeframes": list(shown.timeframes),
        "page_bars": shown.page_bars,
        "history_bars": shown.history_bars,
        "test_mode": shown.has_test_mode,
        "needs_key": shown.needs_key,
        "marks": shown.has_marks,
        "funding": shown.has_funding,
        "adjustment": shown.adjustment,
        "feed": shown.feed or None,
    }
