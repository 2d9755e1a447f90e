"""The schema says no more than `trader check`: what is accepted there is accepted by an editor."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.variant.files import small, text
from trader_cli.variant.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator

SHIPPED = sorted((Path(__file__).parents[2] / "variants").glob("*.toml"))


def refusals(value: Any, rules: dict[str, Any], root: dict[str, Any], key: str = "") -> Iterator[str]:
    """What a JSON Schema refuses, by the few keywords that ours is made of."""
    if "$ref" in rules:
        yield from refusals(value, root["$defs"][rules["$ref"].rpartition("/")[2]], root, key)
    if "enum" in rules and value not in rules["enum"]:
        yield f"{key}: none of {rules['enum']}"
    if isinstance(value, str) and not re.search(rules.get("pattern", ""), value):
        yield f"{key}: does not match {rules['pattern']}"
    if rules.get("type") == "object" and not isinstance(value, dict):
        yield f"{key}: no table"
    if "anyOf" in rules and all([*refusals(value, option, root, key)] for option in rules["anyOf"]):
        yield f"{key}: none of the alternatives"
    if "not" in rules and not [*refusals(value, rules["not"], root, key)]:
        yield f"{key}: is what it must not be"
    if "if" in rules and not [*refusals(value, rules["if"], root, key)]:
        yield from refusals(value, rules["then"], root, key)
    if isinstance(value, dict):
        yield from _refusals_of_a_table(value, rules, root, key)


def _refusals_of_a_table(table: dict[str, Any], rules: dict[str, Any], root: dict[str, Any], key: str) -> Iterator[str]:
    yield from (f"{key}.{name}: is missing" for name in rules.get("required", ()) if name not in table)
    for name, below in table.items():
        allowed = rules.get("properties", {}).get(name, rules.get("additionalProperties", True))
        if allowed is False:
            yield f"{key}.{name}: unknown"
        elif isinstance(allowed, dict):
            yield from refusals(below, allowed, root, f"{key}.{name}")


def refused(toml: str) -> list[str]:
    document = schema()
    return list(refusals(tomllib.loads(toml), document, document))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_variant_satisfies_the_schema(path: Path) -> None:
    assert refused(path.read_text()) == []


def test_a_file_that_extends_another_may_leave_everything_to_it() -> None:
    assert refused('extends = "base.toml"\n') == []
    assert refused('extends = "base.toml"\n[variants]\nmode = "live"\n') == []


def test_a_file_that_stands_alone_names_its_broker_and_strategy() -> None:
    assert refused('trader_name = "x"\n') == [".variants: is missing"]
    assert refused('[variants]\nbroker = "okx"\n') == [".variants.strategy: is missing"]


@pytest.mark.parametrize("strategy", ["rsi", "my_plugin", "mine.py:Mine", "lib/mine.py:Mine"])
def test_a_plugin_may_be_named(strategy: str) -> None:
    assert refused(small(strategy=strategy)) == []
    assert refused(small(broker="my_venue")) == []
    assert (
        refused(text({"variants": {"broker": '"okx"', "strategy": '"mine"'}, "strategy_config.mine": {"x": "1"}})) == []
    )


def test_what_nobody_can_name_is_still_refused() -> None:
    assert refused(small(strategy="not a name")) != []
    assert refused(small(broker="Not A Name")) != []
    assert refused(small() + "[strategy_config]\nmine = 1\n") == [".strategy_config.mine: no table"]
    assert refused(small() + "[strategy_config.rsi]\nperiodd = 1\n") == [".strategy_config.rsi.periodd: unknown"]
    assert refused(small() + "[nosuch]\n") == [".nosuch: unknown"]
