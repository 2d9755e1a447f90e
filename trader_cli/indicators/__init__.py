"""The one place that knows pandas-ta and TA-Lib, and owns the exact definitions (docs/adr/002-indicators.md).

Arrays in, arrays out, one value a bar, NaN where there is none yet. numpy and the indicator libraries are imported
with the first indicator that is asked for, never by importing this package.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from trader_cli.indicators.levels import PRICE_SHARE, RELATIVE, above, below, not_above

if TYPE_CHECKING:
    from trader_cli.indicators.averages import macd
    from trader_cli.indicators.foreign import pandas_ta
    from trader_cli.indicators.motion import momentum, volatility
    from trader_cli.indicators.oscillators import mfi, rsi
    from trader_cli.indicators.prices import rolling_vwap, session_vwap, typical_price

__all__ = [
    "PRICE_SHARE",
    "RELATIVE",
    "above",
    "below",
    "macd",
    "mfi",
    "momentum",
    "not_above",
    "pandas_ta",
    "rolling_vwap",
    "rsi",
    "session_vwap",
    "typical_price",
    "volatility",
]

_HOMES = {
    "macd": "averages",
    "mfi": "oscillators",
    "momentum": "motion",
    "pandas_ta": "foreign",
    "rolling_vwap": "prices",
    "rsi": "oscillators",
    "session_vwap": "prices",
    "typical_price": "prices",
    "volatility": "motion",
}


def __getattr__(name: str) -> Any:
    """The indicator of that name, from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
