"""What an account owns at Kraken."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.core.money import held
from tests.venues.kraken.desk import Desk, asset_id
from tests.venues.texts import on_grid

if TYPE_CHECKING:
    from tests.venues.front import Asked

TEN = Decimal("0.0000000001")


class AccountDesk(Desk):
    """`/0/private/Balance...` and positions on margin, which are not simulated: there are none."""

    def balance(self, asked: Asked) -> Any:
        return {asset_id(asset): on_grid(amount, TEN) for asset, amount in sorted(asked.account.balances.items())}

    def balance_and_holds(self, asked: Asked) -> Any:
        return {
            asset_id(asset): {
                "balance": on_grid(amount, TEN),
                "hold_trade": on_grid(held(self.exchange, asked.account, asset), TEN),
            }
            for asset, amount in sorted(asked.account.balances.items())
        }

    def positions(self, asked: Asked) -> Any:
        return {}
