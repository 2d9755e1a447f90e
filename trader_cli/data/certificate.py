"""What is known about one market data file: the quality certificate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from trader_cli.data.candles import Candles, checked, read_candles
from trader_cli.data.catalog import Kind
from trader_cli.data.funding import checked_rates, read_rates
from trader_cli.data.placing import place
from trader_cli.data.quality import OUTLIER_FACTOR, gaps_between, likely_hours, outlier_rows, split_rows
from trader_cli.data.source import read_source
from trader_cli.data.spacing import demand_on_grid, own_timeframe
from trader_cli.data.times import iso
from trader_cli.domain.timeframe import TradingHours
from trader_cli.errors import DataError, Problem

if TYPE_CHECKING:
    from trader_cli.data.catalog import DataFile
    from trader_cli.data.source import Source
    from trader_cli.domain.bars import Ints
    from trader_cli.domain.timeframe import Timeframe

OUTLIER_RULE = f"move or range above {OUTLIER_FACTOR} x the median one"


class Verdict(StrEnum):
    """Whether to trade on a file: refused and suspect ones not before somebody has looked."""

    CLEAN = "clean"
    NOTES = "notes"
    SUSPECT = "suspect"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Certificate:
    """The findings; None where a file was refused before they could be made.

    `gaps` and `missing_bars` count holes inside the market's `hours`; `outside_hours` the bars left out of them.
    `splits` are the open times and moves of suspected splits, `problems` what makes the verdict a bad one.
    """

    file: DataFile
    verdict: Verdict
    sha256: str | None = None
    rows: int | None = None
    start: str | None = None
    end: str | None = None
    timeframe: Timeframe | None = None
    hours: TradingHours | None = None
    gaps: int | None = None
    missing_bars: int | None = None
    duplicates: int | None = None
    zero_volume: int | None = None
    outliers: tuple[str, ...] | None = None
    outside_hours: int | None = None
    splits: tuple[tuple[str, float], ...] = ()
    problems: tuple[Problem, ...] = ()

    def document(self) -> dict[str, object]:
        """The findings, for a script."""
        return {
            "path": str(self.file.path),
            "symbol": self.file.symbol or None,
            "kind": self.file.kind,
            "verdict": self.verdict,
            "sha256": self.sha256,
            "timeframe": self.timeframe,
            "hours": self.hours,
            "rows": self.rows,
            "start": self.start,
            "end": self.end,
            "gaps": self.gaps,
            "missing_bars": self.missing_bars,
            "duplicates": self.duplicates,
            "zero_volume": self.zero_volume,
            "outliers": None if self.outliers is None else list(self.outliers),
            "outlier_rule": OUTLIER_RULE,
            "outside_hours": self.outside_hours,
            "split_suspects": [{"time": time, "move": move} for time, move in self.splits],
            "problems": [str(problem) for problem in self.problems],
        }


def certified(file: DataFile, hours: TradingHours | None) -> Certificate:
    """The certificate of a file; where `hours` is None, of the hours its bars seem to keep."""
    found = Certificate(file, Verdict.REFUSED)
    try:
        source = read_source(file.path)
        found = replace(found, sha256=source.sha256)
        if file.kind is Kind.FUNDING:
            return _of_funding(found, source)
        candles = read_candles(source)
        found = _counted(found, candles.open_time)
        return _of_bars(found, checked(candles, source), source, hours)
    except DataError as error:
        return replace(found, problems=error.problems)


def _counted(found: Certificate, times: Ints) -> Certificate:
    import numpy as np

    return replace(
        found,
        rows=len(times),
        start=iso(int(times.min())),
        end=iso(int(times.max())),
        duplicates=len(times) - len(np.unique(times)),
    )


def _of_bars(found: Certificate, candles: Candles, source: Source, asked: TradingHours | None) -> Certificate:
    timeframe = own_timeframe(candles.open_time, source, stated=found.file.timeframe, asked=None)
    hours = asked or likely_hours(candles.open_time, timeframe)
    demand_on_grid(candles.open_time, timeframe, hours, source)
    places = place(candles.open_time, timeframe, hours)
    inside = candles[places.inside]
    gaps, missing = gaps_between(places.only_inside().slot)
    stock = hours is not TradingHours.CONTINUOUS
    splits = tuple((iso(int(inside.open_time[row])), move) for row, move in split_rows(inside)) if stock else ()
    trades = found.file.kind is Kind.TRADES
    return _judged(
        replace(
            found,
            timeframe=timeframe,
            hours=hours,
            gaps=gaps,
            missing_bars=missing,
            zero_volume=int((inside.values[-1] == 0).sum()) if trades else 0,
            outliers=tuple(iso(int(inside.open_time[row])) for row in outlier_rows(inside)),
            outside_hours=len(candles) - len(inside),
            splits=splits,
        )
    )


def _of_funding(found: Certificate, source: Source) -> Certificate:
    rates = read_rates(source)
    found = _counted(found, rates.open_time)
    checked_rates(rates, source)
    return _judged(replace(found, timeframe=found.file.timeframe, hours=TradingHours.CONTINUOUS))


def _judged(found: Certificate) -> Certificate:
    """The verdict on a file that can be read."""
    if found.splits:
        problems = tuple(
            Problem(
                f"the close moved {move:+.1%}: an unadjusted split? (adjust the prices, or cut the file there)",
                str(found.file.path),
                time,
            )
            for time, move in found.splits
        )
        return replace(found, verdict=Verdict.SUSPECT, problems=problems)
    noted = found.gaps or found.zero_volume or found.outliers or found.outside_hours
    return replace(found, verdict=Verdict.NOTES if noted else Verdict.CLEAN)
