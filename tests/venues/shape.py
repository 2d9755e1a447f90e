"""The shape of an answer: which keys it has, at any depth, and what kind of value stands at each."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SHAPES = Path(__file__).parent / "shapes"
"""One file for each kind of answer: `{"result.list[].price": ["text"]}`; made from an answer of the real venue by
`python -m tests.venues.shape < answer.json > shapes/venue_kind.json`."""


def shape(answer: Any, at: str = "") -> dict[str, set[str]]:
    """Every path in an answer, with the kinds of value seen there; `[]` stands for each item of a list.

    >>> [(path, sorted(kinds)) for path, kinds in shape({"list": [{"price": "1"}, {"price": None}]}).items()]
    [('list[].price', ['null', 'text'])]
    """
    found: dict[str, set[str]] = {}
    if isinstance(answer, dict) and answer:
        for key, value in answer.items():
            _take(found, shape(value, f"{at}.{key}" if at else key))
    elif isinstance(answer, list) and answer:
        for value in answer:
            _take(found, shape(value, f"{at}[]"))
    else:
        found[at] = {_kind(answer)}
    return found


def shape_of(name: str) -> dict[str, set[str]]:
    """The shape of a real answer, by the name of its file."""
    paths: dict[str, list[str]] = json.loads((SHAPES / f"{name}.json").read_text())
    return {path: set(kinds) for path, kinds in paths.items()}


def _take(found: dict[str, set[str]], more: dict[str, set[str]]) -> None:
    for path, kinds in more.items():
        found.setdefault(path, set()).update(kinds)


def _kind(value: Any) -> str:
    if isinstance(value, dict | list):
        return "nothing in it"
    names: dict[type, str] = {bool: "bool", int: "number", float: "number", str: "text", type(None): "null"}
    return names[type(value)]


if __name__ == "__main__":
    lines = [f"{json.dumps(path)}: {json.dumps(sorted(kinds))}" for path, kinds in shape(json.load(sys.stdin)).items()]
    sys.stdout.write("{\n" + ",\n".join(sorted(lines)) + "\n}\n")
