"""TA-Lib without its pandas wrapper.

`import talib` imports pandas, 0.7 s that a trader without DataFrames need not pay. Where nobody has imported pandas
yet, it is hidden while TA-Lib loads, and the package `talib` is forgotten again: whoever imports it later, pandas-ta
for one, gets it whole, over the same C library.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from trader_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from trader_cli.domain.bars import Floats

_FRAMES = ("pandas", "polars")


class TaLib(Protocol):
    """The part of TA-Lib that is called here; its own names."""

    def RSI(self, real: Floats, timeperiod: int) -> Floats: ...  # noqa: N802
    def MACD(  # noqa: N802
        self, real: Floats, fastperiod: int, slowperiod: int, signalperiod: int
    ) -> tuple[Floats, Floats, Floats]: ...


@cache
def talib() -> TaLib:
    """TA-Lib's functions on arrays.

    Raises: ConfigError when it is not installed: pandas-ta would give other numbers without a word.
    """
    try:
        with _without_frames():
            return cast("TaLib", import_module("talib"))
    except ImportError as cause:
        raise ConfigError(f"TA-Lib cannot be loaded ({cause}): run `make setup`, or `pip install ta-lib`") from cause


@contextmanager
def _without_frames() -> Iterator[None]:
    """Frame libraries that are not loaded yet cannot be, and `talib` is not left behind without them."""
    hidden = [name for name in _FRAMES if name not in sys.modules]
    if "pandas" not in hidden or "talib" in sys.modules:
        yield
        return
    for name in hidden:
        sys.modules[name] = cast("ModuleType", None)  # makes `import` fail as if it were not installed
    try:
        yield
    finally:
        for name in (*hidden, "talib", "talib.stream"):
            sys.modules.pop(name, None)
