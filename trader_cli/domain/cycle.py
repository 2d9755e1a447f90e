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

    Units: `open_time` in ns since 1970 UTC.
    """

    open_time: int
    closed_at: datetime
    bars: Mapping[str, MarketBar]
