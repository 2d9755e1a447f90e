"""Parts of one series put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trader_cli.data.candles import Candles
from trader_cli.data.times import iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.data.source import Source
    from trader_cli.domain.bars import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One file's checked bars, and the rows of the file they stand in where these were sorted."""

    source: Source
    candles: Candles
    rows: Ints | None = None

    def row_of(self, time: int) -> int:
        """The row of the file in which the bar of a time stands."""
        place = int(self.candles.open_time.searchsorted(time))
        return place if self.rows is None else int(self.rows[place])


def joined(parts: Sequence[Part], word: str = "bar") -> Candles:
    """All bars of the parts, oldest first; a bar that several parts hold alike stands there once.

    `word` is what a row is called: rates of funding are joined like bars.
    Raises: DataError naming both files where two parts tell different things of one bar.
    """
    import numpy as np

    if len(parts) == 1:
        return parts[0].candles
    times = np.concatenate([part.candles.open_time for part in parts])
    values = np.concatenate([part.candles.values for part in parts], axis=1)
    origin = np.repeat(np.arange(len(parts)), [len(part.candles) for part in parts])
    order = np.argsort(times, kind="stable")
    times, values, origin = times[order], values[:, order], origin[order]
    again = np.flatnonzero(np.diff(times) == 0) + 1
    differing = again[(values[:, again] != values[:, again - 1]).any(axis=0)]
    if len(differing):
        at = int(differing[0])
        one, other = parts[int(origin[at - 1])].source, parts[int(origin[at])]
        time = int(times[at])
        raise other.source.refusal(
            f"the {word} of {iso(time)} differs from the one in {one.path}", row=other.row_of(time)
        )
    keep = np.ones(len(times), dtype=np.bool_)
    keep[again] = False
    return Candles(times, values)[keep]
