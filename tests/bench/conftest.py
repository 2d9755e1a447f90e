"""The golden series and trades, as the bench holds such things."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest

from bench import trades
from bench.data import Columns

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def golden(root: Path) -> Columns:
    """The trap series."""
    table = pq.read_table(root / "tests" / "golden" / "traps-1m.parquet")
    return Columns(*(table[field.name].to_numpy() for field in fields(Columns)))


@pytest.fixture(scope="module")
def expected(root: Path) -> trades.Trades:
    """The golden trades, from an implementation that is neither ours nor the bench's."""
    names = ("entry_time", "exit_time", "entry_price", "exit_price", "quantity", "pnl", "exit_reason")
    table = np.genfromtxt(
        root / "tests" / "golden" / "traps-1m-trades.csv", delimiter=",", names=True, dtype=None, encoding="utf-8"
    )
    entry, left, paid, got, quantity, pnl, reason = (table[name] for name in names)
    codes = {"stop_loss": trades.STOP_LOSS, "take_profit": trades.TAKE_PROFIT, "signal": trades.SIGNAL}
    return trades.table(_bars(entry), _bars(left), paid, got, quantity, pnl, [codes[one] for one in reason.tolist()])


def _bars(times: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    """ISO times as numbers of one-minute bars since the start of 2024."""
    bare = np.char.rstrip(times, "Z").astype("datetime64[m]")
    return (bare - np.datetime64("2024-01-01", "m")).astype(np.int64)
