"""The wallet, the positions and the modes of an account at OKX."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.core.accounts import Account, MarginMode
from tests.venues.core.money import contracts, free, held, leverage, margin, unrealised
from tests.venues.core.refusals import Reason
from tests.venues.okx.desk import Desk, needed, one_of
from tests.venues.okx.shapes import MAINTENANCE, position_row
from tests.venues.spoken import Spoken
from tests.venues.texts import milliseconds, plain

if TYPE_CHECKING:
    from tests.venues.front import Asked

DOLLARS = {"USD", "USDT", "USDC"}
MODES = {"net_mode": False, "long_short_mode": True}


class AccountDesk(Desk):
    """`/api/v5/account/...` and `/api/v5/asset/...`"""

    def config(self, asked: Asked) -> Any:
        """What the account is, and what the key may do with it."""
        account = asked.account
        may = ["read_only", *(["trade"] if account.may_trade else []), *(["withdraw"] if account.may_withdraw else [])]
        return [
            {
                "acctLv": "2",
                "acctStpMode": "cancel_maker",
                "autoLoan": False,
                "ctIsoMode": "automatic",
                "enableSpotBorrow": False,
                "greeksType": "PA",
                "ip": "",
                "kycLv": "3",
                "label": "simulated",
                "level": "Lv1",
                "levelTmp": "",
                "liquidationGear": "-1",
                "mainUid": str(account.uid),
                "mgnIsoMode": "automatic",
                "opAuth": "0",
                "perm": ",".join(may),
                "posMode": next(name for name, hedged in MODES.items() if hedged == account.is_hedged),
                "roleType": "0",
                "spotOffsetType": "",
                "type": "0",
                "uid": str(account.uid),
            }
        ]

    def wallet(self, asked: Asked) -> Any:
        account = asked.account
        wanted = [name for name in asked.query.get("ccy", "").split(",") if name]
        rows = [self._coin(account, coin) for coin in sorted(account.balances) if not wanted or coin in wanted]
        names = "adjEq borrowFroz imr mgnRatio mmr notionalUsd notionalUsdForBorrow notionalUsdForFutures"
        names += " notionalUsdForOption notionalUsdForSwap ordFroz upl"
        return [
            {
                **dict.fromkeys(names.split(), ""),
                "details": rows,
                "isoEq": "0",
                "totalEq": plain(sum((Decimal(row["eqUsd"]) for row in rows), Decimal(0))),
                "uTime": self._now(),
            }
        ]

    def funding_wallet(self, asked: Asked) -> Any:
        """Nothing lies beside the trading account."""
        return []

    def coins(self, asked: Asked) -> Any:
        markets = self.exchange.markets.values()
        names = {market.base for market in markets} | {market.quote for market in markets}
        return [
            {
                "ccy": name,
                "name": name,
                "chain": f"{name}-{name}",
                "canDep": False,
                "canWd": False,
                "canInternal": False,
                "mainNet": True,
                "minFee": "0",
                "maxFee": "0",
                "minWd": "0",
                "maxWd": "0",
                "wdTickSz": "8",
            }
            for name in sorted(names)
        ]

    def positions(self, asked: Asked) -> Any:
        """Those that are open; of an instrument that is named also one that was closed."""
        account, named = asked.account, bool(asked.query.get("instId"))
        rows = []
        for market in self.markets(asked.query):
            position = account.position(market.key)
            if market.kind.is_contract and (position.quantity or (named and position.opened)):
                rows.append(position_row(self.exchange, account, market))
        return rows

    def leverage(self, asked: Asked) -> Any:
        mode = one_of(asked.query, "mgnMode", {mode.value: mode for mode in MarginMode})
        return [
            {
                "ccy": "",
                "instId": market.symbol,
                "lever": plain(leverage(asked.account, market)),
                "mgnMode": mode.value,
                "posSide": "net",
            }
            for market in self.markets(asked.query)
        ]

    def set_leverage(self, asked: Asked) -> Any:
        """One leverage for both margin modes, where the venue has two. The same again is as good."""
        wanted = asked.json
        market, new = self.market(wanted), needed(wanted, "lever")
        mode = one_of(wanted, "mgnMode", {mode.value: mode for mode in MarginMode})
        if new != leverage(asked.account, market):
            self.exchange.set_leverage(asked.account, market, new)
        return [{"instId": market.symbol, "lever": plain(new), "mgnMode": mode.value, "posSide": "net"}]

    def set_position_mode(self, asked: Asked) -> Any:
        """The same again is as good."""
        account, is_hedged = asked.account, one_of(asked.json, "posMode", MODES)
        is_busy = self.exchange.open_orders(account) or any(self.positions_of(account))
        if is_hedged != account.is_hedged and is_busy:
            says = "Setting failed. Cancel any open orders, close positions, and stop trading bots first."
            raise Spoken(Reason.BAD_PARAMETER, 59000, says)
        account.is_hedged = is_hedged
        return [{"posMode": asked.json["posMode"]}]

    def positions_of(self, account: Account) -> list[Decimal]:
        """What is held of each contract."""
        markets = self.exchange.markets
        return [at.quantity for key, at in account.positions.items() if markets[key].kind.is_contract]

    def _coin(self, account: Account, coin: str) -> dict[str, Any]:
        exchange = self.exchange
        open_ones = contracts(exchange, account, coin)
        gain = sum((unrealised(market, at, exchange.mark(market)) for market, at in open_ones), Decimal(0))
        entries = sum((market.value(at.quantity, at.entry) for market, at in open_ones), Decimal(0))
        balance, frozen, positions = (
            account.balances[coin],
            held(exchange, account, coin),
            margin(exchange, account, coin),
        )
        equity = balance + gain
        names = "accAvgPx borrowFroz clSpotInUseAmt crossLiab interest isoLiab liab maxLoan maxSpotInUseAmt mgnRatio"
        names += " openAvgPx spotBal spotInUseAmt spotUpl spotUplRatio totalPnl totalPnlRatio uplLiab"
        nothing = "fixedBal isoEq isoUpl notionalLever rewardBal smtSyncEq spotCopyTradingEq spotIsoBal stgyEq twap"
        dollars = plain(equity * self._dollars(coin))
        return {
            **dict.fromkeys(names.split(), ""),
            **dict.fromkeys(nothing.split(), "0"),
            "availBal": plain(free(exchange, account, coin)),
            "availEq": plain(free(exchange, account, coin)),
            "cashBal": plain(balance),
            "ccy": coin,
            "collateralEnabled": False,
            "disEq": dollars,
            "eq": plain(equity),
            "eqUsd": dollars,
            "frozenBal": plain(frozen),
            "imr": plain(positions),
            "mmr": plain(entries * MAINTENANCE),
            "ordFrozen": plain(frozen - positions),
            "uTime": self._now(),
            "upl": plain(gain),
        }

    def _now(self) -> str:
        return str(milliseconds(self.exchange.clock.shown()))

    def _dollars(self, coin: str) -> Decimal:
        """What one coin is worth in dollars, by the market that trades it for some; 0 where there is none."""
        if coin in DOLLARS:
            return Decimal(1)
        for market in self.exchange.markets.values():
            if market.base == coin and market.quote in DOLLARS and market.key in self.exchange.prices:
                return self.exchange.last(market)
        return Decimal(0)
