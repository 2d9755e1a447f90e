"""A 2.5 JSON configuration becomes a variant document; what has no place in one is told, never dropped in silence."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trader_cli.errors import ConfigError, Problem
from trader_cli.registry import strategy_class, strategy_names
from trader_cli.variant.fields import section_of
from trader_cli.variant.model import FIXED_SECTIONS, Heading
from trader_cli.variant.sections import REFERENCE
from trader_cli.variant.strategy_tables import SECTION as STRATEGY_CONFIG
from trader_cli.variant.wording import SECRET_SECTION, told, unknown_key

if TYPE_CHECKING:
    from pydantic import BaseModel

    from trader_cli.variant.reading import Document

ACTIVE_BROKER = "broker_config.active_broker"
_STRING = r'"(?:\\.|[^"\\])*"'
_COMMENT = re.compile(rf"({_STRING})|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"({_STRING})|,(?=\s*[}}\]])")


@dataclass(frozen=True, slots=True)
class Imported:
    """The document of a variant, and a remark for each key that was not carried over as it stood."""

    document: Document
    remarks: tuple[Problem, ...]


def parsed(text: str, file: str) -> Document:
    """The JSON of a text that may hold comments and trailing commas.

    Raises: ConfigError where it is no JSON object, or names a key twice.
    """

    def unique(pairs: list[tuple[str, Any]]) -> Document:
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ConfigError("stands there twice", file=file, key=twice[0])
        return dict(pairs)

    plain = _TRAILING_COMMA.sub(_keep_string, _COMMENT.sub(_keep_string, text))
    try:
        document = json.loads(plain, object_pairs_hook=unique)
    except RecursionError:
        raise ConfigError("is nested too deeply", file=file) from None
    except ValueError as error:
        raise ConfigError(f"is not JSON: {error}", file=file) from None
    if not isinstance(document, dict):
        raise ConfigError(f"must be a JSON object, is {told(document)}", file=file)
    return document


def _keep_string(match: re.Match[str]) -> str:
    """A string as it is; a comment becomes as many line ends as it had, so that errors name the right line."""
    return str(match[1]) if match[1] is not None else "\n" * match[0].count("\n") or " "


def imported(old: Document, file: str) -> Imported:
    """The variant that an old configuration describes.

    Raises: ConfigError when the two places that name the broker disagree.
    """
    remarks: list[Problem] = []
    document = _carried(old, Heading, "", remarks)
    if document.pop("version", "1") != "1":
        remarks.append(_remark("2.5's own number; the schema of variant files is version 1", "version"))
    for section, model in FIXED_SECTIONS.items():
        if section in old:
            document[section] = _carried(old[section], model, section, remarks)
    if STRATEGY_CONFIG in old:
        document[STRATEGY_CONFIG] = _strategies(old[STRATEGY_CONFIG], remarks)
    _agree_on_broker(old, document, file)
    _remove_literal_keys(document, remarks)
    return Imported(document, tuple(remarks))


def _carried(old: Any, model: type[BaseModel], prefix: str, remarks: list[Problem]) -> Any:
    """The keys of a table that its model knows; the others become remarks. What is no table is left to validation."""
    if not isinstance(old, dict):
        return old
    kept: Document = {}
    for name, value in old.items():
        key = f"{prefix}.{name}" if prefix else name
        field = model.model_fields.get(name)
        if value is None:
            remarks.append(_remark("not carried over: null says nothing", key))
        elif field is not None:
            below = section_of(field)
            kept[name] = _carried(value, below, key, remarks) if below else value
        elif key != ACTIVE_BROKER and not (not prefix and name in (*FIXED_SECTIONS, STRATEGY_CONFIG)):
            remarks.append(_remark(f"not carried over: {unknown_key(name, model)}", key))
    return kept


def _strategies(old: Any, remarks: list[Problem]) -> Any:
    if not isinstance(old, dict):
        return old
    kept: Document = {}
    for name, table in old.items():
        key = f"{STRATEGY_CONFIG}.{name}"
        if name in strategy_names():
            kept[name] = _carried(table, strategy_class(name).params_model, key, remarks)
        else:
            remarks.append(_remark(f"not carried over: no strategy is called '{name}'", key))
    return kept


def _agree_on_broker(old: Document, document: Document, file: str) -> None:
    config, cell = old.get("broker_config"), document.setdefault("variants", {})
    active = config.get("active_broker") if isinstance(config, dict) else None
    if active is None or not isinstance(cell, dict):
        return
    chosen = cell.setdefault("broker", active)
    if chosen != active:
        raise ConfigError(
            f"{told(active)} contradicts variants.broker {told(chosen)}: make both the same",
            file=file,
            key=ACTIVE_BROKER,
        )


def _remove_literal_keys(document: Document, remarks: list[Problem]) -> None:
    """A key that stood in the old file is known to whoever read it: it is neither copied nor repeated."""
    config = document.get("broker_config")
    credentials = config.get("credentials") if isinstance(config, dict) else None
    if not isinstance(credentials, dict):
        return
    for name, value in list(credentials.items()):
        if not isinstance(value, str) or not REFERENCE.fullmatch(value):
            del credentials[name]
            what = "not carried over: a key in a file is no secret; replace it at the venue and set the environment"
            remarks.append(_remark(what, f"{SECRET_SECTION}.{name}"))


def _remark(message: str, key: str) -> Problem:
    return Problem(message, key=key)
