"""Times as Alpaca writes and reads them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.venues.core.refusals import Reason, Refused

NEW_YORK = ZoneInfo("America/New_York")
_SECOND = 1_000_000_000


def utc(nanoseconds: int | None) -> str | None:
    """`2026-03-02T14:30:00Z`, with nine digits of a second where there are some."""
    if nanoseconds is None:
        return None
    seconds, rest = divmod(nanoseconds, _SECOND)
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}{fraction}Z"


def eastern(nanoseconds: int) -> datetime:
    """The time in New York, to the second."""
    return datetime.fromtimestamp(nanoseconds // _SECOND, NEW_YORK)


def midnight(day: date) -> int:
    """When a day begins in New York, in ns."""
    return int(datetime(day.year, day.month, day.day, tzinfo=NEW_YORK).timestamp()) * _SECOND


def day_of(nanoseconds: int) -> int:
    """When the day of a time began in New York."""
    return midnight(eastern(nanoseconds).date())


def week_of(nanoseconds: int) -> int:
    """When the week of a time began there: on Monday."""
    day = eastern(nanoseconds).date()
    return midnight(day - timedelta(days=day.weekday()))


def month_of(nanoseconds: int) -> int:
    """When the month of a time began there."""
    return midnight(eastern(nanoseconds).date().replace(day=1))


def read(text: str) -> int:
    """A date, or a time with its zone, as ns. Raises: Refused."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise Refused(Reason.BAD_PARAMETER, f"time {text}") from wrong
    if time.tzinfo is None:
        if len(text) > len("2026-03-02"):
            raise Refused(Reason.BAD_PARAMETER, f"time {text} has no zone")
        return midnight(time.date())
    return int(time.timestamp()) * _SECOND + time.microsecond * 1000
