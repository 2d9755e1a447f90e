"""Times: nanoseconds in columns, aware UTC datetimes in values, one text form outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_nanoseconds(time: int) -> datetime:
    """The moment `time` ns after 1970 UTC, to the microsecond."""
    return EPOCH + timedelta(microseconds=int(time) // 1000)


def to_nanoseconds(time: datetime) -> int:
    """Nanoseconds since 1970 UTC of an aware datetime."""
    return (time - EPOCH) // timedelta(microseconds=1) * 1000


def iso(time: datetime) -> str:
    """The text form of every output: 2024-01-01T00:00:00Z.

    >>> iso(EPOCH)
    '1970-01-01T00:00:00Z'
    """
    return time.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def parse(text: str) -> datetime:
    """A date or time as users write it; without a zone it is UTC.

    Raises: ValueError when it is neither.

    >>> iso(parse("2024-01-01")), iso(parse("2024-01-01T06:40:00Z"))
    ('2024-01-01T00:00:00Z', '2024-01-01T06:40:00Z')
    """
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
