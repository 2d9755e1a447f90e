"""TA-Lib and pandas-ta behind one door."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.indicators.markets import ramp
from trader_cli import indicators
from trader_cli.conformance import bars_of, market
from trader_cli.errors import ConfigError
from trader_cli.indicators import talib_core

if TYPE_CHECKING:
    from collections.abc import Iterator


def _run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_indicators_are_computed_without_importing_pandas() -> None:
    program = (
        "import sys, numpy as np; from trader_cli import indicators;"
        "x = np.linspace(1, 2, 100); indicators.rsi(x, 14); indicators.macd(x, 12, 26, 9);"
        "print([name for name in ('pandas', 'numba', 'pandas_ta') if name in sys.modules])"
    )
    assert _run(program) == "[]"


def test_pandas_ta_and_talib_work_with_series_after_ours_hid_pandas() -> None:
    program = (
        "import warnings; warnings.simplefilter('ignore');"
        "from trader_cli import indicators; from trader_cli.conformance import market; bars = market(1);"
        "a = indicators.rsi(bars.close, 14); b = indicators.pandas_ta('rsi', bars, length=14);"
        "import numpy, pandas, talib; c = talib.RSI(pd := pandas.Series(bars.close), 14);"
        "print(type(c).__name__, numpy.nanmax(abs(b - c.to_numpy())) == 0, numpy.nanmedian(abs(a - b)) < 1e-9)"
    )
    assert _run(program) == "Series True True"


@pytest.fixture
def without_talib(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "talib", None)
    talib_core.talib.cache_clear()
    yield
    talib_core.talib.cache_clear()


@pytest.mark.usefixtures("without_talib")
def test_a_missing_talib_is_said_clearly() -> None:
    with pytest.raises(ConfigError, match=r"TA-Lib cannot be loaded .*make setup"):
        indicators.rsi(ramp(100), 14)


def test_importing_the_package_imports_no_numpy() -> None:
    assert _run("import sys, trader_cli.indicators; print('numpy' in sys.modules)") == "False"


def test_an_unknown_indicator_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'rsj'"):
        _ = indicators.rsj


def test_every_name_the_package_offers_can_be_had() -> None:
    for name in indicators.__all__:
        assert getattr(indicators, name) is not None


def test_pandas_ta_gives_the_column_asked_for() -> None:
    bars = market(1, size=200)
    middle = indicators.pandas_ta("bbands", bars, column="BBM", length=20)
    assert middle[19] == pytest.approx(bars.close[:20].mean())
    assert np.isnan(middle[:19]).all()


def test_pandas_ta_indicators_of_two_tables_give_the_one_of_the_past() -> None:
    bars = market(1, size=200)
    assert indicators.pandas_ta("ichimoku", bars, column="ITS").shape == (200,)


def test_pandas_ta_on_short_history_gives_nan_not_none() -> None:
    found = indicators.pandas_ta("rsi", bars_of([1.0, 2.0, 3.0]), length=14)
    assert found.shape == (3,)
    assert np.isnan(found).all()


def test_pandas_ta_says_what_it_does_not_know() -> None:
    bars = market(1, size=200)
    with pytest.raises(ConfigError, match=r"no indicator 'rsj', did you mean '\w+'\?"):
        indicators.pandas_ta("rsj", bars)
    with pytest.raises(ConfigError, match="no column 'X', it has BBL_"):
        indicators.pandas_ta("bbands", bars, column="X", length=20)
