"""The secrets a variant refers to, whether or not anything needs them yet."""

from __future__ import annotations

import os
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


def looked_up(credentials: Credentials) -> tuple[str, str, str]:
    """The key, the secret and the passphrase that the environment holds now; empty where a variable is unset."""
    named = (credentials.api_key, credentials.api_secret, credentials.passphrase)
    key, secret, passphrase = (os.environ.get(name[2:-1], "") if name else "" for name in named)
    return key, secret, passphrase
