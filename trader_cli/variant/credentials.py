"""The secrets a variant refers to, whether or not anything needs them yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trader_cli.variant.sections import REFERENCE, Credentials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def secrets_in(credentials: Any, environment: Mapping[str, str]) -> Iterator[str]:
    """The values of the variables that a `[broker_config.credentials]` table, sound or not, or its defaults name."""
    named = credentials if isinstance(credentials, dict) else {}
    defaults = {name: field.default for name, field in Credentials.model_fields.items()}
    for value in (defaults | named).values():
        if isinstance(value, str) and REFERENCE.fullmatch(value):
            yield environment.get(value[2:-1], "")
