"""Momentum: buys what has risen over the lookback, sells what has fallen."""

from __future__ import annotations

from dataclasses import replace
from math import isnan
from typing import TYPE_CHECKING, Annotated, ClassVar, override

from pydantic import Field, ValidationInfo, field_validator

from trader_cli import indicators
from trader_cli.domain.section import BarCount
from trader_cli.domain.trigger import Effect
from trader_cli.strategies import conditions
from trader_cli.strategies.base import Params, require
from trader_cli.strategies.conditions import Conditional, Conditions, Measure
from trader_cli.strategies.triggers import above, below, not_above

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trader_cli.domain.bars import Floats
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.domain.trigger import Trigger
    from trader_cli.strategies.conditions import Measured

_PercentMove = Annotated[float, Field(ge=-100, le=100_000)]


class MomentumParams(Params):
    """`[strategy_config.momentum]`."""

    lookback_period: BarCount = Field(20, description="bars over which the move is measured")
    threshold_buy: _PercentMove = Field(2.0, description="% change over the lookback above which it buys")
    threshold_sell: _PercentMove = Field(-2.0, description="% change over the lookback below which it sells")
    volatility_filter: float = Field(
        0.15,
        gt=0,
        le=1_000_000,
        description="no entry while the lookback's volatility (std of its bar returns x sqrt(lookback)) exceeds this",
    )

    @field_validator("threshold_sell")
    @classmethod
    def _below_buy(cls, sell: float, info: ValidationInfo) -> float:
        buy = info.data.get("threshold_buy")
        require(buy is None or sell < buy, f"{sell:g} must be below threshold_buy ({buy})")
        return sell


def _momentum_of(measured: Measured, lookback: int) -> Floats:
    return indicators.momentum(measured.bars.close, lookback)


def _volatility_of(measured: Measured, lookback: int) -> Floats:
    return indicators.volatility(measured.bars.close, lookback)


class Momentum(Conditional[MomentumParams]):
    """The change over the lookback against two thresholds; wild markets are not entered."""

    name: ClassVar[str] = "momentum"
    summary: ClassVar[str] = "buys a rise over the lookback, sells a fall; no entry in wild markets"
    params_model: ClassVar[type[Params]] = MomentumParams
    confidence: ClassVar[float] = 0.8

    @override
    def warmup(self, timeframe: Timeframe, hours: TradingHours) -> int:
        return self.params.lookback_period

    @override
    def window(self, timeframe: Timeframe, hours: TradingHours) -> int:
        return self.params.lookback_period + 1

    @override
    def conditions(self) -> Conditions:
        params, measures = self.params, self.measures()
        momentum, volatility = measures["momentum"], measures["volatility"]
        return Conditions(
            buy=conditions.above(momentum, params.threshold_buy),
            sell=conditions.below(momentum, params.threshold_sell),
            may_enter=conditions.not_above(volatility, params.volatility_filter),
        )

    @override
    def measures(self) -> Mapping[str, Measure]:
        lookback = (self.params.lookback_period,)
        return {"momentum": Measure(_momentum_of, lookback), "volatility": Measure(_volatility_of, lookback)}

    @override
    def reason(self, values: Mapping[str, float]) -> str:
        params, move, volatility = self.params, values["momentum"], values["volatility"]
        over = f"{params.lookback_period} bars"
        if isnan(move):
            return f"the change over {over} is not known yet"
        if indicators.above(move, params.threshold_buy):
            text = f"the change over {over}, {move:+.4g} %, is above {params.threshold_buy:g} %"
        elif indicators.below(move, params.threshold_sell):
            text = f"the change over {over}, {move:+.4g} %, is below {params.threshold_sell:g} %"
        else:
            return f"the change over {over}, {move:+.4g} %, is between the thresholds"
        if not indicators.not_above(volatility, params.volatility_filter):
            text += f"; no entry: volatility {volatility:.4g} exceeds {params.volatility_filter:g}"
        return text

    @override
    def triggers(self, values: Mapping[str, float]) -> Sequence[Trigger]:
        params, move = self.params, values["momentum"]
        return (
            replace(above(Effect.BUY, "change", move, params.threshold_buy), unit="%"),
            replace(below(Effect.SELL, "change", move, params.threshold_sell), unit="%"),
            not_above(Effect.CALM, "volatility", values["volatility"], params.volatility_filter),
        )
