"""Prices through time: candles given at one interval, seen at any coarser one, and the path that they stand for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

type Bucket = Callable[[int], int]
"""Gives the open time of the bar that a time falls into."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One candle. A field is None only where a test asked for a spoilt answer."""

    open_time: int
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal | None
    volume: Decimal | None


@dataclass(frozen=True, slots=True)
class Row:
    """One candle as given: whole and true."""

    open_time: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal

    @property
    def path(self) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """Where the price went: a rising candle falls first, a falling one rises first."""
        between = (self.low, self.high) if self.close >= self.open else (self.high, self.low)
        return (self.open, *between, self.close)


@dataclass(frozen=True, slots=True)
class Step:
    """The price arrives somewhere; from the price before it by a jump, or through all between."""

    time: int
    price: Decimal
    is_jump: bool


@dataclass(frozen=True, slots=True)
class Every:
    """Bars of one length, counted from 1970 and an offset (ns)."""

    interval: int
    offset: int = 0

    def __call__(self, time: int) -> int:
        return (time - self.offset) // self.interval * self.interval + self.offset


def every(interval: int, offset: int = 0) -> Bucket:
    """Bars of one length, counted from 1970 and an offset (ns)."""
    return Every(interval, offset)


class Series:
    """Candles of one market. A candle's prices are reached at its open, at one and two thirds, and at its close."""

    def __init__(self, rows: Iterable[Sequence[int | str | float | Decimal]], interval: int) -> None:
        """`rows`: (open time ns, open, high, low, close, volume), oldest first. Raises: ValueError if out of order."""
        self.interval = interval
        self.rows = [Row(int(time), *(Decimal(str(number)) for number in numbers)) for time, *numbers in rows]
        self._times = [row.open_time for row in self.rows]
        self._finished: dict[Every, tuple[int, list[Bar]]] = {}
        if any(later - earlier < interval for earlier, later in zip(self._times, self._times[1:], strict=False)):
            raise ValueError("candles must be in order and apart")

    def steps(self, after: int, until: int) -> list[Step]:
        """The path in the half-open time (after, until]."""
        first = max(0, bisect_left(self._times, after - self.interval))
        rows = self.rows[first : bisect_right(self._times, until)]
        return [step for row in rows for step in self._steps_of(row) if after < step.time <= until]

    def price(self, at: int) -> Decimal | None:
        """The last price known at a time; None before the first."""
        found = bisect_right(self._times, at)
        if found == 0:
            return None
        return [step for step in self._steps_of(self.rows[found - 1]) if step.time <= at][-1].price

    def moved(self, at: int) -> int | None:
        """When the price of a time was reached; None before the first."""
        found = bisect_right(self._times, at)
        steps = self._steps_of(self.rows[found - 1]) if found else []
        return max((step.time for step in steps if step.time <= at), default=None)

    def bars(self, bucket: Bucket, now: int, *, of_whole_rows: bool = False) -> list[Bar]:
        """All bars begun by now, oldest first; the last holds what was seen of it, or its rows that are over."""
        count = bisect_right(self._times, now - self.interval if of_whole_rows else now)
        done, finished = self._finished.get(bucket, (0, [])) if isinstance(bucket, Every) else (0, [])
        if done >= count:  # of a time before
            done, finished = 0, []
        groups = groupby(self.rows[done:count], lambda row: bucket(row.open_time))
        bars = finished + [_together(time, rows, now, self) for time, rows in groups]
        if isinstance(bucket, Every) and bars:  # all but the last are over, and put together once
            self._finished[bucket] = bisect_left(self._times, bars[-1].open_time), bars[:-1]
        return bars

    def seen(self, row: Row, now: int) -> Row:
        """A candle as far as it has come."""
        if now >= row.open_time + self.interval:
            return row
        thirds = (now - row.open_time) * 3 // self.interval
        path = row.path[: thirds + 1]
        return Row(row.open_time, path[0], max(path), min(path), path[-1], row.volume * thirds / 3)

    def _steps_of(self, row: Row) -> list[Step]:
        times = [row.open_time + self.interval * third // 3 for third in range(4)]
        return [Step(time, price, time == row.open_time) for time, price in zip(times, row.path, strict=True)]


def _together(time: int, rows: Iterable[Row], now: int, series: Series) -> Bar:
    seen = [series.seen(row, now) for row in rows]
    return Bar(
        time,
        seen[0].open,
        max(row.high for row in seen),
        min(row.low for row in seen),
        seen[-1].close,
        sum((row.volume for row in seen), Decimal(0)),
    )
