"""The distinct sound sections that the axes of one table make, kept as columns and not as objects."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, overload, override

import numpy as np

from trader_cli.errors import UsageError
from trader_cli.variant.condition_values import column
from trader_cli.variant.reasons import Reasons

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from trader_cli.domain.section import Section
    from trader_cli.errors import Problem
    from trader_cli.variant.axes import Axis
    from trader_cli.variant.condition_values import Values
    from trader_cli.variant.layers import Key
    from trader_cli.variant.tables import Table

MOST_COMBINATIONS = 10_000_000
"""The most combinations that are looked at one by one: of one table's axes, or of those a condition speaks of."""
REMEDY = "take larger steps, or look for the best with --optimize METRIC"
"""Of too many combinations."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A field that takes several values: `values[codes[i]]` is that of section i."""

    values: Sequence[Any]
    codes: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Distinct(Sequence["Section"]):
    """The distinct sections of a table in the order of their first combinations; each is built when asked for.

    `axes` are those of the table. Shape (n,): `combination` is the number of the first combination of `axes` (the
    last fastest) that makes a section, `weight` how many combinations make it.
    """

    axes: tuple[Axis, ...]
    combination: NDArray[np.int64]
    weight: NDArray[np.int64]
    _first: Section
    _columns: dict[str, _Column]

    @override
    def __len__(self) -> int:
        return len(self.combination)

    @overload
    def __getitem__(self, index: int) -> Section: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Section]: ...
    @override
    def __getitem__(self, index: int | slice) -> Section | Sequence[Section]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        changed = {name: one.values[one.codes[index]] for name, one in self._columns.items()}
        return self._first.model_copy(update=changed) if changed else self._first

    @override
    def __iter__(self) -> Iterator[Section]:
        return (self[index] for index in range(len(self)))

    def codes(self, field: str) -> NDArray[np.int32] | None:
        """A number for each section, the same where the field is the same; None where it is the same in all."""
        return self._columns[field].codes if field in self._columns else None

    def values(self, path: Key) -> Values | None:
        """The values of a key as a condition sees them, one a section or one for all; None for a list."""
        name, *below = path
        one = self._columns.get(name)
        found = column([_below(value, below) for value in (one.values if one else [getattr(self._first, name)])])
        return found if found is None or one is None else found[one.codes]

    def digits(self, index: int) -> dict[str, int]:
        """Which value of each axis makes a section, by the axis' key."""
        return {key: int(digits) for key, digits in self._digits(self.combination[index])}

    def places(self, key: str) -> NDArray[np.int64]:
        """Which value of an axis makes each section. Raises: KeyError where it is no axis of the table."""
        found: NDArray[np.int64] = dict(self._digits(self.combination))[key]
        return found

    def positions(self, strides: Mapping[str, int]) -> NDArray[np.int64]:
        """What each section adds to the place of a run, where one step on an axis is so many runs."""
        place = np.zeros(len(self), dtype=np.int64)
        for key, digits in self._digits(self.combination):
            place += digits * strides[key]
        return place

    def _digits(self, combinations: Any) -> Iterator[tuple[str, Any]]:
        sizes = [len(axis.values) for axis in self.axes]
        if sizes:
            yield from zip((axis.key for axis in self.axes), np.unravel_index(combinations, sizes), strict=True)


def _below(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        value = getattr(value, name)
    return value


def distinct(table: Table, axes: Sequence[Axis]) -> tuple[Distinct | None, Reasons]:
    """Judges each combination of a table's axes once: the distinct sound sections, and why the others are not.

    Raises: UsageError for too many combinations.
    """
    asked = prod(len(axis.values) for axis in axes)
    if asked > MOST_COMBINATIONS:
        raise UsageError(
            f"has {asked:,} combinations of its axes, more than {MOST_COMBINATIONS:,}: {REMEDY}",
            file=axes[0].option,
            key=table.prefix,
        )
    reasons = Reasons()

    def sound() -> Iterator[tuple[int, Section]]:
        for number, content in enumerate(_contents(table, axes)):
            problems: list[Problem] = []
            section = table.judge(content, problems)
            if section is None:
                reasons.add(problems, 1)
            else:
                yield number, section

    found = gathered(table, axes, sound())
    return None if found is None else found[0], reasons


def gathered(
    table: Table, axes: Sequence[Axis], sound: Iterable[tuple[int, Section]]
) -> tuple[Distinct, NDArray[np.int64]] | None:
    """The distinct ones of some sections, each with the number of its combination, and which of them each is.

    None where there are no sections.
    """
    coder, numbers = _Coder(tuple(table.model.model_fields)), array("q")
    first: Section | None = None
    for number, section in sound:
        first = section if first is None else first
        numbers.append(number)
        coder.add(section)
    if first is None:
        return None
    kept, weight, of_each = coder.distinct()
    combination = np.frombuffer(numbers, dtype=np.int64)[kept]
    return Distinct(tuple(axes), combination, weight, first, coder.columns(kept)), of_each


def _contents(table: Table, axes: Sequence[Axis]) -> Iterator[Any]:
    """The contents of a table that its axes make, the last axis fastest."""
    if not axes:
        yield table.content
        return
    depth = len(table.prefix.split("."))
    paths = [axis.path[depth:] for axis in axes]
    for values in product(*(axis.values for axis in axes)):
        content = dict(table.content)
        for path, value in zip(paths, values, strict=True):
            _lay(content, path, value)
        yield content


def _lay(table: dict[str, Any], path: Key, value: Any) -> None:
    """Sets a value; the tables on the way to it are copied, not changed."""
    for name in path[:-1]:
        below = table.get(name)
        table[name] = dict(below) if isinstance(below, dict) else {}
        table = table[name]
    table[path[-1]] = value


@dataclass(slots=True)
class _Field:
    """What a field of many sections holds: equal values have equal codes."""

    name: str
    values: list[Any] = dataclass_field(default_factory=list)
    codes: array[int] = dataclass_field(default_factory=lambda: array("i"))
    _known: dict[Any, int] = dataclass_field(default_factory=dict)

    def add(self, value: Any) -> None:
        try:
            code = self._known.setdefault((value.__class__, value), len(self.values))
        except TypeError:  # a plug-in's list cannot be looked up
            code = self._known.setdefault((value.__class__, repr(value)), len(self.values))
        if code == len(self.values):
            self.values.append(value)
        self.codes.append(code)


class _Coder:
    """Sections taken apart into their fields."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._fields = [_Field(name) for name in fields]
        self._count = 0

    def add(self, section: Section) -> None:
        self._count += 1
        for each in self._fields:
            each.add(getattr(section, each.name))

    def distinct(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The first of each kind of section, in order; how many there are of each; and of which kind each is."""
        kinds = np.zeros(self._count, dtype=np.int64)
        for each in self._differing():
            kinds = np.unique(kinds * len(each.values) + _array(each.codes), return_inverse=True)[1]
        _, first, of_each, count = np.unique(kinds, return_index=True, return_inverse=True, return_counts=True)
        order = np.argsort(first)
        return first[order], count[order], np.argsort(order)[of_each]

    def columns(self, kept: NDArray[np.int64]) -> dict[str, _Column]:
        """The fields that differ between sections, for the sections to be kept."""
        return {each.name: _Column(each.values, _array(each.codes)[kept]) for each in self._differing()}

    def _differing(self) -> Iterator[_Field]:
        return (each for each in self._fields if len(each.values) > 1)


def _array(codes: array[int]) -> NDArray[np.int32]:
    return np.frombuffer(codes, dtype=np.int32)
