"""Where bars stand in their market: inside its hours, in which session, at which place of a series without holes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from trader_cli.data.sessions import sessions_around
from trader_cli.data.times import DAY
from trader_cli.domain.timeframe import Timeframe, TradingHours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trader_cli.data.sessions import Sessions
    from trader_cli.domain.bars import Ints, Mask


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where each bar stands; where `inside` is False only that and `odd` mean something.

    `odd` marks daily bars of days without a session, and others that begin before an opening and end after it.
    `session` is a day since 1970; `slot` counts the bars that should be there, so a step above 1 is a gap;
    `start` and `end` are when the bar's session opens and closes, `phase` how long after a whole number of
    bars from that opening it begins. Units: ns.
    """

    inside: Mask
    odd: Mask
    session: Ints
    slot: Ints
    start: Ints
    end: Ints
    phase: Ints

    def only_inside(self) -> Places:
        """The entries of the bars inside the market's hours."""
        return Places(*(getattr(self, column.name)[self.inside] for column in fields(self)))


def place(times: Ints, timeframe: Timeframe, hours: TradingHours) -> Places:
    """The places of sorted open times. A daily bar of a stock counts as inside, whatever its date."""
    if hours is TradingHours.CONTINUOUS:
        return _around_the_clock(times, timeframe)
    sessions = sessions_around(int(times[0]), int(times[-1]), hours)
    return _daily(times, sessions) if timeframe is Timeframe.D1 else _intraday(times, timeframe, sessions)


def bars_before(times: Ints, timeframe: Timeframe, hours: TradingHours, phase: int) -> Ints:
    """How many bars a series without holes has before each time, counted from a beginning that all of them share.

    `phase` is that of `Places`. Units: ns since 1970 UTC, any order.
    """
    import numpy as np

    length = timeframe.nanoseconds
    if hours is TradingHours.CONTINUOUS:
        return -(-times // length)
    sessions = sessions_around(int(times.min()), int(times.max()), hours)
    if timeframe is Timeframe.D1:
        return np.searchsorted(sessions.day * DAY, times)
    index = np.searchsorted(sessions.opens, times, side="right") - 1
    in_session = _bars_a_session(sessions, length, phase)
    begun = -((sessions.opens[index] + phase - times) // length)
    return _before(in_session)[index] + np.clip(begun, 0, in_session[index])


def _bars_a_session(sessions: Sessions, length: int, phase: int) -> Ints:
    return -((phase + sessions.opens - sessions.closes) // length)


def _before(in_session: Ints) -> Ints:
    """How many bars the sessions before each one hold."""
    import numpy as np

    return np.concatenate(([0], np.cumsum(in_session)[:-1]))


def _around_the_clock(times: Ints, timeframe: Timeframe) -> Places:
    """One session without end, so that any bar length counts from 1970 and thereby from every midnight."""
    import numpy as np

    def same(value: int | bool) -> NDArray[Any]:
        return np.broadcast_to(np.asarray(value), times.shape)

    return Places(
        inside=same(True),
        odd=same(False),
        session=times // DAY,
        slot=times // timeframe.nanoseconds,
        start=same(0),
        end=same(np.iinfo(np.int64).max),
        phase=same(0),
    )


def _daily(times: Ints, sessions: Sessions) -> Places:
    import numpy as np

    session = times // DAY
    slot = np.searchsorted(sessions.day, session)
    inside = np.ones(len(times), dtype=np.bool_)
    odd = sessions.day[slot] != session
    return Places(inside, odd, session, slot, sessions.opens[slot], sessions.closes[slot], np.zeros_like(times))


def _intraday(times: Ints, timeframe: Timeframe, sessions: Sessions) -> Places:
    import numpy as np

    length = timeframe.nanoseconds
    index = np.searchsorted(sessions.opens, times, side="right") - 1
    start, end = sessions.opens[index], sessions.closes[index]
    inside = (index >= 0) & (times < end)
    odd = ~inside & (times + length > sessions.opens[index + 1])
    since = times - start
    phase = since % length
    usual = int(phase[inside][0]) if inside.any() else 0
    slot = _before(_bars_a_session(sessions, length, usual))[index] + since // length
    return Places(inside, odd, sessions.day[index], slot, start, end, phase)
