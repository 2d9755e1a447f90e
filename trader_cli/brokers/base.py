"""What a venue is to a trader: which classes it trades, the bars that it shows to everybody, and its time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars
    from trader_cli.domain.instrument import AssetClass
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.ports import Clock


@dataclass(frozen=True, slots=True)
class Access:
    """How a venue is reached, and which part of it; what a variant's `[broker_config]` says, without its keys."""

    asset_class: AssetClass
    hours: TradingHours
    test_mode: bool = False
    endpoint: str | None = None
    data_endpoint: str | None = None


class Broker(ABC):
    """The public side of one venue; it fills the port `MarketData`.

    A package joins with an entry point in the group `trader_cli.brokers`. Nothing is connected before the first `bars`.
    """

    name: ClassVar[str]
    asset_classes: ClassVar[tuple[AssetClass, ...]]

    def __init__(self, access: Access) -> None:
        self.access = access

    @property
    def clock(self) -> Clock | None:
        """The venue's own time, where it is not the wall's."""
        return None

    @abstractmethod
    async def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        """The latest bars of a symbol, at most so many, oldest first; the last may not have closed yet.

        Raises: Unavailable where the venue does not answer, DataError where the answer makes no sense.
        """

    async def close(self) -> None:
        """Lets go of connections."""
        return
