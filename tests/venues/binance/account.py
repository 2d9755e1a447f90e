"""The key and the wallet of an account on Binance's spot."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.binance.desk import Desk, eight, flag
from tests.venues.core.money import free, held
from tests.venues.texts import milliseconds

if TYPE_CHECKING:
    from tests.venues.front import Asked


class KeyDesk(Desk):
    """`/sapi/v1/...`, which every client asks, whatever it trades."""

    def restrictions(self, asked: Asked) -> Any:
        """What the key may do; the account itself may do more."""
        account = asked.account
        return {
            "ipRestrict": False,
            "createTime": milliseconds(self.exchange.clock.shown()),
            "enableReading": True,
            "enableWithdrawals": account.may_withdraw,
            "enableInternalTransfer": False,
            "enableMargin": False,
            "enableFutures": account.may_trade,
            "permitsUniversalTransfer": False,
            "enableVanillaOptions": False,
            "enableFixApiTrade": False,
            "enableFixReadOnly": False,
            "enableSpotAndMarginTrading": account.may_trade,
            "enablePortfolioMarginTrading": False,
        }

    def coins(self, asked: Asked) -> Any:
        markets = self.exchange.markets.values()
        names = {market.base for market in markets} | {market.quote for market in markets}
        return [
            {"coin": name, "name": name, "trading": True, "isLegalMoney": False, "networkList": []}
            for name in sorted(names)
        ]

    def no_pairs(self, asked: Asked) -> Any:
        """Nothing is traded on credit here."""
        return []


class AccountDesk(Desk):
    """`/api/v3/account`"""

    def wallet(self, asked: Asked) -> Any:
        """`canWithdraw` speaks of the account, and says nothing of the key."""
        account, rules = asked.account, self.exchange.rules
        leaves_out = flag(asked.query, "omitZeroBalances")
        assets = sorted(asset for asset, amount in account.balances.items() if amount or not leaves_out)
        return {
            "makerCommission": int(rules.maker * 10_000),
            "takerCommission": int(rules.taker * 10_000),
            "buyerCommission": 0,
            "sellerCommission": 0,
            "commissionRates": {
                "maker": eight(rules.maker),
                "taker": eight(rules.taker),
                "buyer": eight(Decimal(0)),
                "seller": eight(Decimal(0)),
            },
            "canTrade": account.may_trade,
            "canWithdraw": True,
            "canDeposit": True,
            "brokered": False,
            "requireSelfTradePrevention": False,
            "preventSor": False,
            "updateTime": milliseconds(self.exchange.clock.shown()),
            "accountType": "SPOT",
            "balances": [
                {
                    "asset": asset,
                    "free": eight(free(self.exchange, account, asset)),
                    "locked": eight(held(self.exchange, account, asset)),
                }
                for asset in assets
            ],
            "permissions": ["SPOT"],
            "uid": account.uid,
        }
