"""The JSON Schema of the variant file, with a table for every strategy there is."""

from __future__ import annotations

from typing import Any

from pydantic import Field, create_model

from trader_cli.domain.section import Section
from trader_cli.registry import PLAIN_NAME, broker_names, strategy_class, strategy_names
from trader_cli.variant.keys import EXTENDS
from trader_cli.variant.model import FIXED_SECTIONS, Heading
from trader_cli.variant.strategy_tables import SECTION as STRATEGY_CONFIG

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """What an editor may complete and check; rules between keys are `trader check`'s."""
    tables: dict[str, Any] = {
        name: (strategy_class(name).params_model, Field(None, description=strategy_class(name).summary))
        for name in strategy_names()
    }
    sections: dict[str, Any] = {name: (model, Field(None)) for name, model in FIXED_SECTIONS.items()}
    sections[STRATEGY_CONFIG] = (create_model("StrategyConfig", __base__=Section, **tables), Field(None))
    sections["extends"] = (str, Field(None, description=EXTENDS.meaning))
    whole: type[Section] = create_model("VariantFile", __base__=Heading, **sections)
    document = whole.model_json_schema()
    _require_where_nothing_is_extended(document)
    _admit_plugins(document["$defs"])
    return {"$schema": DIALECT, **_without_null_defaults(document)}


def _require_where_nothing_is_extended(document: dict[str, Any]) -> None:
    """A file that extends another may leave any key to it; alone, it has to name its broker and strategy."""
    needed = document["$defs"]["Dimensions"]["required"]
    for table in document["$defs"].values():
        table.pop("required", None)
    document["if"] = {"not": {"required": [EXTENDS.name]}}
    document["then"] = {"required": ["variants"], "properties": {"variants": {"required": needed}}}


def _admit_plugins(tables: dict[str, Any]) -> None:
    """The names known here are offered; those of packages and files that are elsewhere are allowed."""
    plugin = {"pattern": f"^{PLAIN_NAME.pattern}$"}
    dimensions = tables["Dimensions"]["properties"]
    dimensions["broker"]["anyOf"] = [{"enum": list(broker_names())}, plugin]
    file = {"pattern": r"\.py:[A-Za-z_][A-Za-z0-9_]*$"}
    dimensions["strategy"]["anyOf"] = [{"enum": list(strategy_names())}, plugin, file]
    tables["StrategyConfig"]["additionalProperties"] = {"type": "object"}


def _without_null_defaults(value: Any) -> Any:
    """TOML has no null: a key that is unset is left out."""
    if isinstance(value, list):
        return [_without_null_defaults(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _without_null_defaults(below) for name, below in value.items()}
    if kept.get("default", 0) is None:
        del kept["default"]
    options = [option for option in kept.get("anyOf", ()) if option != {"type": "null"}]
    if "anyOf" in kept and len(options) == 1:
        del kept["anyOf"]
        kept |= options[0]
    return kept
