"""Any indicator of pandas-ta, for strategies of one's own."""

from __future__ import annotations

import warnings
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

import numpy as np

from trader_cli.errors import ConfigError, suggest

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars, Floats

_COLUMNS = {"open_": "open", "high": "high", "low": "low", "close": "close", "volume": "volume"}


def pandas_ta(name: str, bars: Bars, *, column: str = "", **params: Any) -> Floats:
    """One column of a pandas-ta indicator: `pandas_ta("bbands", bars, column="BBL", length=20)`.

    `column` is the beginning of the column's name, for indicators that have several; the first by default. What
    pandas-ta leaves out because history is short is NaN.

    Shape: one value a bar. Raises: ConfigError for an unknown indicator or column.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas-ta 0.4.71b0 uses what pandas 4 will drop
        import pandas as pd
        import pandas_ta as library

        index = pd.to_datetime(bars.open_time, unit="ns", utc=True)
        known = pd.DataFrame().ta.indicators(as_list=True)
        if name not in known:
            raise ConfigError(f"pandas-ta has no indicator '{name}'{suggest(name, known)}")
        # The function, not the accessor `frame.ta`: where history is short that one gives back the prices themselves.
        function = getattr(library, name)
        columns = {
            key: pd.Series(getattr(bars, _COLUMNS[key]).copy(), index=index, name=_COLUMNS[key])
            for key, parameter in signature(function).parameters.items()
            if key in _COLUMNS and parameter.default is Parameter.empty
        }
        found = function(**columns, **params)
    if isinstance(found, tuple):  # ichimoku: its second table lies in the future
        found = found[0]
    if found is None:
        return np.full(len(bars), np.nan)
    named = {str(found.name): found} if isinstance(found, pd.Series) else {str(key): found[key] for key in found}
    for key, values in named.items():
        if key.startswith(column):
            return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))
    raise ConfigError(f"pandas-ta's {name} has no column '{column}', it has {', '.join(named)}")
