"""The support table: which (broker, strategy, mode, asset class) can trade, and why the others cannot."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from trader_cli.domain.instrument import AssetClass
from trader_cli.registry import broker_class, broker_names, strategy_names
from trader_cli.variant.sections import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Why a cell cannot trade, and the dimension to change."""

    dimension: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination of the four dimensions; `reason` is None where it can trade."""

    broker: str
    strategy: str
    mode: Mode
    asset_class: AssetClass
    reason: str | None

    @property
    def supported(self) -> bool:
        """Whether it can trade."""
        return self.reason is None


def trades(broker: str) -> tuple[AssetClass, ...]:
    """What a broker trades: crypto is spot, futures are linear perpetuals. Nothing where there is no such broker."""
    return broker_class(broker).asset_classes if broker in broker_names() else ()


def has_test_mode(broker: str, asset_class: AssetClass) -> bool:
    """Whether the venue has a testnet, demo or paper endpoint; a plug-in that does not say may have one."""
    shown = broker_class(broker).capabilities(asset_class)
    return shown is None or shown.has_test_mode


def unsupported(broker: str, mode: Mode, asset_class: AssetClass) -> Unsupported | None:
    """Why a cell cannot trade; every strategy trades wherever its broker does."""
    classes = trades(broker)
    if not classes:
        return Unsupported("broker", f"{broker} does not say which asset classes it trades")
    if asset_class not in classes:
        return Unsupported("asset_class", f"{broker} does not trade {asset_class} (it trades {', '.join(classes)})")
    if mode is Mode.FUTURES and asset_class is not AssetClass.FUTURES:
        return Unsupported("mode", f"mode futures needs asset class futures; {asset_class} trades with mode live")
    return None


def matrix() -> Iterator[Cell]:
    """Every cell there is."""
    for broker, strategy, mode, asset_class in product(broker_names(), strategy_names(), Mode, AssetClass):
        refusal = unsupported(broker, mode, asset_class)
        yield Cell(broker, strategy, mode, asset_class, refusal.reason if refusal else None)
