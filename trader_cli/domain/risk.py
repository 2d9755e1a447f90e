"""The account's limits and costs, as the variant file states them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from trader_cli.domain.section import Fraction, Section

Money = Annotated[float, Field(gt=0, le=1e12)]
FeeRate = Annotated[float, Field(ge=0, le=0.05)]


class Sizing(StrEnum):
    """How large a trade is made."""

    RISK = "risk"
    FIXED = "fixed"


class RiskSettings(Section):
    """How much may be traded, lost and held: `[risk_settings]`."""

    sizing: Sizing = Field(
        Sizing.RISK,
        strict=False,
        description="risk: lose about risk_per_trade of the equity at a stop; fixed: max_position_size a trade",
    )
    max_position_size: Money = Field(750, description="notional of one position, account currency")
    max_total_exposure: Money = Field(3000, description="notional of all positions and entry orders together")
    max_concurrent_positions: int = Field(8, ge=1, le=10_000, description="positions open at once")
    default_leverage: int = Field(
        1, ge=1, le=125, description="mode futures, and backtest or paper of asset class futures; else 1"
    )
    allow_short: bool = Field(False, description="open shorts too; default true for asset class futures")
    fractional_shares: bool = Field(False, description="stocks, etf: trade parts of a share")
    risk_per_trade: Fraction = Field(0.02, description="fraction of the equity lost at a stop (sizing risk)")
    take_profit: float = Field(0.05, gt=0, le=100, description="close at this gain, fraction of the entry price")
    stop_loss: float = Field(0.02, gt=0, lt=1, description="close at this loss, fraction of the entry price")
    max_daily_loss: Fraction = Field(
        0.05,
        description="fraction of the day's opening equity; then no entries until the next day; 1.0 = off",
    )
    max_drawdown: Fraction = Field(
        0.20, description="fraction below the peak equity; then no entries until `trader resume`; 1.0 = off"
    )
    cooldown_bars: int = Field(0, ge=0, le=100_000, description="no entry in a symbol for N bars after its stop")
    trailing_stop: float = Field(
        0.0, ge=0, lt=1, description="stop this fraction below the best price since entry; 0 = off"
    )
    max_holding_bars: int = Field(0, ge=0, le=1_000_000, description="close at the next open after N bars; 0 = off")


class Costs(Section):
    """What a simulated fill costs: `[costs]`. The fee defaults are the venue's published base tier."""

    taker_fee: FeeRate = Field(0.001, description="fraction of the notional, orders that take liquidity")
    maker_fee: FeeRate = Field(0.001, description="fraction of the notional, orders that rest in the book")
    slippage_bps: float = Field(1, ge=0, le=1000, description="1/100 % by which market orders and stops fill worse")
    funding_rate: float | None = Field(
        None, ge=-0.01, le=0.01, description="per 8 h, for futures without funding data; unset by default"
    )
    maintenance_margin_rate: float = Field(
        0.005,
        gt=0,
        lt=0.5,
        description="futures: fraction of the notional below which a position is liquidated",
    )

    @property
    def slippage(self) -> float:
        """Slippage as a fraction of the price."""
        return self.slippage_bps / 10_000
