"""The wallets and positions of an account at Deribit."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.core.money import contracts, free, held, margin, unrealised
from tests.venues.core.refusals import Reason, Refused
from tests.venues.deribit.desk import Desk, number, parameters
from tests.venues.deribit.shapes import position_row

if TYPE_CHECKING:
    from tests.venues.core.accounts import Account
    from tests.venues.front import Asked

CREATED = 1_687_352_432_143


class AccountDesk(Desk):
    """`private/get_account_summar...` and `private/get_position...`"""

    def summaries(self, asked: Asked) -> Any:
        account = asked.account
        return {
            "id": account.uid,
            "email": "user@example.com",
            "system_name": "user",
            "username": "user",
            "block_rfq_self_match_prevention": True,
            "creation_timestamp": CREATED,
            "type": "main",
            "referrer_id": None,
            "login_enabled": False,
            "security_keys_enabled": False,
            "mmp_enabled": False,
            "interuser_transfers_enabled": False,
            "self_trading_reject_mode": "cancel_maker",
            "self_trading_extended_to_subaccounts": False,
            "summaries": [self._summary(account, currency) for currency in sorted(account.balances)],
        }

    def summary(self, asked: Asked) -> Any:
        currency = str(parameters(asked).get("currency") or "")
        if not currency:
            raise Refused(Reason.BAD_PARAMETER, "currency")
        return self._summary(asked.account, currency)

    def positions(self, asked: Asked) -> Any:
        """Those that are open, and those that were: a closed one stays with a size of 0."""
        wanted = {**parameters(asked), "kind": "future"}
        markets = [market for market in self.markets(wanted) if asked.account.position(market.key).updated]
        return [position_row(self.exchange, asked.account, market) for market in markets]

    def position(self, asked: Asked) -> Any:
        return position_row(self.exchange, asked.account, self.market(parameters(asked)))

    def _summary(self, account: Account, currency: str) -> dict[str, Any]:
        """Equity is the balance with what positions have gained; each currency stands for itself."""
        exchange, balance = self.exchange, account.balances.get(currency, Decimal(0))
        gains = sum(
            (unrealised(market, at, exchange.mark(market)) for market, at in contracts(exchange, account, currency)),
            Decimal(0),
        )
        initial, available = held(exchange, account, currency), free(exchange, account, currency)
        keeping = margin(exchange, account, currency) / 2
        index, nothing = f"{currency}_usd".lower(), 0.0
        rules = self.exchange.rules
        fee = {"type": "fixed", "taker": number(rules.taker), "maker": number(rules.maker)}
        return {
            **dict.fromkeys(UNUSED, nothing),
            "currency": currency,
            "balance": number(balance),
            "equity": number(balance + gains),
            "margin_balance": number(balance + gains),
            "available_funds": number(available),
            "available_withdrawal_funds": number(available),
            "initial_margin": number(initial),
            "projected_initial_margin": number(initial),
            "maintenance_margin": number(keeping),
            "projected_maintenance_margin": number(keeping),
            "session_upl": number(gains),
            "futures_session_upl": number(gains),
            "futures_pl": number(gains),
            "total_pl": number(gains),
            "delta_total_map": {index: nothing},
            "estimated_liquidation_ratio_map": {index: nothing},
            "options_gamma_map": {},
            "options_theta_map": {},
            "options_vega_map": {},
            "portfolio_margining_enabled": False,
            "cross_collateral_enabled": False,
            "margin_model": "segregated_sm",
            "limits": LIMITS,
            "fees": [{"value": {"default": fee, "block_trade": 0.3}, "kind": "perpetual", "index_name": index}],
        }


UNUSED = (
    "additional_reserve",
    "delta_total",
    "estimated_liquidation_ratio",
    "fee_balance",
    "futures_session_rpl",
    "options_delta",
    "options_gamma",
    "options_pl",
    "options_session_rpl",
    "options_session_upl",
    "options_theta",
    "options_value",
    "options_vega",
    "projected_delta_total",
    "session_rpl",
    "spot_reserve",
)
LIMITS = {
    "limits_per_currency": False,
    "non_matching_engine": {"burst": 1500, "rate": 1000},
    "matching_engine": {
        "trading": {"total": {"burst": 250, "rate": 200}},
        "spot": {"burst": 250, "rate": 200},
        "quotes": {"burst": 500, "rate": 500},
        "max_quotes": {"burst": 10, "rate": 10},
        "guaranteed_quotes": {"burst": 2, "rate": 2},
        "cancel_all": {"burst": 250, "rate": 200},
    },
}
