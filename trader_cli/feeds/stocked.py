"""A venue's short memory, made up for by what was fetched and kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from trader_cli.data.closing import bars_between
from trader_cli.errors import WarmupUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from trader_cli.domain.bars import Bars

ALIKE = 1e-9
"""By how much of itself a close may differ between the venue and what was kept of it."""

_COLUMNS = ("open_time", "open", "high", "low", "close", "volume", "session")


@dataclass(frozen=True, slots=True)
class Stock:
    """What history must hold at `least` (bars), and what the data folder has `kept` of a symbol: None where nothing."""

    least: int = 0
    kept: Callable[[str], Bars | None] | None = None

    def complete(self, told: Bars, wanted: int) -> Bars:
        """What the venue told, and what was kept before it where that was less than `wanted`.

        Raises: WarmupUnavailable where both together are less than there must be.
        """
        kept = self.kept(told.symbol) if self.kept is not None and len(told) < wanted else None
        whole = told if kept is None else completed(told, kept, wanted)
        if len(whole) < self.least:
            raise WarmupUnavailable(
                f"{told.symbol} has {len(whole)} bars of {told.timeframe}, {self.least} are needed to begin with: "
                "fetch older ones with `trader data fetch`, or take a finer timeframe"
            )
        return whole


def completed(told: Bars, kept: Bars, wanted: int) -> Bars:
    """What the venue told and, before it, so many kept bars that `wanted` are there.

    What was kept is only taken where it leads up to what was told without a gap, and where both know a bar they agree
    on it: else it is another series.
    """
    if len(told) >= wanted or not len(told) or not len(kept):
        return told
    first = int(told.open_time[0])
    before = kept.until(first - 1)
    if not len(before) or not _agree(told, kept):
        return told
    if bars_between(int(before.open_time[-1]), first, told.timeframe, told.hours) != 1:
        return told
    before = before.slice(max(0, len(before) - (wanted - len(told))), len(before))
    columns = {name: np.concatenate((getattr(before, name), getattr(told, name))) for name in _COLUMNS}
    return replace(told, **columns)


def _agree(told: Bars, kept: Bars) -> bool:
    """Whether both say the same of the bars that both know."""
    _, ours, theirs = np.intersect1d(told.open_time, kept.open_time, return_indices=True)
    return bool(np.allclose(told.close[ours], kept.close[theirs], rtol=ALIKE, atol=0))
