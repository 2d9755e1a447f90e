"""Bybit: spot and linear perpetuals, told apart by a category."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trader_cli.brokers.base import Capabilities
from trader_cli.brokers.ccxt_family import CcxtBroker
from trader_cli.brokers.ccxt_part import Part
from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.timeframe import Timeframe

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEFRAMES = tuple(timeframe for timeframe in Timeframe if timeframe is not Timeframe.H8)


class Bybit(CcxtBroker):
    """Bybit's spot market and its linear perpetuals."""

    name = "bybit"
    asset_classes = (AssetClass.CRYPTO, AssetClass.FUTURES)
    parts: ClassVar[Mapping[AssetClass, Part]] = {
        AssetClass.CRYPTO: Part(
            "bybit",
            Capabilities(_TIMEFRAMES, page_bars=1000),
            {"fetchMarkets": {"types": ["spot"]}},
            until=True,
        ),
        AssetClass.FUTURES: Part(
            "bybit",
            Capabilities(_TIMEFRAMES, page_bars=1000, has_marks=True, has_funding=True),
            {"fetchMarkets": {"types": ["linear"]}, "defaultType": "swap"},
            until=True,
            rates_until="until",
        ),
    }
