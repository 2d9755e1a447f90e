"""Any indicator of pandas-ta, for strategies of one's own."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from trader_cli.errors import ConfigError, suggest

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars, Floats


def pandas_ta(name: str, bars: Bars, *, column: str = "", **params: Any) -> Floats:
    """One column of a pandas-ta indicator: `pandas_ta("bbands", bars, column="BBL", length=20)`.

    `column` is the beginning of the column's name, for indicators that have several; the first by default. What
    pandas-ta leaves out because history is short is NaN.

    Shape: one value a bar. Raises: ConfigError for an unknown indicator or column.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas-ta 0.4.71b0 uses what pandas 4 will drop
        import pandas as pd
        import pandas_ta  # noqa: F401 - installs the accessor `ta`

        names = ("open", "high", "low", "close", "volume")
        index = pd.to_datetime(bars.open_time, unit="ns", utc=True)
        frame: Any = pd.DataFrame({name: getattr(bars, name).copy() for name in names}, index=index)
        indicator = getattr(frame.ta, name, None)
        if not callable(indicator) or name not in (known := frame.ta.indicators(as_list=True)):
            raise ConfigError(f"pandas-ta has no indicator '{name}'{suggest(name, known)}")
        found = indicator(**params)
    if found is None:
        return np.full(len(bars), np.nan)
    columns = {str(found.name): found} if isinstance(found, pd.Series) else {str(key): found[key] for key in found}
    for key, values in columns.items():
        if key.startswith(column):
            return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))
    raise ConfigError(f"pandas-ta's {name} has no column '{column}', it has {', '.join(columns)}")
