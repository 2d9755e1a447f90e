"""The key, the wallet and the positions of an account at Bybit."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.bybit.desk import Desk, kinds_of, number, page
from tests.venues.bybit.shapes import position_row
from tests.venues.core.accounts import Account, MarginMode
from tests.venues.core.market import Kind
from tests.venues.core.money import contracts, free, margin, need, unrealised
from tests.venues.core.refusals import Reason, Refused
from tests.venues.texts import milliseconds, plain

if TYPE_CHECKING:
    from tests.venues.front import Asked

DOLLARS = {"USD", "USDT", "USDC"}
MODES = {"REGULAR_MARGIN": MarginMode.CROSS, "ISOLATED_MARGIN": MarginMode.ISOLATED}


class AccountDesk(Desk):
    """`/v5/user/...`, `/v5/account/...`, `/v5/position/...` and `/v5/asset/...`"""

    def key(self, asked: Asked) -> Any:
        account = asked.account
        nothing: list[str] = []
        trades = account.may_trade
        return {
            "id": str(account.uid),
            "note": "simulated",
            "apiKey": account.key,
            "readOnly": 0 if trades else 1,
            "secret": "",
            "permissions": {
                "ContractTrade": ["Order", "Position"] if trades else nothing,
                "Spot": ["SpotTrade"] if trades else nothing,
                "Wallet": ["AccountTransfer", *(["Withdraw"] if account.may_withdraw else nothing)],
                "Derivatives": ["DerivativesTrade"] if trades else nothing,
                "Exchange": ["ExchangeHistory"],
                **dict.fromkeys(UNUSED_PERMISSIONS, nothing),
            },
            "ips": ["*"],
            "type": 1,
            "deadlineDay": 90,
            "expiredAt": "2030-01-01T00:00:00Z",
            "createdAt": "2024-01-01T00:00:00Z",
            "unified": 0,
            "uta": 1,
            "userID": account.uid,
            "inviterID": 0,
            "vipLevel": "No VIP",
            "mktMakerLevel": "0",
            "affiliateID": 0,
            "rsaPublicKey": "",
            "isMaster": True,
            "parentUid": "0",
            "kycLevel": "LEVEL_DEFAULT",
            "kycRegion": "",
            "userIDInt64": str(account.uid),
            "inviterIDInt64": "0",
            "affiliateIDInt64": "0",
        }

    def info(self, asked: Asked) -> Any:
        modes = {mode: name for name, mode in MODES.items()}
        return {
            "marginMode": modes[asked.account.margin_mode],
            "updatedTime": str(milliseconds(self.exchange.clock.shown())),
            "unifiedMarginStatus": 5,
            "dcpStatus": "OFF",
            "timeWindow": 10,
            "smpGroup": 0,
            "isMasterTrader": False,
            "spotHedgingStatus": "OFF",
        }

    def wallet(self, asked: Asked) -> Any:
        if asked.query.get("accountType", "UNIFIED") != "UNIFIED":
            raise Refused(Reason.BAD_PARAMETER, "accountType only support UNIFIED.")
        account, wanted = asked.account, asked.query.get("coin", "")
        coins = [coin for coin in sorted(account.balances) if not wanted or coin in wanted.split(",")]
        rows = [self._coin(account, coin) for coin in coins]
        total = sum((Decimal(row["usdValue"]) for row in rows), Decimal(0))
        gains = sum((Decimal(row["unrealisedPnl"]) * self._dollars(row["coin"]) for row in rows), Decimal(0))
        initial = sum((margin(self.exchange, account, coin) * self._dollars(coin) for coin in coins), Decimal(0))
        available = sum((free(self.exchange, account, coin) * self._dollars(coin) for coin in coins), Decimal(0))
        whole = {
            "totalEquity": plain(total),
            "accountIMRate": plain(initial / total if total else total),
            "totalMarginBalance": plain(total),
            "totalInitialMargin": plain(initial),
            "accountType": "UNIFIED",
            "totalAvailableBalance": plain(available),
            "accountMMRate": "0",
            "totalPerpUPL": plain(gains),
            "totalWalletBalance": plain(total - gains),
            "accountLTV": "0",
            "totalMaintenanceMargin": "0",
            "coin": rows,
        }
        return {"list": [whole]}

    def coins(self, asked: Asked) -> Any:
        names = {market.base for market in self.exchange.markets.values()}
        names |= {market.quote for market in self.exchange.markets.values()}
        return {"rows": [{"name": name, "coin": name, "remainAmount": "0", "chains": []} for name in sorted(names)]}

    def positions(self, asked: Asked) -> Any:
        query, account = asked.query, asked.account
        if Kind.SPOT in kinds_of(query) or not (query.get("symbol") or query.get("settleCoin")):
            raise Refused(Reason.BAD_PARAMETER, "symbol or settleCoin")
        markets = self.markets(query)
        if not query.get("symbol"):
            settled = [market for market in markets if market.settle == query["settleCoin"]]
            markets = [market for market in settled if account.position(market.key).quantity]
        rows, cursor = page(markets, query, 20, 200)
        listed = [position_row(self.exchange, account, market) for market in rows]
        return {"list": listed, "nextPageCursor": cursor, "category": query["category"]}

    def set_leverage(self, asked: Asked) -> Any:
        wanted = asked.json
        leverage = number(wanted, "buyLeverage")
        if leverage is None or leverage != number(wanted, "sellLeverage"):
            raise Refused(Reason.BAD_PARAMETER, "buyLeverage must be equal to sellLeverage")
        self.exchange.set_leverage(asked.account, self.market(wanted), leverage)
        return {}

    def set_margin_mode(self, asked: Asked) -> Any:
        mode = MODES.get(str(asked.json.get("setMarginMode")))
        if mode is None:
            raise Refused(Reason.BAD_PARAMETER, "setMarginMode")
        self.exchange.set_margin_mode(asked.account, mode)
        return {"reasons": []}

    def set_position_mode(self, asked: Asked) -> Any:
        mode = asked.json.get("mode")
        if mode not in {0, 3}:
            raise Refused(Reason.BAD_PARAMETER, "mode")
        if asked.account.is_hedged == (mode == 3):
            raise Refused(Reason.POSITION_MODE_UNCHANGED)
        asked.account.is_hedged = mode == 3
        return {}

    def _coin(self, account: Account, coin: str) -> dict[str, Any]:
        exchange = self.exchange
        balance, positions = account.balances[coin], margin(exchange, account, coin)
        gains = sum(
            (unrealised(market, at, exchange.mark(market)) for market, at in contracts(exchange, account, coin)),
            Decimal(0),
        )
        locked = in_orders = Decimal(0)
        for order in exchange.open_orders(account):
            asset, amount = need(exchange, account, order)
            if asset == coin and exchange.markets[order.market].kind.is_contract:
                in_orders += amount
            elif asset == coin:
                locked += amount
        realised = sum((fill.realised for one in exchange.orders_of(account) for fill in one.fills), Decimal(0))
        return {
            "availableToBorrow": "",
            "bonus": "0",
            "accruedInterest": "0",
            "availableToWithdraw": plain(free(exchange, account, coin)),
            "totalOrderIM": plain(in_orders),
            "equity": plain(balance + gains),
            "totalPositionMM": "0",
            "usdValue": plain((balance + gains) * self._dollars(coin)),
            "unrealisedPnl": plain(gains),
            "borrowAmount": "0",
            "totalPositionIM": plain(positions),
            "walletBalance": plain(balance),
            "cumRealisedPnl": plain(realised if coin in DOLLARS else Decimal(0)),
            "locked": plain(locked),
            "collateralSwitch": True,
            "marginCollateral": True,
            "coin": coin,
            "spotBorrow": "0",
        }

    def _dollars(self, coin: str) -> Decimal:
        """What one coin is worth in dollars, by the market that trades it for some; 0 where there is none."""
        if coin in DOLLARS:
            return Decimal(1)
        for market in self.exchange.markets.values():
            if market.base == coin and market.quote in DOLLARS and market.key in self.exchange.prices:
                return self.exchange.last(market)
        return Decimal(0)


UNUSED_PERMISSIONS = (
    "Options",
    "CopyTrading",
    "BlockTrade",
    "NFT",
    "Affiliate",
    "Earn",
    "FiatP2P",
    "FiatBybitPay",
    "FiatConvertBroker",
    "FiatGlobalPay",
    "FiatBitPay",
    "BitCard",
    "ByXPost",
)
