"""What a key of a section allows, in words: one source for error lines, the reference page and comments."""

from __future__ import annotations

from enum import Enum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text", tuple: "a list of texts"}
PLAIN_KINDS = frozenset(_KINDS.values())
"""What `allowed` says of keys without bounds and choices."""


def kind(field: FieldInfo) -> object:
    """The type behind a field, without "or unset"."""
    annotation = field.annotation
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = (part for part in get_args(annotation) if part is not NoneType)
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return get_origin(annotation) if get_origin(annotation) is tuple else annotation


def choices(field: FieldInfo) -> tuple[str, ...]:
    """The texts a field may hold; empty where it is not a choice."""
    what = kind(field)
    if isinstance(what, type) and issubclass(what, Enum):
        return tuple(str(member.value) for member in what)
    return tuple(map(str, get_args(what))) if get_origin(what) is Literal else ()


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a field that is itself a table."""
    what = kind(field)
    return what if isinstance(what, type) and issubclass(what, BaseModel) else None


def bounds(field: FieldInfo) -> str:
    """The range of a number in words; empty where there is none.

    Whole numbers read "from 2 to 10000", others "above 0 and at most 1".
    """
    below, above = "", ""
    for limit in field.metadata:
        if isinstance(limit, Ge):
            below = f"from {plain(limit.ge)}"
        elif isinstance(limit, Gt):
            below = f"above {plain(limit.gt)}"
        elif isinstance(limit, Le):
            above = f"to {plain(limit.le)}"
        elif isinstance(limit, Lt):
            above = f"below {plain(limit.lt)}"
    if below.startswith("above") and above.startswith("to"):
        above = above.replace("to", "up to", 1)
    between = " and " if above.startswith("below") and below else " "
    return f"{below}{between}{above}".strip()


def allowed(field: FieldInfo) -> str:
    """What may stand behind the key, as the end of "must be ..."."""
    if section_of(field):
        return "a table"
    if options := choices(field):
        return "one of " + ", ".join(options) if len(options) > 1 else f'"{options[0]}"'
    what = kind(field)
    return f"{_KINDS[what]} {bounds(field)}".strip() if isinstance(what, type) and what in _KINDS else "another value"


def plain(value: object) -> str:
    """A bound without needless digits.

    >>> plain(1e12), plain(0.05), plain(2.0)
    ('1000000000000', '0.05', '2')
    """
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
