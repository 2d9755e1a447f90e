"""Every written form of a time to ns since 1970 UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.data.tables import as_array
from trader_cli.domain import clock

if TYPE_CHECKING:
    from trader_cli.data.source import Source
    from trader_cli.data.tables import Column
    from trader_cli.domain.bars import Ints, Mask
    from trader_cli.errors import DataError

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_EARLIEST, _LATEST = -2_208_988_800, 7_258_118_400  # 1900-01-01 and 2200-01-01, s since 1970
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": SECOND}
_UNIT_BOUNDS = ((10**11, "s"), (10**14, "ms"), (10**17, "us"), (2**63, "ns"))
_SMALLEST_EPOCH = 10**8  # below it a number could be of any unit, or a date like 20240131
_ZONED = r"(?:Z|[T ].*[+-]\d\d(?::?\d\d)?)$"
_DATE = r"^\d{4}-\d\d-\d\d$"
_NUMBER = r"^[+-]?\d+(?:\.0*)?$"


def iso(time: int) -> str:
    """A time of a column, for people and documents.

    >>> iso(1_704_067_200 * SECOND)
    '2024-01-01T00:00:00Z'
    """
    return clock.iso(clock.from_nanoseconds(time))


def nanoseconds(column: Column, source: Source) -> Ints:
    """A time column of any type: timestamp, date, epoch number or text; what names no zone is UTC.

    Raises: DataError naming the first row that is no time between 1900 and 2200.
    """
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        return nanoseconds(column.cast(kind.value_type), source)
    if column.null_count:
        _refuse_first(as_array(column.is_null()) != 0, source, "the time is missing")
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _from_text(column, source)
    if pa.types.is_date(kind):
        return _scaled(column.cast(pa.timestamp("s" if pa.types.is_date32(kind) else "ms")), source)
    if pa.types.is_timestamp(kind):
        return _scaled(column, source)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _from_epoch(column, source)
    raise source.refusal(f"holds {kind}, not times", key="timestamp")


def states_zone(texts: Column) -> bool:
    """Whether times as text are epoch numbers or name their zone, so that no other can be meant."""
    import pyarrow.compute as pc

    known = pc.match_substring_regex(pc.utf8_trim_whitespace(texts), f"{_ZONED}|{_NUMBER}")
    return bool(pc.all(known).as_py())


def _scaled(column: Column, source: Source) -> Ints:
    import pyarrow as pa

    # a view, since a cast would load pyarrow.compute: 0.08 s
    counts = pa.chunked_array([chunk.view(pa.int64()) for chunk in column.chunks], pa.int64())
    return _in_range(as_array(counts), column.type.unit, source)


def _in_range(values: Ints, unit: str, source: Source) -> Ints:
    per_second = _PER_SECOND[unit]
    outside = (values < _EARLIEST * per_second) | (values >= _LATEST * per_second)
    _refuse_first(outside, source, "the time lies outside the years 1900 to 2199")
    return values * (SECOND // per_second)


def _from_epoch(column: Column, source: Source) -> Ints:
    import numpy as np
    import pyarrow as pa

    numbers = as_array(column)
    if pa.types.is_floating(column.type):
        _refuse_first(~np.isfinite(numbers) | (numbers != np.trunc(numbers)), source, "the time is no whole number")
        _refuse_first(np.abs(numbers) >= 2.0**63, source, "the time lies outside the years 1900 to 2199")
    _refuse_first(numbers > 2**63 - 1, source, "the time lies outside the years 1900 to 2199")
    values = numbers.astype(np.int64)
    sizes = np.abs(values)
    _refuse_first(
        sizes < _SMALLEST_EPOCH,
        source,
        "the time is no epoch in s, ms, us or ns and no ISO text (2024-01-31T00:00:00Z)",
    )
    bound, unit = next((bound, unit) for bound, unit in _UNIT_BOUNDS if sizes[0] < bound)
    mixed = (sizes >= bound) | (sizes < (_SMALLEST_EPOCH if unit == "s" else bound // 1000))
    _refuse_first(mixed, source, f"the time is not in {unit}, as the first row's is")
    return _in_range(values, unit, source)


def _from_text(column: Column, source: Source) -> Ints:
    import pyarrow as pa
    import pyarrow.compute as pc

    for form in (pa.timestamp("ns"), pa.timestamp("ns", "UTC")):
        try:
            return _scaled(column.cast(form), source)
        except pa.ArrowInvalid:
            continue
    trimmed = pc.utf8_trim_whitespace(column)
    _refuse_first(as_array(pc.equal(trimmed, "")) != 0, source, "the time is missing")
    if pc.all(pc.match_substring_regex(trimmed, _NUMBER)).as_py():
        return _from_epoch(pc.cast(pc.replace_substring_regex(trimmed, r"\.0*$", ""), pa.int64()), source)
    midnight = pc.binary_join_element_wise(trimmed, "00:00:00", "T")
    whole = pc.if_else(pc.match_substring_regex(trimmed, _DATE), midnight, trimmed)
    in_utc = pc.binary_join_element_wise(whole, "Z", "")
    zoned = pc.if_else(pc.match_substring_regex(whole, _ZONED), whole, in_utc)
    try:
        return _scaled(zoned.cast(pa.timestamp("ns", "UTC")), source)
    except pa.ArrowInvalid:
        raise _first_unreadable(zoned, column, source) from None


def _first_unreadable(texts: Column, written: Column, source: Source) -> DataError:
    row = next(row for row, text in enumerate(texts.to_pylist()) if not _is_time(text))
    shown = str(written[row].as_py())[:60]
    return source.refusal(f"the time is {shown!r}, which is no ISO time (2024-01-31T00:00:00Z) or epoch", row=row)


def _is_time(text: str) -> bool:
    import pyarrow as pa

    try:
        pa.scalar(text).cast(pa.timestamp("ns", "UTC"))
    except pa.ArrowInvalid:
        return False
    return True


def _refuse_first(wrong: Mask, source: Source, message: str) -> None:
    """`wrong` has one entry a row: refuse the first that is true."""
    if wrong.any():
        raise source.refusal(message, row=int(wrong.argmax()))
