"""Everything that was asked of the venue, in order: the judge of what a client did."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(slots=True)
class Entry:
    """One request. `status` stays None while nothing was answered, and for ever where the connection was dropped."""

    time: int
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: str
    is_write: bool
    account: str | None = None
    status: int | None = None
    refused: str = ""
    orders: list[str] = field(default_factory=list)
    mischief: list[str] = field(default_factory=list)


class Ledger:
    """Requests as they came. Secrets stand as hashes, so that equal ones can be told and none can be read."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def writes(self) -> list[Entry]:
        """What would change something, whatever came of it."""
        return [entry for entry in self.entries if entry.is_write]

    def private(self) -> list[Entry]:
        """What was asked with a key that is known."""
        return [entry for entry in self.entries if entry.account is not None]

    def sends(self, client_id: str) -> list[Entry]:
        """The writes that name a client id: more than one is a second try."""
        return [entry for entry in self.writes() if client_id in entry.body or client_id in entry.query]

    def of(self, path: str, method: str | None = None) -> list[Entry]:
        """The requests whose path contains this."""
        return [entry for entry in self.entries if path in entry.path and method in {None, entry.method}]


def hashed(value: str) -> str:
    return f"sha256:{sha256(value.encode()).hexdigest()[:12]}"


def hushed(text: str, names: Iterable[str]) -> str:
    """The text of a form or of JSON without the values of these names."""
    for name in names:
        found = re.compile(rf'(\b{re.escape(name)}"?\s*[=:]\s*"?)([^&"\s]+)', re.IGNORECASE)
        text = found.sub(lambda match: match[1] + hashed(match[2]), text)
    return text
