"""One entry of a log: made fit to be kept, as JSON, and as a line for people."""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, Any

from trader_cli.cleaning import foreign, safe
from trader_cli.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Mapping

    type Entry = dict[str, Any]

_FIRST = ("time", "level", "event", "message")
_LONGEST = 20_000
_MOST_ITEMS = 100
_DEEPEST = 6


def fit(value: Any, depth: int = 0) -> Any:
    """A value as JSON knows it: of bounded size, its texts without secrets and control characters."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, dict) and depth < _DEEPEST:
        return {fit(str(name)): fit(item, depth + 1) for name, item in list(value.items())[:_MOST_ITEMS]}
    if isinstance(value, list | tuple | set | frozenset) and depth < _DEEPEST:
        return [fit(item, depth + 1) for item in list(value)[:_MOST_ITEMS]]
    text = str(value)
    return safe(text if len(text) <= _LONGEST else _cut(redacted(text)))


def cleaned(entry: Mapping[str, Any]) -> Entry:
    """The whole entry made fit, what is empty left out, what is always there in front."""
    fitted = {name: fit(value) for name, value in entry.items() if value is not None}
    return {name: fitted.pop(name) for name in _FIRST if name in fitted} | fitted


def as_json(entry: Entry) -> str:
    """One line of ASCII."""
    return json.dumps(entry, allow_nan=False)


def for_people(entry: Entry, *, in_full: bool) -> str:
    """One line, and with `in_full` its time before it and where an error came from behind it."""
    source = entry.get("logger") or entry.get("event")
    said = (f"{foreign(source)}: " if source else "") + foreign(entry["message"])
    if not in_full:
        return f"{entry['level']}: {said}"
    place = f"\n{entry['exception']}" if "exception" in entry else ""
    return f"{entry['time']} {entry['level']:<8} {said}{place}"


def _cut(text: str) -> str:
    """A text without its middle: of a traceback the end says most. Half a secret would not be recognised any more."""
    half = _LONGEST // 2
    return f"{text[:half]}\n...\n{text[-half:]}"
