"""Resolved variants, each kept once, under the checksum of its text."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.sqlite import insert as upsert

from trader_cli.journal import schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


def written(document: Mapping[str, Any]) -> tuple[str, str]:
    """A document's one spelling as JSON, and the SHA-256 of that."""
    text = json.dumps(document, sort_keys=True)
    return text, sha256(text.encode()).hexdigest()


def kept(connection: Connection, configuration: Mapping[str, Any]) -> str:
    """Keeps a resolved variant, unless it is kept already; its checksum."""
    text, digest = written(configuration)
    connection.execute(upsert(schema.configurations).values(hash=digest, document=text).on_conflict_do_nothing())
    return digest
