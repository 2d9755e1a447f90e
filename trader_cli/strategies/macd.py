"""MACD: buys when the histogram is clearly positive, sells when it is clearly negative."""

from __future__ import annotations

from math import ceil, isnan
from typing import TYPE_CHECKING, ClassVar, override

from pydantic import Field, ValidationInfo, field_validator

from trader_cli import indicators
from trader_cli.domain.section import BarCount
from trader_cli.domain.trigger import Effect
from trader_cli.strategies import conditions
from trader_cli.strategies.base import Params, require
from trader_cli.strategies.conditions import Conditional, Conditions, Measure
from trader_cli.strategies.triggers import above, below

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trader_cli.domain.bars import Floats
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.domain.trigger import Trigger
    from trader_cli.strategies.conditions import Measured


class MacdParams(Params):
    """`[strategy_config.macd]`."""

    fast_period: BarCount = Field(12, description="bars of the fast average")
    slow_period: BarCount = Field(26, description="bars of the slow average")
    signal_period: BarCount = Field(9, description="bars of the average of their difference")
    threshold: float = Field(
        0.0001, ge=0, le=1, description="histogram / close above +threshold buys, below -threshold sells"
    )

    @field_validator("slow_period")
    @classmethod
    def _slower_than_fast(cls, slow: int, info: ValidationInfo) -> int:
        fast = info.data.get("fast_period")
        require(fast is None or fast < slow, f"{slow} must be above fast_period ({fast})")
        return slow


def _macd_of(measured: Measured, fast: int, slow: int, signal: int) -> tuple[Floats, Floats, Floats]:
    return indicators.macd(measured.bars.close, fast, slow, signal)


def _line(measured: Measured, which: int, *periods: int) -> Floats:
    lines: tuple[Floats, Floats, Floats] = measured(_macd_of, *periods)
    return lines[which]


def _histogram_fraction(measured: Measured, *periods: int) -> Floats:
    return _line(measured, 2, *periods) / measured.bars.close


class Macd(Conditional[MacdParams]):
    """The MACD histogram, as a share of the price, against a threshold."""

    name: ClassVar[str] = "macd"
    summary: ClassVar[str] = "buys a positive MACD histogram, sells a negative one"
    params_model: ClassVar[type[Params]] = MacdParams
    confidence: ClassVar[float] = 0.7

    @override
    def warmup(self, timeframe: Timeframe, hours: TradingHours) -> int:
        """The seeds, then until they count e^-7 in the slower average, which forgets by e^(-2/(n+1)) a bar."""
        return self._seed_bars + ceil(3.5 * self._memory)

    @override
    def window(self, timeframe: Timeframe, hours: TradingHours) -> int:
        """737 bars for 12, 26, 9.

        An average over n bars forgets by (n-1)/(n+1) < e^(-2/(n+1)) a bar; after 26 (n+1) bars by e^-52. The signal
        line averages an average, which multiplies that by at most 1 + 52. Prices before the window may have been 10^6
        times those that follow: 10^6 x 53 x e^-52 = 1.4e-15 of the close, under the 10^-13 that law P3 allows.
        """
        return self._seed_bars + 26 * self._memory

    @property
    def _seed_bars(self) -> int:
        return self.params.slow_period + self.params.signal_period

    @property
    def _memory(self) -> int:
        return max(self.params.slow_period, self.params.signal_period) + 1

    @override
    def conditions(self) -> Conditions:
        threshold, share = self.params.threshold, Measure(_histogram_fraction, self._periods)
        return Conditions(
            buy=conditions.above(share, threshold, indicators.PRICE_SHARE),
            sell=conditions.below(share, -threshold, indicators.PRICE_SHARE),
        )

    @override
    def measures(self) -> Mapping[str, Measure]:
        return {
            "macd": Measure(_line, (0, *self._periods)),
            "signal": Measure(_line, (1, *self._periods)),
            "histogram_fraction": Measure(_histogram_fraction, self._periods),
        }

    @property
    def _periods(self) -> tuple[int, int, int]:
        return self.params.fast_period, self.params.slow_period, self.params.signal_period

    @override
    def reason(self, values: Mapping[str, float]) -> str:
        threshold, share = self.params.threshold, values["histogram_fraction"]
        if isnan(share):
            return "MACD is not known yet"
        text = f"MACD histogram / close {share:+.6f} is "
        if indicators.above(share, threshold, indicators.PRICE_SHARE):
            return f"{text}above {threshold:g}"
        if indicators.below(share, -threshold, indicators.PRICE_SHARE):
            return f"{text}below {-threshold:g}"
        return f"{text}within {threshold:g} of zero"

    @override
    def triggers(self, values: Mapping[str, float]) -> Sequence[Trigger]:
        threshold, share = self.params.threshold, values["histogram_fraction"]
        name, rounding = "histogram / close", indicators.PRICE_SHARE
        return (
            above(Effect.BUY, name, share, threshold, tolerance=rounding),
            below(Effect.SELL, name, share, -threshold, tolerance=rounding),
        )
