"""How the runs of a grid are parted: by the markets they share, and these into portions that are worked on whole.

The parts follow from the grid alone, not from who works on them: a study that is taken up again, on however many
machines, has the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trader_cli.variant.runs import MARKETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trader_cli.domain.bars import Ints
    from trader_cli.variant.model import Variant
    from trader_cli.variant.runs import CellRuns

LEAST = 32
MOST = 4096
SHARES = 32
"""Runs on the same markets are parted in so many parts, unless these were smaller or larger than `LEAST` and `MOST`."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The runs of a cell that share their markets, in parts of `size`, the first of them numbered `first`.

    Shape: `runs` (runs,) numbers within the cell, rising.
    """

    cell: CellRuns
    runs: Ints
    size: int
    first: int

    @property
    def numbers(self) -> range:
        """The numbers of its parts, which count through all groups."""
        return range(self.first, self.first + -(-len(self.runs) // self.size))

    def runs_of(self, number: int) -> Ints:
        """The runs of a part, numbered within the cell."""
        begin = (number - self.first) * self.size
        return self.runs[begin : begin + self.size]

    @property
    def variant(self) -> Variant:
        """A variant that knows the markets of all."""
        return self.cell.variant(int(self.runs[0]))


def groups(cells: Iterable[CellRuns], first: int = 0, least: int = LEAST) -> Iterator[Group]:
    """All runs of some cells, in the order in which they are worked on; their parts are numbered from `first` on."""
    for cell in cells:
        parts = cell.split(*MARKETS)
        for part in range(len(parts)):
            runs = np.flatnonzero(parts.of_run == part)
            group = Group(cell, runs, min(max(-(-len(runs) // SHARES), least), MOST), first)
            yield group
            first = group.numbers.stop
