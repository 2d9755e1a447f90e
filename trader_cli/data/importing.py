"""An export of somebody else's to bars as we keep them: sorted, labelled by open time in UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trader_cli.data.candles import Candles, sound
from trader_cli.data.layouts import recognised
from trader_cli.data.quality import likely_hours
from trader_cli.data.spacing import demand_on_grid, own_timeframe
from trader_cli.data.tables import BAR_COLUMNS, as_rows, read_layout
from trader_cli.data.times import DAY, iso, nanoseconds, states_zone
from trader_cli.data.zones import NEW_YORK, new_york_label, session_dates, to_utc, zone
from trader_cli.domain.timeframe import Timeframe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from trader_cli.data.layouts import Layout
    from trader_cli.data.source import Source
    from trader_cli.data.tables import Column, Table
    from trader_cli.domain.bars import Ints

_REWRITTEN = (
    (r"^(\d{4})(\d{2})(\d{2})\b", r"\1-\2-\3"),  # 20240131
    (r"^(\d{2})\.(\d{2})\.(\d{4})", r"\3-\2-\1"),  # 31.01.2024
)
_SOLID_CLOCK = (r" (\d{2})(\d{2})(\d{2})$", r" \1:\2:\3")  # 235900
_HALF_DAY_CLOCK = re.compile(r"^(\d{4}-\d\d-\d\d) (\d\d)-(AM|PM)$")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user says about a file; None where the file is to tell."""

    symbol: str | None = None
    timeframe: Timeframe | None = None
    timezone: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Imported:
    """One export as bars, the rows they come from, and what was done to it, in words."""

    source: Source
    layout: str
    symbol: str | None
    timeframe: Timeframe
    candles: Candles
    rows: Ints
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Labelled:
    """Times in UTC in the file's order, and what had to be assumed for them."""

    times: Ints
    timeframe: Timeframe
    steps: tuple[str, ...]


def imported(source: Source, wishes: Wishes, stated: Timeframe | None = None) -> Imported:
    """The bars of an export; `stated` is the timeframe its file name tells.

    Raises: DataError naming the row for anything that cannot be a bar, before anything is written.
    """
    if source.is_parquet:
        raise source.refusal("is Parquet already; put it under <venue>/<SYMBOL>-<timeframe>.parquet, then `data check`")
    place = None if wishes.timezone is None else zone(wishes.timezone)
    layout = recognised(source, wishes.symbol)
    table = read_layout(layout)
    texts = _written_times(table, layout)
    clock = nanoseconds(texts, layout.source)
    values = as_rows(table, [layout.columns[name] for name in BAR_COLUMNS])
    sound(Candles(clock, values), layout.source)
    labelled = _labelled(clock, states_zone(texts), layout.source, place, wishes, stated)
    candles, rows, steps = _in_order(Candles(labelled.times, values), labelled.timeframe, layout.source)
    symbol = wishes.symbol or _only_symbol(table, layout)
    return Imported(source, layout.name, symbol, labelled.timeframe, candles, rows, (*labelled.steps, *steps))


def _written_times(table: Table, layout: Layout) -> Column:
    """The time column, date and clock in one, in a form the reader knows."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = table[layout.time[0]]
    if re.fullmatch(r"\d{8}", str(texts[0])) or re.match(r"\d\d\.\d\d\.\d{4}", str(texts[0])):
        for pattern, form in _REWRITTEN:
            texts = pc.replace_substring_regex(texts, pattern, form)
    if len(layout.time) > 1:
        texts = pc.binary_join_element_wise(texts, table[layout.time[1]], " ")
        texts = pc.replace_substring_regex(texts, *_SOLID_CLOCK)
    if _HALF_DAY_CLOCK.match(str(texts[0])):
        texts = pa.chunked_array([[_whole_day_clock(text or "") for text in texts.to_pylist()]])
    return texts


def _whole_day_clock(text: str) -> str:
    """12-hour clock to 24-hour.

    >>> [_whole_day_clock(f"2019-10-17 {hour}") for hour in ("12-AM", "09-AM", "12-PM", "01-PM")]
    ['2019-10-17 00:00', '2019-10-17 09:00', '2019-10-17 12:00', '2019-10-17 13:00']
    """
    parts = _HALF_DAY_CLOCK.match(text)
    if parts is None:
        return text
    return f"{parts[1]} {int(parts[2]) % 12 + 12 * (parts[3] == 'PM'):02d}:00"


def _labelled(
    clock: Ints, zoned: bool, source: Source, place: ZoneInfo | None, wishes: Wishes, stated: Timeframe | None
) -> _Labelled:
    """Open times in UTC, from clock times of wherever the file was made."""
    import numpy as np

    label = wishes.label
    said_by = "its name" if wishes.timeframe is None else "--timeframe"
    timeframe = own_timeframe(
        np.unique(clock), source, stated=wishes.timeframe or stated, asked=None, stated_by=said_by
    )
    new_york = zone(NEW_YORK)
    intraday = timeframe is not Timeframe.D1
    steps: list[str] = []
    if intraday and not zoned and place in (None, new_york):
        seen = new_york_label(clock, timeframe)
        if seen is not None:
            place, label = new_york, label or seen
            steps.append(f"New York's hours: taken as {NEW_YORK}, bars labelled at their {label}")
    if intraday and not zoned and place is None:
        steps.append("times name no zone: taken as UTC (--timezone says otherwise)")
    times = clock if zoned or place is None else to_utc(clock, place, source)
    if not intraday and (times % DAY).any():
        dates = session_dates(times, new_york)
        if dates is not None:
            times = dates
            steps.append("days begin at New York's midnight: relabelled to their date, 00:00 UTC")
    if label == "close":
        times = times - timeframe.nanoseconds
        steps.append("relabelled from close to open times")
    return _Labelled(times, timeframe, tuple(steps))


def _in_order(candles: Candles, timeframe: Timeframe, source: Source) -> tuple[Candles, Ints, tuple[str, ...]]:
    """Oldest first, identical rows once. Raises: DataError where two rows tell different things of one bar."""
    import numpy as np

    rows = np.argsort(candles.open_time, kind="stable")
    ordered = candles[rows]
    again = np.flatnonzero(np.diff(ordered.open_time) == 0) + 1
    differing = again[(ordered.values[:, again] != ordered.values[:, again - 1]).any(axis=0)]
    if len(differing):
        at = int(differing[0])
        time = iso(int(ordered.open_time[at]))
        raise source.refusal(f"{time} stands there twice, with different values", row=int(rows[at]))
    keep = np.ones(len(rows), dtype=np.bool_)
    keep[again] = False
    ordered, kept = ordered[keep], rows[keep]
    demand_on_grid(ordered.open_time, timeframe, likely_hours(ordered.open_time, timeframe), source, kept)
    steps = []
    if (np.diff(rows) < 0).any():
        backwards = bool((np.diff(rows) < 0).all())
        steps.append("newest first: sorted" if backwards else "unsorted: sorted")
    if len(again):
        steps.append(f"{len(again)} repeated rows dropped")
    return ordered, kept, tuple(steps)


def _only_symbol(table: Table, layout: Layout) -> str | None:
    if layout.symbol is None:
        return None
    names: Sequence[Any] = table[layout.symbol].unique().to_pylist()
    if len(names) > 1:
        shown = ", ".join(str(name) for name in names[:5])
        raise layout.source.refusal(f"holds several symbols ({shown}); one file, one symbol")
    return str(names[0])
