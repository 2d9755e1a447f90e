"""Kraken: its spot market, which shows the newest 720 bars alone, and Kraken Futures, a venue of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trader_cli.brokers.base import Capabilities
from trader_cli.brokers.ccxt_family import CcxtBroker
from trader_cli.brokers.ccxt_part import Part
from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.timeframe import Timeframe

if TYPE_CHECKING:
    from collections.abc import Mapping

_SPOT = (Timeframe.M1, Timeframe.M5, Timeframe.M15, Timeframe.M30, Timeframe.H1, Timeframe.H4, Timeframe.D1)


class Kraken(CcxtBroker):
    """Kraken's spot market and the linear perpetuals of Kraken Futures."""

    name = "kraken"
    asset_classes = (AssetClass.CRYPTO, AssetClass.FUTURES)
    parts: ClassVar[Mapping[AssetClass, Part]] = {
        AssetClass.CRYPTO: Part("kraken", Capabilities(_SPOT, page_bars=720, history_bars=720, has_test_mode=False)),
        AssetClass.FUTURES: Part(
            "krakenfutures",
            Capabilities((*_SPOT[:-1], Timeframe.H12, Timeframe.D1), page_bars=2000, has_marks=True, has_funding=True),
            dated="public_get_feeschedules",
        ),
    }
