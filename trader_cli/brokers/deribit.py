"""Deribit: spot and USDC-settled perpetuals; it keeps no history of mark prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trader_cli.brokers.base import Capabilities
from trader_cli.brokers.ccxt_family import CcxtBroker
from trader_cli.brokers.ccxt_part import Part
from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.timeframe import Timeframe

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEFRAMES = tuple(timeframe for timeframe in Timeframe if timeframe not in {Timeframe.H4, Timeframe.H8})


class Deribit(CcxtBroker):
    """Deribit's spot market and its linear perpetuals."""

    name = "deribit"
    asset_classes = (AssetClass.CRYPTO, AssetClass.FUTURES)
    parts: ClassVar[Mapping[AssetClass, Part]] = {
        AssetClass.CRYPTO: Part("deribit", Capabilities(_TIMEFRAMES, page_bars=1000), in_coins=True),
        AssetClass.FUTURES: Part(
            "deribit",
            Capabilities(_TIMEFRAMES, page_bars=1000, has_funding=True),
            in_coins=True,
            raw_rate="interest_1h",  # told by the hour; ccxt takes the rate of eight
        ),
    }
