"""A figure of a matrix over two of its axes, all others folded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import combinations
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from trader_cli.errors import UsageError, suggest
from trader_cli.metrics.pivot import pivot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.domain.bars import Floats, Ints
    from trader_cli.metrics.pivot import Pivot
    from trader_cli.variant.grid import Grid

HEATMAP = "--heatmap"


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """An axis as pictures show it: numbers in ascending order, other values in the order given.

    Shape: `places` (runs,), which label each run stands at, -1 where its cell does not use the axis. `name` is the last
    part of `key` where no other axis has the same. `step` neighbouring values share one label.
    """

    key: str
    name: str
    labels: tuple[str, ...]
    places: Ints
    step: int = 1

    def __len__(self) -> int:
        return len(self.labels)

    def by(self, step: int) -> Scale:
        """The same with so many neighbours as one, named `first..last`."""
        if step == 1:
            return self
        parts = [self.labels[start : start + step] for start in range(0, len(self), step)]
        labels = tuple(part[0] if len(part) == 1 else f"{part[0]}..{part[-1]}" for part in parts)
        return replace(
            self, labels=labels, places=np.where(self.places < 0, -1, self.places // step), step=self.step * step
        )

    def fitted(self, most: int) -> Scale:
        """At most so many labels: the fewest neighbours as one that it takes."""
        return self.by(-(-len(self) // most))


@dataclass(frozen=True, slots=True, eq=False)
class HeatMap:
    """A figure by two axes: `x` across, `y` down. Shape: `pivot` (y, x); `figures` (runs,), what it was made of."""

    figure: str
    x: Scale
    y: Scale
    is_best: bool
    pivot: Pivot
    figures: Floats

    @classmethod
    def of(cls, figure: str, figures: Floats, x: Scale, y: Scale, *, is_best: bool = False) -> HeatMap:
        """The median of all runs that share a cell, or their best, which flatters."""
        return cls(figure, x, y, is_best, pivot(y.places, x.places, figures, (len(y), len(x))), figures)

    @property
    def values(self) -> Floats:
        """What the cells show. Shape: (y, x); NaN where there is nothing to show."""
        return self.pivot.best if self.is_best else self.pivot.median

    @property
    def highest(self) -> tuple[int, int] | None:
        """The row and the column of the highest cell, the first of equals; None where all are empty."""
        values = self.values
        if np.isnan(values).all():
            return None
        row, column = np.unravel_index(np.nanargmax(values), values.shape)
        return int(row), int(column)

    def over(self, x: Scale, y: Scale) -> HeatMap:
        """The same runs over coarser axes."""
        return self if (x, y) == (self.x, self.y) else HeatMap.of(self.figure, self.figures, x, y, is_best=self.is_best)

    def document(self) -> dict[str, Any]:
        """The map as plain values: a list a row, None where there is nothing to show."""
        return {
            "figure": self.figure,
            "fold": "best" if self.is_best else "median",
            "x": {"key": self.x.key, "values": list(self.x.labels)},
            "y": {"key": self.y.key, "values": list(self.y.labels)},
            "values": plain(self.values),
            "runs": self.pivot.runs.tolist(),
        }


def plain(values: Floats) -> Any:
    """Numbers in lists as deep as the array is, None for what is no number."""
    found = values.astype(object)
    found[~np.isfinite(values)] = None
    return found.tolist()


def scales(grid: Grid) -> tuple[Scale, ...]:
    """All axes of a grid that some run has a value of."""
    names = Counter(_last(key) for key in grid.keys)
    return tuple(_scale(grid, key, _last(key) if names[_last(key)] == 1 else key) for key in grid.keys)


def pairs(axes: Sequence[Scale]) -> list[tuple[Scale, Scale]]:
    """The axes two by two, the pairs of most cells first; the longer one across.

    Left out are pairs of which the runs that have both differ by one axis alone, or by none.
    """
    found = {}
    for one, other in combinations(axes, 2):
        sizes = _spread(one, other), _spread(other, one)
        if min(sizes) > 1:
            found[(one, other) if sizes[0] >= sizes[1] else (other, one)] = sizes[0] * sizes[1]
    return sorted(found, key=lambda pair: -found[pair])


def _spread(axis: Scale, other: Scale) -> int:
    """How many values of an axis the runs have that stand on another, too."""
    both = axis.places[(axis.places >= 0) & (other.places >= 0)]
    return np.count_nonzero(np.bincount(both, minlength=len(axis)))


def chosen(text: str, axes: Sequence[Scale]) -> tuple[Scale, Scale, bool]:
    """The axes that `X,Y` names, each by its key or the last part of it, and whether it says `X,Y,best`.

    Raises: UsageError where it names no two axes, or such that no run has both.
    """
    words = [word.strip() for word in text.split(",")]
    is_best = words[2:] == ["best"]
    words = words[:2] if is_best else words
    if len(words) != 2 or not all(words):
        raise UsageError(f"must read X,Y or X,Y,best: two of the axes ({_listed(axes)})", file=HEATMAP)
    x, y = (_named(word, axes) for word in words)
    if x is y:
        raise UsageError("names the same axis twice: two make a map", file=HEATMAP, key=x.key)
    if not _spread(x, y):
        raise UsageError(f"no run has both {x.key} and {y.key}: take axes of one strategy", file=HEATMAP)
    return x, y, is_best


def _named(word: str, axes: Sequence[Scale]) -> Scale:
    found = [axis for axis in axes if word in (axis.key, _last(axis.key))]
    exact = [axis for axis in found if axis.key == word]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        raise UsageError(f"is the end of several axes: write {_listed(found, ' or ')}", file=HEATMAP, key=word)
    known = [name for axis in axes for name in dict.fromkeys((axis.key, _last(axis.key)))]
    near = suggest(word, known) or f" (axes: {_listed(axes) or 'none'})"
    raise UsageError(f"is no axis of this matrix{near}", file=HEATMAP, key=word[:60])


def _listed(axes: Sequence[Scale], between: str = ", ") -> str:
    return between.join(axis.key for axis in axes)


def _last(key: str) -> str:
    return key.rpartition(".")[2]


def _scale(grid: Grid, key: str, name: str) -> Scale:
    values, codes = grid.codes(key)
    places = np.arange(len(values))
    if all(isinstance(value, Real) and not isinstance(value, bool) for value in values):
        order = np.argsort(np.array(values, dtype=np.float64), kind="stable")
        places[order] = np.arange(len(values))
        values = tuple(values[place] for place in order.tolist())
    return Scale(key, name, tuple(map(label, values)), np.append(places, -1)[codes])


def label(value: Any) -> str:
    """A value of an axis as people read it."""
    return "+".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
