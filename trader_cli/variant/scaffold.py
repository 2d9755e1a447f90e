"""A commented variant file: every key explained by the model that checks it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from trader_cli.registry import strategy_names
from trader_cli.variant.keys import Key, strategy_table, tables
from trader_cli.variant.loading import load_mapping
from trader_cli.variant.strategy_tables import SECTION as STRATEGY_CONFIG

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from tomlkit import TOMLDocument
    from tomlkit.items import Table

    from trader_cli.variant.model import Variant

_WIDTH = 100


def commented(variant: Variant, chosen: Collection[str], folder: Path | None = None) -> str:
    """The TOML text of a variant.

    `chosen` are the dotted keys and tables somebody set. They stand as values, and so do the cell, its symbols and
    all fixed defaults; a default that follows from the broker, and a key without one, stand behind `#`, so that
    they keep following. `folder` is where a strategy's path starts.
    """
    import tomlkit

    document = tomlkit.document()
    values = values_of(variant)
    symbols = f"trading_symbols.{variant.variants.asset_class}"
    shown = {*chosen, "variants.asset_class", symbols}
    for section, keys in _tables(variant, chosen, folder).items():
        target = _table(document, section)
        for key in keys:
            _explain(target, key)
            _add(target, key, values.get(key.dotted), is_chosen=key.dotted in shown)
    return tomlkit.dumps(document)


def template() -> str:
    """The commented file with the tables of all strategies; its cell is an example."""
    document = {
        "trader_name": "bybit_crypto_rsi",
        "variants": {"broker": "bybit", "strategy": "rsi"},
        "strategy_config": {name: {} for name in strategy_names()},
    }
    resolved = load_mapping(document, environment={})
    return commented(resolved.variant, resolved.origins.keys() - {"trader_name"})


def values_of(variant: Variant) -> dict[str, Any]:
    """Every value of a variant by its dotted key, as JSON and TOML write it."""
    return dict(_flat(variant.model_dump(mode="json"), ""))


def _flat(value: Mapping[str, Any], prefix: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, below in value.items():
        key = f"{prefix}{name}"
        found += _flat(below, f"{key}.") if isinstance(below, dict) else [(key, below)]
    return found


def _tables(variant: Variant, chosen: Collection[str], folder: Path | None) -> dict[str, list[Key]]:
    active = strategy_table(variant.variants.strategy, folder)
    found: dict[str, list[Key]] = {}
    for section, keys in tables().items():
        is_strategy = section.startswith(STRATEGY_CONFIG)
        if not is_strategy or section in chosen:
            found[section] = keys
        if section == "variants":
            found |= active
    return found


def _table(document: TOMLDocument, section: str) -> TOMLDocument | Table:
    import tomlkit

    target: Any = document
    names = section.split(".") if section else []
    for depth, name in enumerate(names):
        if name not in target:
            target.add(name, tomlkit.table(is_super_table=depth < len(names) - 1))
        target = target[name]
    return target  # type: ignore[no-any-return]


def _explain(target: TOMLDocument | Table, key: Key) -> None:
    """The meaning of a key, its range and where its default comes from, as comments above it."""
    import tomlkit

    parts = [key.meaning]
    if key.range:
        parts[0] += f" ({key.range})"
    if key.default_in_words and "default" not in key.meaning:
        parts.append(f"default: {key.default_in_words}")
    for line in textwrap.wrap("; ".join(parts), _WIDTH):
        target.add(tomlkit.comment(line))


def _add(target: TOMLDocument | Table, key: Key, value: Any, *, is_chosen: bool) -> None:
    import tomlkit

    if is_chosen or (value is not None and not key.default_in_words):
        target.add(key.name, _number(value))
    else:
        target.add(tomlkit.comment(f"{key.name} = {toml(value or key.example)}"))
    target.add(tomlkit.nl())


def toml(value: Any) -> str:
    """A value as it stands in a file."""
    import tomlkit

    return str(tomlkit.item(_number(value)).as_string())


def _number(value: Any) -> Any:
    """A value as a person would write it: 30, not 30.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
