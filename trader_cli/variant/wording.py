"""What pydantic found wrong, in the user's words: one problem a key, with what is allowed and what was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trader_cli.domain.timeframe import Timeframe, near
from trader_cli.errors import Problem, suggest
from trader_cli.redaction import redacted
from trader_cli.variant.fields import allowed, choices, kind, section_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel, ValidationError
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

SECRET_SECTION = "broker_config.credentials"  # noqa: S105 - the name of a table
_UNTOLD_SECTION = "broker_config"
"""No value in it is ever repeated: a key that slipped a line or a table is still a key."""


def problems(error: ValidationError, model: type[BaseModel], prefix: str = "") -> Iterator[Problem]:
    """One problem a wrong key; `prefix` is the dotted name of the table the model describes."""
    for detail in error.errors():
        names = [part for part in detail["loc"] if isinstance(part, str)]
        key = ".".join([prefix, *names] if prefix else names)
        yield Problem(_what_is_wrong(detail, model, key), key=key)


def _what_is_wrong(detail: ErrorDetails, model: type[BaseModel], key: str) -> str:
    owner, name = _owner(model, detail["loc"])
    item = "".join(f"item {part + 1} " for part in detail["loc"] if isinstance(part, int))
    if detail["type"] == "extra_forbidden":
        return unknown_key(name, owner)
    if detail["type"] == "missing":
        return f"is missing: {allowed(owner.model_fields[name])}"
    if detail["type"] == "requirement":
        return item + detail["msg"]
    if detail["type"] == "value_error":
        return item + str(detail["ctx"]["error"])
    field = owner.model_fields.get(name)
    must = "a text" if item else allowed(field) if field else "a table"
    if key.startswith(f"{SECRET_SECTION}."):
        return f"must be {must} of the form ${{NAME}}"
    if key.partition(".")[0] == _UNTOLD_SECTION:
        return f"must be {must}"
    given = detail["input"]
    return f"{item}must be {must}, is {told(given)}{_near(given, field)}"


def _near(given: object, field: FieldInfo | None) -> str:
    """What may have been meant by a text that is none of a field's choices."""
    if field is None or not isinstance(given, str):
        return ""
    return near(given) if kind(field) is Timeframe else suggest(given, choices(field))


def unknown_key(name: str, owner: type[BaseModel], more: tuple[str, ...] = ()) -> str:
    """What to say about a key that a table does not have."""
    known = (*owner.model_fields, *more)
    return f"unknown key{suggest(name, known) or f' (known: {", ".join(known)})'}"


def _owner(model: type[BaseModel], loc: tuple[int | str, ...]) -> tuple[type[BaseModel], str]:
    """The model a location ends in, and the name of its field."""
    names = [part for part in loc if isinstance(part, str)]
    for name in names[:-1]:
        field = model.model_fields.get(name)
        model = (section_of(field) if field else None) or model
    return model, names[-1] if names else ""


def told(value: Any) -> str:
    """A value as its file would write it, cut short."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, int) and value.bit_length() > 64:
        return f"a number of {value.bit_length()} bits"
    return shortened(repr(value) if isinstance(value, str) else str(value), 60)


def shortened(text: str, longest: int = 400) -> str:
    """A text whose middle is left out where it is too long to read, and no part of a secret is left.

    >>> shortened("0123456789", 7)
    '01...89'
    """
    text = redacted(text)
    half = (longest - 3) // 2
    return text if len(text) <= longest else f"{text[:half]}...{text[-half:]}"
