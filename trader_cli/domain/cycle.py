"""One step of a trading session: the bars that closed at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from trader_cli.domain.bars import Bars


class Bar(NamedTuple):
    """One closed bar; the columns of `Bars`, one value each."""

    open_time: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    session: int


def bar_at(bars: Bars, row: int) -> Bar:
    """One row of a series."""
    return Bar(
        open_time=int(bars.open_time[row]),
        open=float(bars.open[row]),
        high=float(bars.high[row]),
        low=float(bars.low[row]),
        close=float(bars.close[row]),
        volume=float(bars.volume[row]),
        session=int(bars.session[row]),
    )


class MarketBar(NamedTuple):
    """A closed bar and what a simulated exchange needs beside it; a venue's own feed leaves that out.

    `mark` is the same bar in mark prices, `funding_due` what a unit held long paid before its opening, `inside` the
    finer bars it is made of.
    """

    bar: Bar
    mark: Bar | None = None
    funding_due: float = 0.0
    inside: Bars | None = None


@dataclass(frozen=True, slots=True)
class Cycle:
    """The bars that opened at `open_time` and have closed at `closed_at`, by symbol in list order.

    `is_late` tells that newer bars have closed since: what they wish for is no longer to be acted on.
    Units: `open_time` in ns since 1970 UTC.
    """

    open_time: int
    closed_at: datetime
    bars: Mapping[str, MarketBar]
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """A symbol whose bars could not be had, and why."""

    symbol: str
    time: datetime
    message: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that people should know of and that changes nothing: bars were missed, the machine slept."""

    time: datetime
    message: str


@dataclass(frozen=True, slots=True)
class Glimpse:
    """Prices between two closes, by symbol: for eyes alone, nothing is decided or booked on them."""

    time: datetime
    prices: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Settled:
    """All bars that have closed by now have been told."""

    time: datetime


type Moment = Cycle | Trouble | Notice | Glimpse | Settled
"""What a feed tells."""
