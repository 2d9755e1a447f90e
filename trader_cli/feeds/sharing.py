"""To be replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.ports import Clock, MarketData


class SharedMarket:
    def __init__(self, market: MarketData, clock: Clock, hours: TradingHours) -> None:
        self._market = market

    async def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        return await self._market.bars(symbol, timeframe, limit)

    async def close(self) -> None:
        await self._market.close()
