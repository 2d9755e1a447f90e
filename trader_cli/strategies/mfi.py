"""MFI: the money flow index, buying what is oversold and selling what is overbought."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, ClassVar, override

from pydantic import Field, field_validator

from trader_cli import indicators
from trader_cli.domain.section import BarCount
from trader_cli.strategies import conditions
from trader_cli.strategies.bands import Level, above_oversold
from trader_cli.strategies.base import Params
from trader_cli.strategies.conditions import Conditional, Conditions, Measure
from trader_cli.strategies.triggers import between

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trader_cli.domain.bars import Floats
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.domain.trigger import Trigger
    from trader_cli.strategies.conditions import Measured


class MfiParams(Params):
    """`[strategy_config.mfi]`."""

    period: BarCount = Field(14, description="bars of flow that are summed")
    oversold_level: Level = Field(20, description="MFI below this buys")
    overbought_level: Level = Field(80, description="MFI above this sells")

    _above_oversold = field_validator("overbought_level")(above_oversold)


def _mfi_of(measured: Measured, period: int) -> Floats:
    bars = measured.bars
    return indicators.mfi(bars.high, bars.low, bars.close, bars.volume, period)


class Mfi(Conditional[MfiParams]):
    """The share of money that flowed on rising prices, against two levels."""

    name: ClassVar[str] = "mfi"
    summary: ClassVar[str] = "buys when money flow is oversold, sells when it is overbought"
    params_model: ClassVar[type[Params]] = MfiParams
    confidence: ClassVar[float] = 0.7

    @override
    def warmup(self, timeframe: Timeframe, hours: TradingHours) -> int:
        return self.params.period

    @override
    def window(self, timeframe: Timeframe, hours: TradingHours) -> int:
        """`period` flows, and the bar before them that gives the first its direction."""
        return self.params.period + 1

    @override
    def conditions(self) -> Conditions:
        params, mfi = self.params, self._mfi
        return Conditions(
            buy=conditions.below(mfi, params.oversold_level), sell=conditions.above(mfi, params.overbought_level)
        )

    @override
    def measures(self) -> Mapping[str, Measure]:
        return {"mfi": self._mfi}

    @property
    def _mfi(self) -> Measure:
        return Measure(_mfi_of, (self.params.period,))

    @override
    def reason(self, values: Mapping[str, float]) -> str:
        params, mfi = self.params, values["mfi"]
        if isnan(mfi):
            return f"MFI({params.period}) is not known"
        text = f"MFI({params.period}) {mfi:.2f} is "
        if indicators.below(mfi, params.oversold_level):
            return f"{text}below {params.oversold_level:g}: oversold"
        if indicators.above(mfi, params.overbought_level):
            return f"{text}above {params.overbought_level:g}: overbought"
        return f"{text}between the levels"

    @override
    def triggers(self, values: Mapping[str, float]) -> Sequence[Trigger]:
        return between("MFI", values["mfi"], self.params.oversold_level, self.params.overbought_level)
