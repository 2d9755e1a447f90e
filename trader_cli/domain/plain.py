"""Values as JSON knows them."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from trader_cli.domain.clock import iso

_NAMES = {"return_fraction": "return"}


def plain(value: Any) -> dict[str, Any]:
    """A dataclass of simple fields, its times as text."""
    found = {}
    for field in fields(value):
        content = getattr(value, field.name)
        found[_NAMES.get(field.name, field.name)] = iso(content) if isinstance(content, datetime) else content
    return found
