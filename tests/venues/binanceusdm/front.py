"""Where everything is asked of Binance's futures."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from tests.venues.binance.front import Binance
from tests.venues.binanceusdm.account import AccountDesk
from tests.venues.binanceusdm.algo import AlgoDesk
from tests.venues.binanceusdm.markets import MarketDesk
from tests.venues.binanceusdm.trading import TradingDesk
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
        markets, trading, algo, account = MarketDesk(self), TradingDesk(self), AlgoDesk(self), AccountDesk(self)
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
        private = {
            ("GET", "v1/order"): (trading.order, 1),
            ("GET", "v1/openOrders"): (trading.open_orders, 1),
            ("GET", "v1/allOrders"): (trading.all_orders, 5),
            ("GET", "v1/userTrades"): (trading.fills, 5),
            ("POST", "v1/order"): (trading.create, 1),
            ("DELETE", "v1/order"): (trading.cancel, 1),
            ("DELETE", "v1/allOpenOrders"): (trading.cancel_all, 1),
            ("GET", "v1/algoOrder"): (algo.order, 1),
            ("GET", "v1/openAlgoOrders"): (algo.open_orders, 1),
            ("GET", "v1/allAlgoOrders"): (algo.all_orders, 5),
            ("POST", "v1/algoOrder"): (algo.create, 1),
            ("DELETE", "v1/algoOrder"): (algo.cancel, 1),
            ("DELETE", "v1/algoOpenOrders"): (algo.cancel_all, 1),
            ("GET", "v2/account"): (account.account_v2, 5),
            ("GET", "v3/account"): (account.account, 5),
            ("GET", "v2/balance"): (account.balances, 5),
            ("GET", "v3/balance"): (account.balances, 5),
            ("GET", "v2/positionRisk"): (account.positions_v2, 5),
            ("GET", "v3/positionRisk"): (account.positions, 5),
            ("GET", "v1/leverageBracket"): (account.brackets, 1),
            ("GET", "v1/symbolConfig"): (account.symbol_config, 5),
            ("GET", "v1/income"): (account.income, 30),
            ("GET", "v1/positionSide/dual"): (account.position_mode, 30),
            ("POST", "v1/leverage"): (account.set_leverage, 1),
            ("POST", "v1/marginType"): (account.set_margin_mode, 1),
            ("POST", "v1/positionSide/dual"): (account.set_position_mode, 1),
        }
        return {
            **{
                ("GET", f"/fapi/v1/{path}"): Route(handler, is_private=False, weight=weight)
                for path, (handler, weight) in public.items()
            },
            **{
                (method, f"/fapi/{path}"): Route(handler, is_write=method != "GET", weight=weight)
                for (method, path), (handler, weight) in private.items()
            },
            **self.key_paths(),
        }
