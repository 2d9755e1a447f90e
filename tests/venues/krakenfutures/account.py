"""The wallets, positions and leverage of an account at Kraken Futures."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.core.money import contracts, free, held, margin, unrealised
from tests.venues.core.refusals import Reason, Refused
from tests.venues.krakenfutures.desk import OLD_NAMES, Desk, iso, number, parameters
from tests.venues.krakenfutures.markets import FEES
from tests.venues.parameters import amount

if TYPE_CHECKING:
    from tests.venues.core.accounts import Account
    from tests.venues.front import Asked


class AccountDesk(Desk):
    """`/derivatives/api/v3/accounts`, `openpositions`, `leveragepreferences` and `feeschedules/volumes`"""

    def wallets(self, asked: Asked) -> Any:
        """All that is owned lies in the wallet that is margin for all contracts; the other one is empty."""
        return {"accounts": {"cash": {"balances": {}, "type": "cashAccount"}, "flex": self._flex(asked.account)}}

    def positions(self, asked: Asked) -> Any:
        """Those that are open. Neither the mark price nor the gain is told."""
        found = ((market, asked.account.position(market.key)) for market in self.listed())
        rows = []
        for market, position in found:
            if position.quantity:
                row = {
                    "side": "long" if position.quantity > 0 else "short",
                    "symbol": market.symbol,
                    "price": number(position.entry),
                    "fillTime": iso(position.opened),
                    "size": number(abs(position.quantity)),
                    "unrealizedFunding": 0.0,
                }
                if market.key in asked.account.leverage:
                    row["maxFixedLeverage"] = number(asked.account.leverage[market.key])
                rows.append(row)
        return {"openPositions": rows}

    def leverages(self, asked: Asked) -> Any:
        """Of the contracts whose margin is isolated since somebody has set their leverage."""
        leverage, symbol = asked.account.leverage, asked.query.get("symbol")
        wanted = [self.market(symbol)] if symbol else self.listed()
        rows = [
            {"symbol": market.symbol, "maxLeverage": number(leverage[market.key])}
            for market in wanted
            if market.key in leverage
        ]
        return {"leveragePreferences": rows}

    def set_leverage(self, asked: Asked) -> Any:
        """Without a leverage the margin is that of all contracts again. What is so already may be set again."""
        wanted = parameters(asked)
        market, leverage = self.market(wanted.get("symbol", "")), amount(wanted, "maxLeverage")
        if leverage is None:
            asked.account.leverage.pop(market.key, None)
        elif not 1 <= leverage <= market.max_leverage:
            raise Refused(Reason.LEVERAGE, "maxLeverage")
        else:
            asked.account.leverage[market.key] = leverage
        return {}

    def volumes(self, asked: Asked) -> Any:
        """What was traded in 30 days, which sets the tier of fees."""
        return {"volumesByFeeSchedule": {FEES: 0.0}}

    def _flex(self, account: Account) -> dict[str, Any]:
        exchange, dollars = self.exchange, account.balances.get("USD", Decimal(0))
        gains = sum(
            (unrealised(market, at, exchange.mark(market)) for market, at in contracts(exchange, account, "USD")),
            Decimal(0),
        )
        currencies = {
            OLD_NAMES.get(asset, asset): {
                "quantity": number(balance),
                "value": number(balance if asset == "USD" else Decimal(0)),
                "collateral": number(balance if asset == "USD" else Decimal(0)),
                "available": number(free(exchange, account, asset)),
            }
            for asset, balance in sorted(account.balances.items())
        }
        initial = margin(exchange, account, "USD")
        return {
            "currencies": currencies,
            "initialMargin": number(initial),
            "initialMarginWithOrders": number(held(exchange, account, "USD")),
            "maintenanceMargin": number(initial / 2),
            "balanceValue": number(dollars),
            "portfolioValue": number(dollars + gains),
            "collateralValue": number(dollars),
            "pnl": number(gains),
            "unrealizedFunding": 0.0,
            "totalUnrealized": number(gains),
            "totalUnrealizedAsMargin": number(gains),
            "availableMargin": number(free(exchange, account, "USD")),
            "marginEquity": number(dollars + gains),
            "type": "multiCollateralMarginAccount",
        }
