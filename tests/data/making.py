"""Market data files made for a test, and what the reader says of them."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from trader_cli.data.reading import Series, load_bars
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

type Frame = Any  # pandas.DataFrame: its stubs cannot follow what tests do to single cells

HEADER = "timestamp,open,high,low,close,volume"
COLUMNS = HEADER.split(",")


def frame(count: int, timeframe: str = "1m", start: str = "2024-01-01", seed: int = 1) -> Frame:
    """A random walk without holes; `timestamp` is aware UTC."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(0, 1e-3, count)))
    opened = np.concatenate(([100.0], close[:-1]))
    times = pd.date_range(start, periods=count, freq=pd.Timedelta(Timeframe(timeframe).duration), tz="UTC")
    return pd.DataFrame(
        {
            "timestamp": times,
            "open": opened,
            "high": np.maximum(opened, close) * 1.0005,
            "low": np.minimum(opened, close) * 0.9995,
            "close": close,
            "volume": random.integers(1, 50, count).astype(float),
        }
    )


def at(rows: Frame, times: pd.DatetimeIndex) -> Frame:
    """The first rows of a walk, at other times."""
    return rows.iloc[: len(times)].assign(timestamp=times)


def write(rows: Frame, path: Path) -> Path:
    """Writes a file in the format its name says; floats as their shortest exact text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        rows.to_parquet(path, index=False)
    else:
        iso = rows["timestamp"]
        if isinstance(iso.dtype, pd.DatetimeTZDtype):
            rows = rows.assign(timestamp=iso.dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
        content = rows.to_csv(index=False).encode()
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def lines(path: Path, *rows: str, header: str = HEADER) -> Path:
    """A CSV file of these very lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join((header, *rows)) + "\n")
    return path


def load(
    path: Path, timeframe: str = "1m", hours: TradingHours = TradingHours.CONTINUOUS, symbol: str = "BTCUSDT"
) -> Series:
    """The reader's answer."""
    return load_bars(path, symbol, Timeframe(timeframe), hours)


def refusal(
    path: Path, timeframe: str = "1m", hours: TradingHours = TradingHours.CONTINUOUS, symbol: str = "BTCUSDT"
) -> str:
    """What the reader says as it refuses: one line that names a file."""
    with pytest.raises(DataError) as caught:
        load(path, timeframe, hours, symbol)
    said = str(caught.value)
    assert "\n" not in said
    assert all(problem.file for problem in caught.value.problems)
    return said


def times(series: Series) -> pd.DatetimeIndex:
    """The open times of what was loaded."""
    return pd.DatetimeIndex(series.bars.open_time).tz_localize("UTC")


def values(series: Series) -> NDArray[np.float64]:
    """Open, high, low, close, volume as rows of one array."""
    bars = series.bars
    return np.stack([bars.open, bars.high, bars.low, bars.close, bars.volume])
