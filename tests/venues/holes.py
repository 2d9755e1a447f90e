"""Candles in which nothing was traded, as some venues show them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.core.series import Bar

if TYPE_CHECKING:
    from collections.abc import Sequence


def without_holes(bars: Sequence[Bar], length: int) -> list[Bar]:
    """Where a candle of so many ns is missing between others, one is put that is flat at the close before it."""
    found: list[Bar] = []
    for bar in bars:
        while found and found[-1].open_time + length < bar.open_time:
            close = found[-1].close
            found.append(Bar(found[-1].open_time + length, close, close, close, close, Decimal(0)))
        found.append(bar)
    return found
