"""The wallet, the positions and the modes of an account on Binance's futures."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.binance.desk import Desk, eight, flag, mandatory, moment, needed, one_of, parameters_of
from tests.venues.binanceusdm.shapes import MAINTENANCE, chosen, in_orders, position_row, position_row_v2
from tests.venues.core.accounts import Account, MarginMode
from tests.venues.core.clock import DAY
from tests.venues.core.money import contracts, free, leverage, margin, unrealised
from tests.venues.core.refusals import Reason, Refused
from tests.venues.spoken import Spoken
from tests.venues.texts import milliseconds

if TYPE_CHECKING:
    from tests.venues.core.market import Market
    from tests.venues.front import Asked

DOLLARS = ("USDT", "USDC")
MODES = {"CROSSED": MarginMode.CROSS, "ISOLATED": MarginMode.ISOLATED}
"""At Binance each symbol has a margin mode; here an account has one, as the exchange behind it knows it."""


class AccountDesk(Desk):
    """`/fapi/v1/...` to `/fapi/v3/...`: `account`, `balance`, `positionRisk`, `leverage`, `marginType` and others"""

    def account(self, asked: Asked) -> Any:
        """The newer fields: the wallet, and what is held or ordered."""
        rows = [position_row(self.exchange, asked.account, market) for market in self._held(asked.account)]
        names = "symbol positionSide positionAmt isolatedMargin notional "
        names += "isolatedWallet initialMargin maintMargin updateTime"
        positions = [{**chosen(row, names), "unrealizedProfit": row["unRealizedProfit"]} for row in rows]
        return {**self._sums(asked.account), "positions": positions}

    def account_v2(self, asked: Asked) -> Any:
        """The older fields: with what the account may do, and every market's leverage."""
        account = asked.account
        return {
            "feeTier": 0,
            "canTrade": account.may_trade,
            "canDeposit": True,
            "canWithdraw": True,
            "updateTime": 0,
            "multiAssetsMargin": False,
            "tradeGroupId": -1,
            **self._sums(account),
            "positions": [self._position_v2(account, market) for market in self.markets({})],
        }

    def balances(self, asked: Asked) -> Any:
        return [
            {
                "accountAlias": "SgsR",
                "asset": row["asset"],
                "balance": row["walletBalance"],
                "crossWalletBalance": row["crossWalletBalance"],
                "crossUnPnl": row["crossUnPnl"],
                "availableBalance": row["availableBalance"],
                "maxWithdrawAmount": row["maxWithdrawAmount"],
                "marginAvailable": True,
                "updateTime": row["updateTime"],
            }
            for row in self._assets(asked.account)
        ]

    def positions(self, asked: Asked) -> Any:
        """Only where something is held or ordered."""
        wanted = self.markets(asked.query)
        held = [market for market in self._held(asked.account) if market in wanted]
        return [position_row(self.exchange, asked.account, market) for market in held]

    def positions_v2(self, asked: Asked) -> Any:
        """Every market's, held or not."""
        return [position_row_v2(self.exchange, asked.account, market) for market in self.markets(asked.query)]

    def brackets(self, asked: Asked) -> Any:
        return [
            {
                "symbol": market.symbol,
                "brackets": [
                    {
                        "bracket": 1,
                        "initialLeverage": int(market.max_leverage),
                        "notionalCap": 100_000_000,
                        "notionalFloor": 0,
                        "maintMarginRatio": float(MAINTENANCE),
                        "cum": 0,
                    }
                ],
            }
            for market in self.markets(asked.query)
        ]

    def symbol_config(self, asked: Asked) -> Any:
        modes = {mode: name for name, mode in MODES.items()}
        return [
            {
                "symbol": market.symbol,
                "marginType": modes[asked.account.margin_mode],
                "isAutoAddMargin": False,
                "leverage": int(leverage(asked.account, market)),
                "maxNotionalValue": "100000000",
            }
            for market in self.markets(asked.query)
        ]

    def income(self, asked: Asked) -> Any:
        """Funding that was paid or received, of seven days without a start; other income is not simulated."""
        query = asked.query
        one_of(query, "incomeType", {"FUNDING_FEE": None})
        markets = {market.key: market for market in self.markets(query)}
        payments = [payment for payment in asked.account.payments if payment.market in markets]
        if moment(query, "startTime") is None:
            payments = [payment for payment in payments if payment.time >= self.exchange.clock.now() - 7 * DAY]
        return [
            {
                "symbol": markets[payment.market].symbol,
                "incomeType": "FUNDING_FEE",
                "income": eight(payment.amount),
                "asset": markets[payment.market].settle,
                "info": "FUNDING_FEE",
                "time": milliseconds(payment.time),
                "tranId": number,
                "tradeId": "",
            }
            for number, payment in enumerate(self.window(payments, lambda payment: payment.time, query, 100, 1000), 1)
        ]

    def set_leverage(self, asked: Asked) -> Any:
        """The same again is as good."""
        wanted = parameters_of(asked)
        market, new = self.market(wanted), needed(wanted, "leverage")
        if new != new.to_integral_value():
            raise Refused(Reason.LEVERAGE, str(new))
        if new != leverage(asked.account, market):
            self.exchange.set_leverage(asked.account, market, new)
        return {"symbol": market.symbol, "leverage": int(new), "maxNotionalValue": "100000000"}

    def set_margin_mode(self, asked: Asked) -> Any:
        wanted = parameters_of(asked)
        market, mode = self.market(wanted), one_of(wanted, "marginType", MODES)
        if mode is not asked.account.margin_mode and asked.account.position(market.key).quantity:
            says = "Margin type cannot be changed if there exists position."
            raise Spoken(Reason.BAD_PARAMETER, -4048, says)
        self.exchange.set_margin_mode(asked.account, mode)
        return {"code": 200, "msg": "success"}

    def position_mode(self, asked: Asked) -> Any:
        return {"dualSidePosition": asked.account.is_hedged}

    def set_position_mode(self, asked: Asked) -> Any:
        wanted = parameters_of(asked)
        mandatory(wanted, "dualSidePosition")
        if flag(wanted, "dualSidePosition") == asked.account.is_hedged:
            raise Refused(Reason.POSITION_MODE_UNCHANGED)
        asked.account.is_hedged = not asked.account.is_hedged
        return {"code": 200, "msg": "success"}

    def _held(self, account: Account) -> list[Market]:
        """The markets where something is held or ordered."""
        ordered = {order.market for order in self.exchange.open_orders(account)}
        return [one for one in self.markets({}) if account.position(one.key).quantity or one.key in ordered]

    def _assets(self, account: Account) -> list[dict[str, Any]]:
        return [self._asset(account, asset) for asset in sorted(account.balances)]

    def _asset(self, account: Account, asset: str) -> dict[str, Any]:
        exchange = self.exchange
        held = contracts(exchange, account, asset)
        gains = sum((unrealised(market, at, exchange.mark(market)) for market, at in held), Decimal(0))
        settled = [market for market in self.markets({}) if market.settle == asset]
        waiting = sum((in_orders(exchange, account, market) for market in settled), Decimal(0))
        entries = sum((market.value(at.quantity, at.entry) for market, at in held), Decimal(0))
        wallet, positions = account.balances[asset], margin(exchange, account, asset)
        available = eight(max(free(exchange, account, asset), Decimal(0)))
        return {
            "asset": asset,
            "walletBalance": eight(wallet),
            "unrealizedProfit": eight(gains),
            "marginBalance": eight(wallet + gains),
            "maintMargin": eight(entries * MAINTENANCE),
            "initialMargin": eight(positions + waiting),
            "positionInitialMargin": eight(positions),
            "openOrderInitialMargin": eight(waiting),
            "crossWalletBalance": eight(wallet),
            "crossUnPnl": eight(gains),
            "availableBalance": available,
            "maxWithdrawAmount": available,
            "marginAvailable": True,
            "updateTime": milliseconds(exchange.clock.shown()),
        }

    def _sums(self, account: Account) -> dict[str, Any]:
        """The whole wallet in dollars: of its coins alone, as long as not all assets are margin."""
        assets = self._assets(account)
        dollars = [row for row in assets if row["asset"] in DOLLARS]
        names = {
            "totalInitialMargin": "initialMargin",
            "totalMaintMargin": "maintMargin",
            "totalWalletBalance": "walletBalance",
            "totalUnrealizedProfit": "unrealizedProfit",
            "totalMarginBalance": "marginBalance",
            "totalPositionInitialMargin": "positionInitialMargin",
            "totalOpenOrderInitialMargin": "openOrderInitialMargin",
            "totalCrossWalletBalance": "crossWalletBalance",
            "totalCrossUnPnl": "crossUnPnl",
            "availableBalance": "availableBalance",
            "maxWithdrawAmount": "maxWithdrawAmount",
        }
        sums = {name: eight(sum((Decimal(row[of]) for row in dollars), Decimal(0))) for name, of in names.items()}
        return {**sums, "assets": assets}

    def _position_v2(self, account: Account, market: Market) -> dict[str, Any]:
        row = position_row(self.exchange, account, market)
        names = "symbol initialMargin maintMargin positionInitialMargin openOrderInitialMargin entryPrice "
        names += "bidNotional askNotional positionSide positionAmt updateTime"
        return {
            **chosen(row, names),
            "unrealizedProfit": row["unRealizedProfit"],
            "leverage": f"{leverage(account, market):f}",
            "isolated": account.margin_mode is MarginMode.ISOLATED,
            "maxNotional": "100000000",
        }
