"""The JSON Schema of the variant file, with a table for every strategy there is."""

from __future__ import annotations

from typing import Any

from pydantic import Field, create_model

from trader_cli.domain.section import Section
from trader_cli.registry import broker_names, strategy_class, strategy_names
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
    sections: dict[str, Any] = {
        name: (model, ... if name == "variants" else Field(None)) for name, model in FIXED_SECTIONS.items()
    }
    sections[STRATEGY_CONFIG] = (create_model("StrategyConfig", __base__=Section, **tables), Field(None))
    sections["extends"] = (str, Field(None, description=EXTENDS.meaning))
    whole: type[Section] = create_model("VariantFile", __base__=Heading, **sections)
    document = whole.model_json_schema()
    _name_choices(document["$defs"]["Dimensions"]["properties"])
    return {"$schema": DIALECT, **_without_null_defaults(document)}


def _name_choices(dimensions: dict[str, Any]) -> None:
    dimensions["broker"]["enum"] = list(broker_names())
    strategy = dimensions["strategy"]
    strategy["anyOf"] = [{"enum": list(strategy_names())}, {"pattern": r"\.py:[A-Za-z_][A-Za-z0-9_]*$"}]


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
