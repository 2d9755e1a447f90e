"""What an account may do and what it pays, in the words of the variant, and as the numbers the rules take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trader_cli.domain.risk import Sizing
from trader_cli.rules.numbers import Grid, Numbers

if TYPE_CHECKING:
    from trader_cli.domain.instrument import Instrument
    from trader_cli.domain.risk import Costs, RiskSettings


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one account; `instruments` in the order of its symbols.

    `is_margined` is True for futures; `leverage` is 1 for everything else.
    """

    starting_balance: float
    risk: RiskSettings
    costs: Costs
    instruments: tuple[Instrument, ...]
    leverage: int = 1
    is_margined: bool = False

    def numbers(self) -> Numbers:
        """The settings that hold for the whole account."""
        risk, costs = self.risk, self.costs
        return Numbers(
            starting_balance=float(self.starting_balance),
            sizes_by_risk=risk.sizing is Sizing.RISK,
            risk_per_trade=float(risk.risk_per_trade),
            max_position_size=float(risk.max_position_size),
            max_total_exposure=float(risk.max_total_exposure),
            max_concurrent_positions=risk.max_concurrent_positions,
            allows_short=risk.allow_short,
            is_margined=self.is_margined,
            leverage=float(self.leverage),
            maintenance_margin_rate=float(costs.maintenance_margin_rate),
            take_profit=float(risk.take_profit),
            stop_loss=float(risk.stop_loss),
            trailing_stop=float(risk.trailing_stop),
            max_daily_loss=float(risk.max_daily_loss),
            max_drawdown=float(risk.max_drawdown),
            cooldown_bars=risk.cooldown_bars,
            max_holding_bars=risk.max_holding_bars,
            taker_fee=float(costs.taker_fee),
            maker_fee=float(costs.maker_fee),
            slippage=float(costs.slippage),
        )

    def grids(self) -> tuple[Grid, ...]:
        """The steps of each symbol's orders, in coins or shares: a contract's are times its size."""
        return tuple(
            Grid(
                lot=float(instrument.lot * instrument.contract_size),
                minimum_quantity=float(instrument.minimum_quantity * instrument.contract_size),
                minimum_notional=float(instrument.minimum_notional),
            )
            for instrument in self.instruments
        )
