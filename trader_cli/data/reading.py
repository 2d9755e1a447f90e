"""Market data files to the bars of one symbol: the way in for every backtest and replay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trader_cli.data.candles import checked, read_candles
from trader_cli.data.catalog import find
from trader_cli.data.holes import Holes
from trader_cli.data.joining import Part, joined
from trader_cli.data.placing import place
from trader_cli.data.quality import gaps_between, oddities, split_suspects
from trader_cli.data.resampling import resampled
from trader_cli.data.source import read_source
from trader_cli.data.spacing import demand_on_grid, own_timeframe
from trader_cli.data.times import iso
from trader_cli.domain.bars import Bars
from trader_cli.domain.timeframe import TradingHours

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trader_cli.data.candles import Candles
    from trader_cli.data.catalog import DataFile
    from trader_cli.data.placing import Places
    from trader_cli.data.source import File
    from trader_cli.domain.bars import Ints
    from trader_cli.domain.timeframe import Timeframe
    from trader_cli.errors import DataError


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The bars of one symbol and what is to be known about them.

    `gaps` and `missing_bars` count the `holes` between the bars of the `files` themselves, inside the market's hours,
    before any resampling. `warnings` are lines for every result made from these bars.
    """

    bars: Bars
    gaps: int
    missing_bars: int
    holes: Holes
    warnings: tuple[str, ...]
    files: tuple[File, ...]


def load_bars(source: Path, symbol: str, timeframe: Timeframe, hours: TradingHours) -> Series:
    """The bars of a symbol at a timeframe, from a file (whatever its name) or a folder (found by symbol).

    Raises: DataError naming file and row for anything that is not sound (CONTRACT 5). Nothing is ever filled.
    """
    return load_files(find(source, symbol, timeframe), symbol, timeframe, hours)


def load_files(files: Sequence[DataFile], symbol: str, timeframe: Timeframe, hours: TradingHours) -> Series:
    """The bars of these files, parts of one series of one timeframe. Raises: as `load_bars`."""
    parts, own = _read_parts(files, timeframe, hours)
    candles, places, notes = _within_hours(joined(parts), own, hours, parts)
    gaps, missing = gaps_between(places.slot)
    holes = Holes.between(candles.open_time, places, own, hours)
    sessions = places.session
    if own is not timeframe:
        _demand_resampling(places, own, timeframe, parts[0])
        candles, sessions = resampled(candles, places, own, timeframe)
        if len(candles) == 0:
            raise parts[0].source.refusal(f"its {own} bars make no whole {timeframe} bar")
    return Series(
        bars=_bars(candles, sessions, symbol, timeframe, hours),
        gaps=gaps,
        missing_bars=missing,
        holes=holes,
        warnings=(*notes, *split_suspects(candles, hours)),
        files=tuple(part.source.file for part in parts),
    )


def _read_parts(
    files: Sequence[DataFile], timeframe: Timeframe, hours: TradingHours
) -> tuple[tuple[Part, ...], Timeframe]:
    """Each file read and checked, and the timeframe of them all."""
    parts, lengths = [], []
    for file in files:
        source = read_source(file.path)
        candles = checked(read_candles(source), source)
        own = own_timeframe(candles.open_time, source, stated=file.timeframe, asked=timeframe)
        if not own.divides(timeframe):
            raise source.refusal(f"holds {own} bars, of which no {timeframe} bars can be made")
        demand_on_grid(candles.open_time, own, hours, source)
        parts.append(Part(source, candles))
        lengths.append(own)
    return tuple(parts), lengths[0]


def _within_hours(
    candles: Candles, own: Timeframe, hours: TradingHours, parts: Sequence[Part]
) -> tuple[Candles, Places, tuple[str, ...]]:
    """The bars that begin inside the market's hours."""
    places = place(candles.open_time, own, hours)
    if hours is TradingHours.CONTINUOUS:
        return candles, places, ()
    notes = oddities(candles.open_time, places, own)
    if not places.inside.any():
        raise parts[0].source.refusal(f"no bar begins inside the exchange's {hours} hours; are its times UTC?")
    inside, kept = candles[places.inside], places.only_inside()
    strays = kept.phase != kept.phase[0]
    if strays.any():
        time = int(inside.open_time[strays.argmax()])
        raise _named(parts, time, f"{iso(time)} is off the grid that the session's other {own} bars stand on")
    return inside, kept, notes


def _demand_resampling(places: Places, own: Timeframe, wanted: Timeframe, part: Part) -> None:
    if places.phase.any():
        raise part.source.refusal(
            f"its {own} bars do not begin at the session's opening, so no {wanted} bars can be made of them"
        )


def _named(parts: Sequence[Part], time: int, message: str) -> DataError:
    """The refusal of one bar, in the part that holds it."""
    part = next(part for part in parts if time in part.candles.open_time)
    return part.source.refusal(message, row=part.row_of(time))


def _bars(candles: Candles, sessions: Ints, symbol: str, timeframe: Timeframe, hours: TradingHours) -> Bars:
    opened, high, low, close, volume = candles.values
    return Bars(symbol, timeframe, hours, candles.open_time, opened, high, low, close, volume, sessions)
