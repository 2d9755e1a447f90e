"""When cron is to start a pass: shortly after each close of every variant's bars, in UTC.

A pass that finds no new bar does nothing, so a minute too many is harmless and one too few is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from trader_cli.domain.timeframe import Timeframe, TradingHours

if TYPE_CHECKING:
    from collections.abc import Iterable

_MINUTES, _HOURS, _DAYS = range(60), range(24), range(7)  # of the week: 0 is Sunday
_HOUR = 60
_SETTLED = 5
"""Minutes after its close at which a stock's daily bar is asked for: the closing auction takes a moment."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The minutes, hours and days of the week at which cron starts a pass."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]

    def __or__(self, other: Schedule) -> Schedule:
        """Whenever either would, and at times when neither would."""
        return Schedule(self.minutes | other.minutes, self.hours | other.hours, self.days | other.days)

    def __str__(self) -> str:
        """The five fields of a crontab line."""
        minutes, hours, days = (
            _field(chosen, whole)
            for chosen, whole in ((self.minutes, _MINUTES), (self.hours, _HOURS), (self.days, _DAYS))
        )
        return f"{minutes} {hours} * * {days}"


def schedule(timeframe: Timeframe, hours: TradingHours) -> Schedule:
    """When the bars of a market close, whatever New York's clock is at: its winter and its summer are both covered."""
    minutes = int(timeframe.duration.total_seconds()) // 60
    if hours is TradingHours.CONTINUOUS:
        return _of(range(0, 60, min(minutes, _HOUR)), range(0, 24, max(1, minutes // _HOUR)), _DAYS)
    if hours is TradingHours.EXTENDED:  # 04:00 to 20:00 in New York: 08:00 or 09:00 to 00:00 or 01:00
        if timeframe is Timeframe.D1:
            return _of([_SETTLED], [0, 1], range(2, 7))
        return _of(range(0, 60, min(minutes, _HOUR)), [0, 1, *range(8, 24)], range(1, 7))
    if timeframe is Timeframe.D1:
        return _of([_SETTLED], [20, 21], range(1, 6))
    bars_begin_at_half_past = _HOUR // 2  # 09:30 in New York: 13:30 or 14:30; the last one ends at 20:00 or 21:00
    return _of(range(0, 60, min(minutes, bars_begin_at_half_past)), range(13, 22), range(1, 6))


def _of(minutes: Iterable[int], hours: Iterable[int], days: Iterable[int]) -> Schedule:
    return Schedule(frozenset(minutes), frozenset(hours), frozenset(days))


def _field(chosen: frozenset[int], whole: range) -> str:
    """A set as cron writes it, as short as it can be.

    >>> _field(frozenset(range(60)), range(60)), _field(frozenset({0, 30}), range(60))
    ('*', '*/30')
    >>> _field(frozenset({0, 1, 8, 9, 10}), range(24)), _field(frozenset({0}), range(60))
    ('0-1,8-10', '0')
    """
    numbers = sorted(chosen)
    steps = {after - before for before, after in pairwise(numbers)}
    if len(steps) == 1 and numbers == list(range(0, len(whole), *steps)):
        return "*" if steps == {1} else f"*/{steps.pop()}"
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
