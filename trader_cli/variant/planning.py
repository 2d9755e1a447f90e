"""One cell of a matrix before anything is judged: its document, its axes, and how many combinations they ask for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Any

from trader_cli.errors import ConfigError
from trader_cli.variant import defaults, overlays
from trader_cli.variant.axes import EACH, SYMBOLS
from trader_cli.variant.fields import section_of
from trader_cli.variant.loading import draft
from trader_cli.variant.outline import outline
from trader_cli.variant.strategy_tables import SECTION as STRATEGY_CONFIG
from trader_cli.variant.strategy_tables import active_strategy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pydantic import BaseModel

    from trader_cli.variant.axes import Axes, Axis
    from trader_cli.variant.layers import Key
    from trader_cli.variant.loading import Draft
    from trader_cli.variant.outline import Outline


@dataclass(frozen=True, slots=True)
class Place:
    """Where variants are looked for, and what is laid over all of them."""

    variants_dir: Path
    flags: Mapping[str, object]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """A VARIANT in a cell. `axes` are those the cell uses; `times` is how often the others repeat each combination."""

    reference: str
    assigned: Mapping[str, Any]
    axes: tuple[Axis, ...]
    times: int
    outline: Outline

    @property
    def asked(self) -> int:
        """How many combinations are asked for."""
        return self.times * prod(len(axis.values) for axis in self.axes)

    def axes_of(self, table: str) -> tuple[Axis, ...]:
        """The axes of one table, in the order given."""
        prefix = f"{self.outline.tables[table].prefix}."
        return tuple(axis for axis in self.axes if axis.key.startswith(prefix))

    def keys(self) -> dict[str, tuple[str, Key]]:
        """Every key of the cell's variants that a condition may name, with its table and the key in that."""
        found: dict[str, tuple[str, Key]] = {}
        for name, table in self.outline.tables.items():
            if name != "broker_config":
                found |= {".".join((table.prefix, *path)): (name, path) for path in _paths(table.model)}
        return found


def _paths(model: type[BaseModel]) -> Iterator[Key]:
    for name, field in model.model_fields.items():
        below = section_of(field)
        if below is None:
            yield (name,)
        else:
            yield from ((name, *path) for path in _paths(below))


def plan(reference: str, assigned: Mapping[str, Any], axes: Axes, place: Place) -> Plan:
    """Resolves a VARIANT in the cell that `assigned` names, as `load` does, with the first value of each axis put on.

    Raises: ConfigError where a file cannot be read or the environment names no key; UsageError.
    """
    found = draft(reference, place.variants_dir, axes.overrides, place.flags, place.environment, assigned)
    if found.problems:
        raise ConfigError.of(found.problems)
    inner = [axis for axis in axes.axes if not axis.makes_cells]
    used = tuple(_of_cell(axis, found) for axis in inner if _is_used(axis, found))
    times = prod(len(axis.values) for axis in inner if not _is_used(axis, found))
    overlays.put_values(found.layers, {axis.key: axis.values[0] for axis in used})
    return Plan(reference, assigned, used, times, outline(found.document(place.environment), found.folder))


def _is_used(axis: Axis, found: Draft) -> bool:
    """Whether the variants of a cell differ by an axis: another strategy's or asset class' table is not traded by."""
    if axis.path[0] == STRATEGY_CONFIG:
        active = active_strategy(found.layers.document, found.folder, [])
        return active is not None and axis.path[1] == active.name
    if axis.path[0] == SYMBOLS and axis.key != SYMBOLS:
        return axis.path[1] == str(found.asset_class)
    return True


def _of_cell(axis: Axis, found: Draft) -> Axis:
    """An axis with the key and the values that it has in a cell."""
    if axis.key != SYMBOLS:
        return axis
    values: list[Any] = []
    for symbols in axis.values:
        values += _each(found) if symbols == EACH else [list(symbols)]
    return replace(axis, key=f"{SYMBOLS}.{found.asset_class}", values=tuple(values))


def _each(found: Draft) -> Sequence[Any]:
    """Each symbol alone of the list that the cell trades; a list of none, or what is no list, as it is."""
    given = found.layers.get(SYMBOLS, str(found.asset_class))
    if given is None:
        cell = defaults.for_cell(found.broker, found.asset_class)
        given = cell.get(SYMBOLS, {}).get(str(found.asset_class), [])
    return [[symbol] for symbol in given] if isinstance(given, list) and given else [given]
