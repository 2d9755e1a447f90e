"""Layers of values, weakest first, each value remembering where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trader_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trader_cli.variant.reading import Document, Source

type Key = tuple[str, ...]

DEEPEST = 32


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from: `name` stands in error lines, the whole, with a file's line, in `show`."""

    name: str
    label: str = ""
    source: Source | None = None
    key: Key = ()

    def __str__(self) -> str:
        line = self.source.line(self.key) if self.source else None
        return f"{self.label}{self.name}" + (f":{line}" if line else "")


class Layers:
    """The values of all layers put on so far, the last one on top."""

    def __init__(self) -> None:
        self.document: Document = {}
        self._origins: dict[Key, Origin] = {}

    def put(self, document: Document, origin: Callable[[Key], Origin]) -> None:
        """Lays a document over what is there: tables merge, everything else is replaced.

        Raises: ConfigError for tables and lists nested so deeply that walking them would be no pleasure.
        """
        if _depth(document) > DEEPEST:
            raise ConfigError(f"is nested deeper than {DEEPEST} levels", file=origin(()).name)
        self._merge(self.document, document, (), origin)

    def fill(self, document: Document) -> None:
        """Lays built-in defaults under what is there."""
        _fill(self.document, document)

    def get(self, *key: str) -> Any:
        """The value of a key; None where it is unset or no table leads to it."""
        value: Any = self.document
        for name in key:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def origin(self, key: str) -> Origin | None:
        """Where the value of a dotted key came from; None for a default."""
        return self._origins.get(tuple(key.split(".")))

    def origins(self) -> Mapping[str, str]:
        """The origins of all values, by dotted key."""
        return {".".join(key): str(origin) for key, origin in self._origins.items()}

    def _merge(self, target: Document, layer: Document, prefix: Key, origin: Callable[[Key], Origin]) -> None:
        for name, value in layer.items():
            key = (*prefix, name)
            self._origins[key] = origin(key)
            if isinstance(value, dict):
                below = target.get(name)
                target[name] = below if isinstance(below, dict) else {}
                self._merge(target[name], value, key, origin)
            else:
                target[name] = value


def _depth(document: Document) -> int:
    """How many tables and lists contain one another, without recursion: a dotted key can nest thousands."""
    depth = 0
    level: list[Any] = [document]
    while level and depth <= DEEPEST:
        depth += 1
        inside = [value.values() if isinstance(value, dict) else value for value in level]
        level = [value for values in inside for value in values if isinstance(value, dict | list)]
    return depth


def _fill(target: Document, defaults: Document) -> None:
    for name, value in defaults.items():
        if isinstance(value, dict):
            below = target.setdefault(name, {})
            if isinstance(below, dict):
                _fill(below, value)
        else:
            target.setdefault(name, value)
