"""How the candles of an answer may be spoilt. Each takes them in the venue's own order and keeps it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.venues.core.series import Bar
    from tests.venues.front import Spoiler


def stale(rows: int) -> Spoiler:
    """The newest candles are not there yet."""

    def spoil(bars: list[Bar]) -> list[Bar]:
        late = sorted(bar.open_time for bar in bars)[-rows:]
        return [bar for bar in bars if bar.open_time not in late]

    return spoil


def missing(rows: int = 1) -> Spoiler:
    """Candles in the middle are not there."""
    return lambda bars: bars[: len(bars) // 2] + bars[len(bars) // 2 + rows :]


def duplicate() -> Spoiler:
    """A candle in the middle comes twice."""
    return lambda bars: bars[: len(bars) // 2 + 1] + bars[len(bars) // 2 :]


def turned() -> Spoiler:
    """The candles come in the other order than the venue's."""
    return lambda bars: bars[::-1]


def null() -> Spoiler:
    """The close of the newest candle is null."""
    return _newest(lambda bar: replace(bar, close=None))


def not_a_number() -> Spoiler:
    """The close of the newest candle is the text NaN."""
    return _newest(lambda bar: replace(bar, close=Decimal("NaN")))


def _newest(change: Callable[[Bar], Bar]) -> Spoiler:
    def spoil(bars: list[Bar]) -> list[Bar]:
        newest = max((bar.open_time for bar in bars), default=0)
        return [change(bar) if bar.open_time == newest else bar for bar in bars]

    return spoil
