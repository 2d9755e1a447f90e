"""When a bar is known: at its end, or where its session closes before that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.data.placing import place
from trader_cli.data.sessions import sessions_around
from trader_cli.data.times import DAY
from trader_cli.domain.timeframe import Timeframe, TradingHours

if TYPE_CHECKING:
    from trader_cli.data.sessions import Sessions
    from trader_cli.domain.bars import Ints


def closing_times(open_times: Ints, timeframe: Timeframe, hours: TradingHours) -> Ints:
    """The close of each bar. A daily bar of a stock closes with its session.

    Units: ns since 1970 UTC; `open_times` sorted.
    """
    import numpy as np

    ends = open_times + timeframe.nanoseconds
    if hours is TradingHours.CONTINUOUS or not len(open_times):
        return ends
    closes = place(open_times, timeframe, hours).end
    return closes if timeframe is Timeframe.D1 else np.minimum(ends, closes)


def next_close(now: int, timeframe: Timeframe, hours: TradingHours) -> int:
    """When the next bar closes, after `now`. Units: ns since 1970 UTC."""
    length = timeframe.nanoseconds
    if hours is TradingHours.CONTINUOUS:
        return now // length * length + length
    sessions = sessions_around(now, now, hours)
    at = int(sessions.closes.searchsorted(now, side="right"))  # the session that is open, or the next one
    opens, closes = int(sessions.opens[at]), int(sessions.closes[at])
    if timeframe is Timeframe.D1:
        return closes
    done = max(0, now - opens) // length
    return min(opens + (done + 1) * length, closes)


def latest_open(now: int, timeframe: Timeframe, hours: TradingHours) -> int:
    """The open time of the latest bar that has closed by `now`. Units: ns since 1970 UTC."""
    length = timeframe.nanoseconds
    if hours is TradingHours.CONTINUOUS:
        return now // length * length - length
    sessions = sessions_around(now, now, hours)
    at = int(sessions.opens.searchsorted(now, side="right")) - 1  # the session that has opened last
    if timeframe is Timeframe.D1:
        return int(sessions.day[at - (now < sessions.closes[at])]) * DAY
    closed = _closed_bars(sessions, at, now, length)
    if closed:
        return int(sessions.opens[at]) + (closed - 1) * length
    before = at - 1
    return int(sessions.opens[before]) + (_closed_bars(sessions, before, now, length) - 1) * length


def bars_between(first: int, last: int, timeframe: Timeframe, hours: TradingHours) -> int:
    """How many bars should open after one open time, up to another; 0 where that is no later.

    Units: ns since 1970 UTC.
    """
    import numpy as np

    if last <= first:
        return 0
    if hours is TradingHours.CONTINUOUS:
        return last // timeframe.nanoseconds - first // timeframe.nanoseconds
    slots = place(np.array([first, last]), timeframe, hours).slot
    return int(slots[1] - slots[0])


def is_open(now: int, hours: TradingHours) -> bool:
    """Whether the market trades. Units: ns since 1970 UTC."""
    if hours is TradingHours.CONTINUOUS:
        return True
    sessions = sessions_around(now, now, hours)
    return bool(now < sessions.closes[int(sessions.opens.searchsorted(now, side="right")) - 1])


def _closed_bars(sessions: Sessions, at: int, now: int, length: int) -> int:
    """How many bars of a session have closed; its last one may be shorter."""
    opens, closes = int(sessions.opens[at]), int(sessions.closes[at])
    return -((opens - closes) // length) if now >= closes else (now - opens) // length
