"""`--matrix` and `--set` with several values: the axes of a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trader_cli.errors import UsageError, suggest
from trader_cli.registry import broker_names, strategy_class, strategy_names
from trader_cli.variant.fields import choices
from trader_cli.variant.model import FIXED_SECTIONS, SECTIONS
from trader_cli.variant.overlays import SET, assignment, is_axis, listed, toml_value
from trader_cli.variant.ranges import MOST_VALUES, numbers
from trader_cli.variant.sections import REFERENCE
from trader_cli.variant.strategy_tables import SECTION as STRATEGY_CONFIG
from trader_cli.variant.wording import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trader_cli.variant.layers import Key

MATRIX = "--matrix"
SYMBOLS = "trading_symbols"
"""The key of an axis of symbol sets: the list of the asset class that a cell trades."""
CELLS = "variants"
"""The section of the four dimensions that make a cell."""
EACH = ("*",)
"""On an axis of symbol sets: each symbol of the variant's own list, alone."""

DIMENSIONS: Mapping[str, str] = {
    "broker": "variants.broker",
    "strategy": "variants.strategy",
    "mode": "variants.mode",
    "asset_class": "variants.asset_class",
    "symbol": SYMBOLS,
    "timeframe": "session.timeframe",
}
"""What `--matrix` names shortly, and the key it means."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A dotted key and the values it takes, in order; a set of symbols is a tuple of them."""

    key: str
    values: tuple[Any, ...]
    option: str = SET

    @property
    def path(self) -> Key:
        """The key in its parts."""
        return tuple(self.key.split("."))

    @property
    def makes_cells(self) -> bool:
        """Whether each of its values is another cell of the matrix, with defaults of its own."""
        return self.path[0] == CELLS


@dataclass(frozen=True, slots=True)
class Axes:
    """What the options of a matrix come to: its axes, and the `--set`s of one value, which hold for all of it."""

    axes: tuple[Axis, ...]
    overrides: tuple[str, ...]


def read(sets: Sequence[str], matrix: Sequence[str], flags: Mapping[str, object]) -> Axes:
    """The axes in the order given, those of `--matrix` first; `flags` fix what no axis may then name.

    Raises: UsageError that names option, key and remedy.
    """
    axes: dict[str, Axis] = {}
    for text in matrix:
        _add(axes, _of_matrix(text))
    overrides = []
    for text in sets:
        key, values = assignment(text)
        if is_axis(values):
            _add(axes, _axis(".".join(key), values, SET))
        else:
            overrides.append((".".join(key), text))
    for fixed, _ in overrides:
        if fixed in axes:
            raise UsageError("is one value here and an axis elsewhere: give it once", file=SET, key=fixed)
    for axis in axes.values():
        _demand_free(axis, flags)
    return Axes(tuple(axes.values()), tuple(text for _, text in overrides))


def _add(axes: dict[str, Axis], axis: Axis) -> None:
    for key in axes:
        both = {key, axis.key}
        if len(both) == 1 or (SYMBOLS in both and all(one.startswith(SYMBOLS) for one in both)):
            raise UsageError("is an axis already: give all its values at once", file=axis.option, key=axis.key)
    axes[axis.key] = axis


def _demand_free(axis: Axis, flags: Mapping[str, object]) -> None:
    for name, key in DIMENSIONS.items():
        flag = flags.get(name)
        is_same = axis.path[0] == SYMBOLS if key == SYMBOLS else axis.key == key
        if is_same and flag and EACH not in axis.values:
            raise UsageError(
                f"is fixed by --{name.replace('_', '-')}: drop one of them", file=axis.option, key=axis.key
            )


def _of_matrix(text: str) -> Axis:
    name, equals, values = text.partition("=")
    name = name.strip()
    if not equals or not name:
        raise UsageError("must read DIM=A,B,..., e.g. strategy=rsi,macd", file=MATRIX)
    if "." not in name and name not in DIMENSIONS:
        near = suggest(name, DIMENSIONS) or f" (known: {', '.join(DIMENSIONS)}, or any key, section.key)"
        raise UsageError(f"is no dimension{near}", file=MATRIX, key=shortened(name, 60))
    return _axis(DIMENSIONS.get(name, name), values, MATRIX)


