"""Two levels of an oscillator, 0..100: what the parameters of RSI and MFI share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationInfo

from trader_cli.strategies.base import require

Level = Annotated[float, Field(ge=0, le=100)]


def above_oversold(overbought: float, info: ValidationInfo) -> float:
    """Validates `overbought_level`, which stands after `oversold_level` and must be above it."""
    oversold = info.data.get("oversold_level")
    require(oversold is None or oversold < overbought, f"{overbought:g} must be above oversold_level ({oversold})")
    return overbought
