"""The series of W1 and W3, made from a fixed seed, and the raw columns every engine reads."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    type Floats = NDArray[np.float64]

BARS = 1_000_000
SEED = 20241
START_NS = 1_704_067_200_000_000_000
"""2024-01-01T00:00:00Z; the bars last one minute each."""
MINUTE_NS = 60_000_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Prices of bars, oldest first."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats

    def head(self, count: int) -> Columns:
        """The first bars."""
        return Columns(*(getattr(self, field.name)[:count] for field in fields(self)))

    def part(self, number: int, of: int) -> Columns:
        """Symbol `number` of columns that hold `of` symbols, one after the other; its own arrays."""
        bars = len(self.close) // of
        rows = slice(number * bars, (number + 1) * bars)
        return Columns(*(getattr(self, field.name)[rows].copy() for field in fields(self)))

    def write(self, folder: Path) -> None:
        """One file of raw float64 a column."""
        folder.mkdir(parents=True, exist_ok=True)
        for field in fields(self):
            getattr(self, field.name).tofile(folder / f"{field.name}.f64")

    @classmethod
    def read(cls, folder: Path) -> Columns:
        """What `write` has written."""
        return cls(*(np.fromfile(folder / f"{field.name}.f64") for field in fields(cls)))

    def sha256(self) -> str:
        """What the columns hold, in short."""
        digest = hashlib.sha256()
        for field in fields(self):
            digest.update(getattr(self, field.name).tobytes())
        return digest.hexdigest()


def generated(count: int = BARS, seed: int = SEED) -> Columns:
    """A random walk with fat tails: quiet minutes, a few jumps, gaps and long wicks, so that every fill rule is met."""
    random = np.random.default_rng(seed)

    def rare(share: float, size: float) -> Floats:
        return np.where(random.random(count) < share, random.normal(0, size, count), 0.0)

    moves = random.normal(0, 0.0011, count) + rare(0.002, 0.012)
    close = 30_000 * np.exp(np.cumsum(moves - moves.mean()))
    before = np.concatenate(([30_000.0], close[:-1]))
    opening = before * np.exp(random.normal(0, 0.0001, count) + rare(0.001, 0.015))
    upper, lower = (np.abs(random.normal(0, 0.0006, count) + rare(0.003, 0.03)) for _ in range(2))
    high = np.maximum(opening, close) * np.exp(upper)
    low = np.minimum(opening, close) * np.exp(-lower)
    return Columns(opening, high, low, close)


def generated_together(symbols: int, count: int) -> Columns:
    """Columns of several symbols, each with a seed of its own, one after the other."""
    series = [generated(count, SEED + 1 + number) for number in range(symbols)]
    return Columns(*(np.concatenate([getattr(one, field.name) for one in series]) for field in fields(Columns)))


def times(count: int) -> NDArray[np.int64]:
    """Open times of one-minute bars. Units: ns since 1970 UTC."""
    return START_NS + MINUTE_NS * np.arange(count, dtype=np.int64)