def _axis(key: str, text: str, option: str) -> Axis:
    if key != SYMBOLS:
        _demand_known(tuple(key.split(".")), option)
    values: list[Any] = []
    for part in listed(text):
        if not part:
            raise UsageError('holds an empty value: drop a comma, or write ""', file=option, key=key)
        values += _values(key, part, option)
        if len(values) > MOST_VALUES:
            raise UsageError(f"has more than {MOST_VALUES:,} values: take fewer", file=option, key=key)
    return Axis(key, tuple(values), option)


def _values(key: str, part: str, option: str) -> Sequence[Any]:
    """The values of what stands between two commas."""
    if REFERENCE.search(part):
        raise UsageError("${NAME} is for credentials only, which are no axis", file=option, key=key)
    if key == SYMBOLS:
        return [_symbol_set(part)]
    if part == "*" and option == MATRIX:
        return _every(key)
    if is_axis(part):
        try:
            return numbers(part)
        except ValueError as error:
            raise UsageError(f"'{shortened(part, 60)}' {error}", file=option, key=key) from None
    value = toml_value(part)
    if isinstance(value, dict):
        raise UsageError("a table is no value of an axis: name one of its keys", file=option, key=key)
    return [value]


def _symbol_set(part: str) -> tuple[str, ...]:
    symbols = tuple(symbol.strip() for symbol in part.split("+"))
    if not all(symbols):
        raise UsageError("must read A,B for two sets, A+B for one of two symbols", file=MATRIX, key=SYMBOLS)
    return symbols


def _every(key: str) -> tuple[str, ...]:
    """What `*` stands for."""
    section, _, name = key.partition(".")
    if key == "variants.broker":
        return broker_names()
    if key == "variants.strategy":
        return strategy_names()
    model = FIXED_SECTIONS.get(section)
    options = choices(model.model_fields[name]) if model else ()
    if not options:
        raise UsageError("'*' stands for all choices, and this key has none: list its values", file=MATRIX, key=key)
    return options


def _demand_known(key: Key, option: str) -> None:
    """The key exists. The table of a strategy that is no registered one is known only once its file is loaded."""
    if key[0] not in SECTIONS:  # what stands there may be a secret: it is not repeated
        near = suggest(key[0], SECTIONS) or f" (known: {', '.join(SECTIONS)})"
        raise UsageError(f"an axis is a key of a section, section.key{near}", file=option)
    if key[0] == "broker_config":
        raise UsageError("how a broker is reached is no axis of a matrix", file=option, key=key[0])
    named = ".".join(key)
    if key[0] == STRATEGY_CONFIG and len(key) < 3:
        raise UsageError(f"is a table: name a key, {STRATEGY_CONFIG}.NAME.key", file=option, key=named)
    for table, known in _tables(key):
        if len(key) <= len(table):
            raise UsageError(f"is a table: name one of its keys ({', '.join(known)})", file=option, key=named)
        if key[len(table)] not in known:
            near = suggest(key[len(table)], known) or f" (known: {', '.join(known)})"
            raise UsageError(f"unknown key{near}", file=option, key=named)
        if key[0] != STRATEGY_CONFIG and len(key) > len(table) + 1:
            raise UsageError(f"unknown key, {'.'.join(key[: len(table) + 1])} is no table", file=option, key=named)


def _tables(key: Key) -> Iterator[tuple[Key, Sequence[str]]]:
    """The table a key is of and the keys that table has, where both are known by now."""
    if key[0] != STRATEGY_CONFIG:
        yield key[:1], tuple(FIXED_SECTIONS[key[0]].model_fields)
    elif key[1] in strategy_names():
        yield key[:2], tuple(strategy_class(key[1]).params_model.model_fields)
