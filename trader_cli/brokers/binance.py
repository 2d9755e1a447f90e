"""Binance: the spot market and, on another host with another client, its USDT and USDC-settled perpetuals."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trader_cli.brokers.base import Capabilities
from trader_cli.brokers.ccxt_family import CcxtBroker
from trader_cli.brokers.ccxt_part import Part
from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.timeframe import Timeframe

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEFRAMES = tuple(Timeframe)


class Binance(CcxtBroker):
    """Binance's spot market and its linear perpetuals."""

    name = "binance"
    asset_classes = (AssetClass.CRYPTO, AssetClass.FUTURES)
    parts: ClassVar[Mapping[AssetClass, Part]] = {
        AssetClass.CRYPTO: Part(
            "binance",
            Capabilities(_TIMEFRAMES, page_bars=1000),
            {"fetchMarkets": {"types": ["spot"]}, "fetchMargins": False},
            until=True,
        ),
        AssetClass.FUTURES: Part(
            "binanceusdm",
            Capabilities(_TIMEFRAMES, page_bars=1000, has_marks=True, has_funding=True),
            {"fetchMarkets": {"types": ["linear"]}, "fetchMargins": False},
            test="enable_demo_trading",  # its sandbox of futures is gone
            until=True,
        ),
    }
