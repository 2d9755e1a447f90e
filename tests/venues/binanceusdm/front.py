"""Where everything is asked of Binance's futures."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from tests.venues.binance.front import Binance
from tests.venues.binanceusdm.markets import MarketDesk
from tests.venues.binanceusdm.words import USDM
from tests.venues.core.market import Kind
from tests.venues.core.rules import ClientIds, Rules
from tests.venues.front import Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.binance.words import Words

RULES = Rules(
    client_ids=ClientIds.OPEN,
    maker=Decimal("0.0002"),
    taker=Decimal("0.0005"),
    order_id=lambda number: str(7_000_000 + number),
)


class BinanceUsdm(Binance):
    """`/fapi/...`: another exchange than spot, since not even the wallet is shared."""

    name = "binanceusdm"
    kind: ClassVar[Kind] = Kind.LINEAR
    words: ClassVar[Words] = USDM

    def paths(self) -> Mapping[tuple[str, str], Route]:
        markets = MarketDesk(self)
        public = {
            "ping": (markets.ping, 1),
            "time": (markets.time, 1),
            "exchangeInfo": (markets.instruments, 1),
            "klines": (markets.candles, 5),
            "markPriceKlines": (markets.mark_candles, 5),
            "premiumIndex": (markets.mark_prices, 1),
            "fundingRate": (markets.funding, 1),
            "ticker/24hr": (markets.tickers, 1),
            "ticker/bookTicker": (markets.touches, 2),
            "depth": (markets.book, 2),
        }
        return {
            **{
                ("GET", f"/fapi/v1/{path}"): Route(handler, is_private=False, weight=weight)
                for path, (handler, weight) in public.items()
            },
            **self.key_paths(),
        }
