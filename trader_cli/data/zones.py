"""Clock times of a place to UTC, and clock times that give away how a file labels its bars."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from trader_cli.data.times import DAY, HOUR, SECOND, iso
from trader_cli.domain.clock import from_nanoseconds
from trader_cli.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from trader_cli.data.source import Source
    from trader_cli.domain.bars import Ints
    from trader_cli.domain.timeframe import Timeframe

NEW_YORK = "America/New_York"
_BLOCK = HOUR // 4  # every zone changes its clocks on a quarter of an hour
_SESSIONS = ((19 * HOUR // 2, 16 * HOUR), (4 * HOUR, 20 * HOUR))  # regular and extended hours of New York


def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name. Raises: UsageError."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"no time zone {name!r}; write it like {NEW_YORK} or UTC", key="--timezone") from None


def to_utc(clock: Ints, place: ZoneInfo, source: Source) -> Ints:
    """Clock times of a place (ns since 1970 by its own clock) to UTC.

    Raises: DataError naming the first row whose time stands twice or never on that clock (DST).
    """
    import numpy as np

    blocks, where = np.unique(clock // _BLOCK, return_inverse=True)
    offsets = np.array([[_offset(int(block), place, fold) for fold in (0, 1)] for block in blocks], dtype=np.int64)
    unclear = offsets[where, 0] != offsets[where, 1]
    if unclear.any():
        row = int(unclear.argmax())
        shown = iso(int(clock[row])).rstrip("Z")
        raise source.refusal(f"{shown} stands twice or never on the clocks of {place.key} (DST)", row=row)
    shifted: Ints = clock - offsets[where, 0]
    return shifted


def _offset(block: int, place: ZoneInfo, fold: int) -> int:
    return _shift(from_nanoseconds(block * _BLOCK).replace(tzinfo=place, fold=fold))


def _shift(moment: datetime) -> int:
    """How far the clock of a moment's zone is ahead of UTC. Units: ns."""
    return (moment.utcoffset() or timedelta()) // timedelta(seconds=1) * SECOND


def new_york_label(clock: Ints, timeframe: Timeframe) -> str | None:
    """Which end of their bars clock times name, where they fill New York's hours to the minute: open or close."""
    first, last = int((clock % DAY).min()), int((clock % DAY).max())
    length = timeframe.nanoseconds
    for opens, closes in _SESSIONS:
        if (first, last) == (opens + length, closes):
            return "close"
        if (first, last) == (opens, closes - length):
            return "open"
    return None


def session_dates(times: Ints, place: ZoneInfo) -> Ints | None:
    """Days as 00:00 UTC where every time is a midnight of the place, else None."""
    import numpy as np

    local = times + np.array([_shift(from_nanoseconds(int(time)).astimezone(place)) for time in times], dtype=np.int64)
    return None if (local % DAY).any() else local
