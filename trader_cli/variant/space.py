"""The combinations of several tables' sections, multiplied out no further than the rules between them demand.

A rule that needs two tables joins them into one block and strikes out rows; tables that no rule joins stay factors of
a product. So a thousand million combinations are a few short columns until some of them are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from trader_cli.errors import UsageError
from trader_cli.variant.distinct import MOST_COMBINATIONS, REMEDY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Block:
    """Combinations of some tables. Row r takes section `columns[table][r]`; `weight[r]` asked-for ones come to it."""

    columns: Mapping[str, NDArray[np.int32]]
    weight: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.weight)

    def times(self, other: Block) -> Block:
        """Each row with each of another block's, which run fastest."""
        columns = {name: np.repeat(each, len(other)) for name, each in self.columns.items()}
        columns |= {name: np.tile(each, len(self)) for name, each in other.columns.items()}
        return Block(columns, np.outer(self.weight, other.weight).ravel())

    def rows(self, kept: NDArray[np.bool_]) -> Block:
        """The rows that are kept."""
        return Block({name: each[kept] for name, each in self.columns.items()}, self.weight[kept])


_ONE = Block({}, np.ones(1, dtype=np.int64))


class Space:
    """The combinations that are left. `weights` holds for each table how many asked-for ones make each section."""

    def __init__(self, weights: Mapping[str, NDArray[np.int64]]) -> None:
        self._blocks = [_ONE] + [
            Block({name: np.arange(len(weight), dtype=np.int32)}, weight) for name, weight in weights.items()
        ]

    def __len__(self) -> int:
        return prod(len(block) for block in self._blocks)

    @property
    def weight(self) -> int:
        """How many asked-for combinations are left."""
        return prod(int(block.weight.sum()) for block in self._blocks)

    def strike(self, names: Collection[str], broken: Callable[[Block], NDArray[np.bool_]]) -> Block:
        """Takes out what breaks a rule between the tables named: the rows taken, weighed for the whole space.

        Raises: UsageError where too many combinations would have to be looked at.
        """
        touched = [block for block in self._blocks if block.columns.keys() & set(names)]
        others = [block for block in self._blocks if not block.columns.keys() & set(names)]
        if prod(map(len, touched)) > MOST_COMBINATIONS:
            raise UsageError(
                f"a rule between {' and '.join(sorted(names))} concerns {prod(map(len, touched)):,} combinations, "
                f"more than {MOST_COMBINATIONS:,}: {REMEDY}"
            )
        joined = reduce(Block.times, touched, _ONE)
        struck = np.broadcast_to(broken(joined), len(joined))
        self._blocks = [*others, joined.rows(~struck)]
        taken = joined.rows(struck)
        return Block(taken.columns, taken.weight * prod(int(block.weight.sum()) for block in others))

    def take(self, ranks: NDArray[np.int64]) -> dict[str, NDArray[np.int32]]:
        """The section of each table in the combinations of these ranks, which count from 0."""
        rows = np.unravel_index(ranks, [len(block) for block in self._blocks])
        return {
            name: column[row]
            for block, row in zip(self._blocks, rows, strict=True)
            for name, column in block.columns.items()
        }
