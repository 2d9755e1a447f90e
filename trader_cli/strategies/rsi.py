"""RSI: buys what is oversold, sells what is overbought."""

from __future__ import annotations

from math import ceil, isnan, log
from typing import TYPE_CHECKING, Annotated, ClassVar, override

from pydantic import Field, ValidationInfo, field_validator

from trader_cli import indicators
from trader_cli.domain.section import BarCount
from trader_cli.domain.trigger import Effect, Passing, Trigger
from trader_cli.strategies import conditions
from trader_cli.strategies.bands import Level, above_oversold
from trader_cli.strategies.base import Params, require
from trader_cli.strategies.conditions import Conditional, Conditions, Measure
from trader_cli.strategies.triggers import between

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trader_cli.domain.bars import Floats
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.strategies.conditions import Measured

_Share = Annotated[float, Field(ge=0, le=1)]


class RsiParams(Params):
    """`[strategy_config.rsi]`."""

    period: BarCount = Field(14, description="bars of Wilder's average")
    oversold_level: Level = Field(30, description="RSI below this buys")
    overbought_level: Level = Field(70, description="RSI above this sells")
    upper_threshold: _Share = Field(
        0.65, description="an open long is also closed once RSI/100 rises above this; 1.0 = off"
    )
    lower_threshold: _Share = Field(
        0.35, description="an open short is also closed once RSI/100 falls below this; 0.0 = off"
    )

    _above_oversold = field_validator("overbought_level")(above_oversold)

    @field_validator("upper_threshold")
    @classmethod
    def _keeps_fresh_longs(cls, upper: float, info: ValidationInfo) -> float:
        oversold = info.data.get("oversold_level")
        require(
            oversold is None or _percent(upper) > oversold,
            f"100 x {upper:g} must be above oversold_level ({oversold}), or each long would be closed at once",
        )
        return upper

    @field_validator("lower_threshold")
    @classmethod
    def _keeps_fresh_shorts(cls, lower: float, info: ValidationInfo) -> float:
        overbought = info.data.get("overbought_level")
        require(
            overbought is None or _percent(lower) < overbought,
            f"100 x {lower:g} must be below overbought_level ({overbought}), or each short would be closed at once",
        )
        return lower


def _rsi_of(measured: Measured, period: int) -> Floats:
    return indicators.rsi(measured.bars.close, period)


def _rsi_share(measured: Measured, period: int) -> Floats:
    return Measure(_rsi_of, (period,)).of(measured) / 100


def _percent(share: float) -> float:
    """100 x share, where 0.07 makes 7 and not 7.000000000000001."""
    return round(100 * share, 9)


class Rsi(Conditional[RsiParams]):
    """Wilder's relative strength against two levels, with earlier exits on the way back."""

    name: ClassVar[str] = "rsi"
    summary: ClassVar[str] = "buys when RSI is oversold, sells when it is overbought"
    params_model: ClassVar[type[Params]] = RsiParams
    confidence: ClassVar[float] = 0.75

    @override
    def warmup(self, timeframe: Timeframe, hours: TradingHours) -> int:
        """7 periods: the seed's share in Wilder's average has fallen to e^-7, a thousandth."""
        return 7 * self.params.period

    @override
    def window(self, timeframe: Timeframe, hours: TradingHours) -> int:
        """600 bars for 14.

        An average of `period` p forgets by 1 - 1/p < e^(-1/p) a bar. What stood before the window may have been 10^6
        times what follows and must come to 10^-9 of it: p ln 10^15 bars. What follows may be one move in the last 3 p
        bars, since without any RSI is 50; it then counts e^-3 / p in the average: 3 p + p ln p more. p + 1 bars seed
        the average. Rounded up to a whole hundred.
        """
        period = self.params.period
        bars = period + 1 + period * (log(1e15) + 3 + log(period))
        return 100 * ceil(bars / 100)

    @override
    def conditions(self) -> Conditions:
        params = self.params
        rsi, share = self._rsi, Measure(_rsi_share, (params.period,))
        upper, lower = params.upper_threshold, params.lower_threshold
        return Conditions(
            buy=conditions.below(rsi, params.oversold_level),
            sell=conditions.above(rsi, params.overbought_level),
            threshold_long=conditions.above(share, upper) if upper < 1 else None,
            threshold_short=conditions.below(share, lower) if lower > 0 else None,
        )

    @override
    def measures(self) -> Mapping[str, Measure]:
        return {"rsi": self._rsi}

    @property
    def _rsi(self) -> Measure:
        return Measure(_rsi_of, (self.params.period,))

    @override
    def reason(self, values: Mapping[str, float]) -> str:
        params, rsi = self.params, values["rsi"]
        if isnan(rsi):
            return f"RSI({params.period}) is not known yet"
        text = f"RSI({params.period}) {rsi:.2f} is "
        if indicators.below(rsi, params.oversold_level):
            return f"{text}below {params.oversold_level:g}: oversold"
        if indicators.above(rsi, params.overbought_level):
            return f"{text}above {params.overbought_level:g}: overbought"
        if indicators.above(rsi / 100, params.upper_threshold):
            return f"{text}above {_percent(params.upper_threshold):g}: a long is closed"
        if indicators.below(rsi / 100, params.lower_threshold):
            return f"{text}below {_percent(params.lower_threshold):g}: a short is closed"
        return f"{text}between the levels"

    @override
    def triggers(self, values: Mapping[str, float]) -> Sequence[Trigger]:
        """The thresholds in RSI's points as well; one that is off is none."""
        params, rsi = self.params, values["rsi"]
        upper, lower = params.upper_threshold, params.lower_threshold
        found: tuple[Trigger, ...] = between("RSI", rsi, params.oversold_level, params.overbought_level)
        if upper < 1:
            met = indicators.above(rsi / 100, upper)
            found += (Trigger(Effect.CLOSE_LONG, "RSI", rsi, _percent(upper), Passing.ABOVE, met),)
        if lower > 0:
            met = indicators.below(rsi / 100, lower)
            found += (Trigger(Effect.CLOSE_SHORT, "RSI", rsi, _percent(lower), Passing.BELOW, met),)
        return found
