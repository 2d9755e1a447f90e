"""OKX: spot and linear perpetuals; the size of a perpetual is a number of contracts."""

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
_PAGE = 100  # what every one of its candle endpoints gives; the newest 1440 bars would come in pages of 300


class Okx(CcxtBroker):
    """OKX's spot market and its linear perpetuals."""

    name = "okx"
    asset_classes = (AssetClass.CRYPTO, AssetClass.FUTURES)
    parts: ClassVar[Mapping[AssetClass, Part]] = {
        AssetClass.CRYPTO: Part(
            "okx", Capabilities(_TIMEFRAMES, page_bars=_PAGE), {"fetchMarkets": {"types": ["spot"]}}
        ),
        AssetClass.FUTURES: Part(
            "okx",
            Capabilities(_TIMEFRAMES, page_bars=_PAGE, has_marks=True, has_funding=True),
            {"fetchMarkets": {"types": ["swap"]}, "defaultType": "swap"},
            rates_until="after",
        ),
    }
