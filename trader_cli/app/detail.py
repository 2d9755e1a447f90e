"""Finer bars beside those of a market: they decide what happened first inside a bar."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trader_cli.domain.clock import from_nanoseconds, iso
from trader_cli.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trader_cli.data.source import File
    from trader_cli.domain.market import Market
    from trader_cli.domain.timeframe import Timeframe


class NoDetail(DataError):  # noqa: N818 - it names what was found
    """A symbol has no finer bars inside those that are judged. Another one may have some."""


def with_detail(
    market: Market, files: Sequence[Path], detail: Timeframe, start: int
) -> tuple[Market, tuple[File, ...], tuple[str, ...]]:
    """The market with the finer bars of its files, or of others beside them; these files, and what is to be said.

    `start` is when the first bar that is judged opens. Units: ns since 1970 UTC.
    Raises: NoDetail where there are none inside the bars from then on, DataError where they are wrong.
    """
    import numpy as np

    from trader_cli.data.catalog import find_finer
    from trader_cli.data.reading import load_files

    bars = market.bars
    try:
        found = find_finer(files, detail)
    except DataError as error:
        raise NoDetail.of(error.problems) from None
    series = load_files(found, bars.symbol, detail, bars.hours)
    finer = series.bars
    first, behind = (
        np.searchsorted(finer.open_time, bars.open_time + after) for after in (0, bars.timeframe.nanoseconds)
    )
    judged = bars.open_time >= start
    empty = int(((first == behind) & judged).sum())
    if empty == judged.sum():
        held = " to ".join(iso(from_nanoseconds(int(finer.open_time[row]))) for row in (0, -1))
        raise NoDetail(f"no {detail} bars inside those that are judged; it holds {held}", file=str(found[0].path))
    finer = finer.slice(0, int(behind[-1]))
    said = f"{empty} of the {bars.timeframe} bars have no {detail} bars inside: in those the stop comes first"
    return replace(market, detail=finer), series.files, (said,) if empty else ()
