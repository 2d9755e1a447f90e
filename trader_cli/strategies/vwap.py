"""VWAP: buys well below the volume-weighted average price, sells well above it."""

from __future__ import annotations

import re
from math import isnan
from typing import TYPE_CHECKING, ClassVar, override

from pydantic import Field, field_validator

from trader_cli import indicators
from trader_cli.domain.timeframe import Timeframe
from trader_cli.errors import Problem
from trader_cli.strategies import conditions
from trader_cli.strategies.base import Params, require
from trader_cli.strategies.conditions import Conditional, Conditions, Measure
from trader_cli.strategies.triggers import between

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trader_cli.domain.bars import Floats
    from trader_cli.domain.timeframe import TradingHours
    from trader_cli.domain.trigger import Trigger
    from trader_cli.strategies.conditions import Measured

_ANCHOR = r"^(session|rolling:([2-9]|[1-9][0-9]{1,3}|10000))$"


class VwapParams(Params):
    """`[strategy_config.vwap]`."""

    anchor: str = Field(
        "session",
        description="session (UTC day for 24/7 markets, exchange session for stocks) or rolling:N, the last N bars",
        examples=["session", "rolling:48"],
        json_schema_extra={"pattern": _ANCHOR},
    )
    deviation: float = Field(
        0.01, ge=0, lt=1, description="close below vwap x (1 - deviation) buys, above vwap x (1 + deviation) sells"
    )

    @field_validator("anchor")
    @classmethod
    def _known_anchor(cls, anchor: str) -> str:
        require(
            re.fullmatch(_ANCHOR, anchor, re.ASCII) is not None and not anchor.endswith("\n"),
            f"'{anchor}' must be 'session' or 'rolling:N', N from 2 to 10000",
        )
        return anchor

    @property
    def rolling_bars(self) -> int | None:
        """N of `rolling:N`; None where the anchor is the session."""
        _, _, count = self.anchor.partition(":")
        return int(count) if count else None


def _vwap_of(measured: Measured, rolling_bars: int | None) -> Floats:
    bars = measured.bars
    if rolling_bars is None:
        return indicators.session_vwap(bars.high, bars.low, bars.close, bars.volume, bars.session)
    return indicators.rolling_vwap(bars.high, bars.low, bars.close, bars.volume, rolling_bars)


def _close_to_vwap(measured: Measured, rolling_bars: int | None) -> Floats:
    return measured.bars.close / Measure(_vwap_of, (rolling_bars,)).of(measured)


class Vwap(Conditional[VwapParams]):
    """The close against the average price paid in the session, or over the last N bars."""

    name: ClassVar[str] = "vwap"
    summary: ClassVar[str] = "buys well below the volume-weighted average price, sells well above it"
    params_model: ClassVar[type[Params]] = VwapParams
    confidence: ClassVar[float] = 0.65

    @override
    def warmup(self, timeframe: Timeframe, hours: TradingHours) -> int:
        """All but one bar of the window: whatever bar history starts with, a whole session or N bars are there."""
        return self.window(timeframe, hours) - 1

    @override
    def window(self, timeframe: Timeframe, hours: TradingHours) -> int:
        return self.params.rolling_bars or hours.bars_per_session(timeframe)

    @override
    def problems(self, timeframe: Timeframe, hours: TradingHours) -> Sequence[Problem]:
        if self.params.rolling_bars is None and timeframe is Timeframe.D1:
            message = "a session of 1d bars is one bar, its own average: use 'rolling:N' or a shorter timeframe"
            return (Problem(message, key="anchor"),)
        return ()

    @override
    def conditions(self) -> Conditions:
        deviation, ratio = self.params.deviation, self.measures()["close_to_vwap"]
        return Conditions(buy=conditions.below(ratio, 1 - deviation), sell=conditions.above(ratio, 1 + deviation))

    @override
    def measures(self) -> Mapping[str, Measure]:
        rolling = (self.params.rolling_bars,)
        return {"vwap": Measure(_vwap_of, rolling), "close_to_vwap": Measure(_close_to_vwap, rolling)}

    @override
    def reason(self, values: Mapping[str, float]) -> str:
        deviation, ratio = self.params.deviation, values["close_to_vwap"]
        if isnan(ratio):
            return "VWAP is not known: no volume yet"
        text = f"the close is {100 * (ratio - 1):+.3f} % from VWAP, "
        if indicators.below(ratio, 1 - deviation):
            return f"{text}below -{100 * deviation:g} %"
        if indicators.above(ratio, 1 + deviation):
            return f"{text}above +{100 * deviation:g} %"
        return f"{text}within {100 * deviation:g} %"

    @override
    def triggers(self, values: Mapping[str, float]) -> Sequence[Trigger]:
        deviation = self.params.deviation
        return between("close / VWAP", values["close_to_vwap"], 1 - deviation, 1 + deviation)
