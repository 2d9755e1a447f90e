"""Amounts and whole numbers in the parameters of a request."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from tests.venues.core.refusals import Reason, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping


def amount(parameters: Mapping[str, Any], name: str) -> Decimal | None:
    """A parameter's amount; None where it is absent or empty. Raises: Refused for what is no number."""
    text = parameters.get(name)
    if text in {None, ""}:
        return None
    try:
        return Decimal(str(text))
    except InvalidOperation as wrong:
        raise Refused(Reason.BAD_PARAMETER, name) from wrong


def whole(parameters: Mapping[str, Any], name: str, default: int) -> int:
    """A parameter's whole number. Raises: Refused."""
    text = str(parameters.get(name, "") or default)
    if not text.isdigit():
        raise Refused(Reason.BAD_PARAMETER, name)
    return int(text)


def is_set(parameters: Mapping[str, Any], name: str) -> bool:
    """Whether a parameter says true, in whatever letters."""
    return str(parameters.get(name, "")).lower() == "true"


def refuse_others(parameters: Mapping[str, Any], names: Mapping[str, frozenset[str]]) -> None:
    """What a venue would take and is not simulated is no other order: it is refused. `names` give what is taken."""
    for name, taken in names.items():
        if str(parameters.get(name) or "").lower() not in taken | {""}:
            raise Refused(Reason.BAD_PARAMETER, f"{name} is not simulated")
