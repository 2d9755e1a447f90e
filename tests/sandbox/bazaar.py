"""A broker plug-in that shows all a venue can: markets, history, mark prices, funding, and best prices."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, override

from tests.sandbox.broker import Sandbox
from tests.sandbox.server import PAGE_BARS
from trader_cli.brokers.base import Capabilities
from trader_cli.data.catalog import Kind
from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.timeframe import Timeframe

if TYPE_CHECKING:
    from trader_cli.brokers.listing import Listing
    from trader_cli.data.candles import Candles
    from trader_cli.domain.quote import Quote

OWN = (Timeframe.M1, Timeframe.H1, Timeframe.D1)


class Bazaar(Sandbox):
    """Asks the server at `endpoint`. Its stocks are adjusted for splits, and of its ETFs it shows the latest bars."""

    name = "bazaar"
    asset_classes: ClassVar[tuple[AssetClass, ...]] = tuple(AssetClass)

    @override
    @classmethod
    def capabilities(cls, asset_class: AssetClass) -> Capabilities:
        is_future, is_stock = asset_class is AssetClass.FUTURES, asset_class is AssetClass.STOCKS
        return Capabilities(
            OWN,
            PAGE_BARS,
            history_bars=150 if asset_class is AssetClass.ETF else None,
            has_marks=is_future,
            has_funding=is_future,
            adjustment="split" if is_stock else "none",
            feed="booth" if is_stock else "",
        )

    @override
    async def listing(self) -> Listing | None:
        from trader_cli.brokers.listing import Listed, Listing
        from trader_cli.domain.instrument import Instrument

        told = await self._asked("listing", {})
        if told is None:
            return None
        step = Decimal("0.01")
        markets = [Listed(Instrument(name, step, step, step, step), (), "", {}) for name in told]
        return Listing(self.name, self.access.asset_class, markets)

    @override
    async def quote(self, symbol: str) -> Quote:
        from trader_cli.domain.quote import Quote

        rows = await self._asked("bars", {"symbol": symbol, "limit": 1})
        price, now = float(rows[-1][4]), self.clock.now()
        return Quote(symbol, price, price, price, now, now)

    @override
    async def page(self, symbol: str, timeframe: Timeframe, start: int, kind: Kind) -> Candles:
        import numpy as np

        from trader_cli.data.candles import Candles

        listing = await self.listing()
        called = symbol if listing is None else listing.find(symbol).symbol
        query: dict[str, Any] = {"symbol": called, "timeframe": str(timeframe), "start": start, "kind": str(kind)}
        rows = await self._asked("page", query)
        columns = 1 if kind is Kind.FUNDING else 5
        values = np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, columns).T
        return Candles(np.array([row[0] for row in rows], dtype=np.int64), values)
