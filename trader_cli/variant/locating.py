"""In which line of a TOML file a key stands; `tomllib` does not tell."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PIECE = re.compile(
    r'''"""(?:\\.|[^\\])*?"{3,5} | \'\'\'.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*' '''
    r"""| \#[^\n]* | \n | [\[\]{}=.] | [^\s"'\#\[\]{}=.]+""",
    re.DOTALL | re.VERBOSE,
)

type Key = tuple[str, ...]


def line_of(text: str, key: Key) -> int | None:
    """The line of `key` in a valid TOML text, or of the nearest table around it; None where neither stands.

    >>> line_of("[risk_settings]\\nstop_loss = 0.1", ("risk_settings", "stop_loss"))
    2
    """
    lines = _lines(text)
    for length in range(len(key), 0, -1):
        if (line := lines.get(key[:length])) is not None:
            return line
    return None


@lru_cache(maxsize=64)
def _lines(text: str) -> Mapping[Key, int]:
    found: dict[Key, int] = {}
    table: Key = ()
    for line, pieces in _statements(text):
        if pieces[0] == "[":
            table = _key(pieces)
            found.setdefault(table, line)
        else:
            found.setdefault(table + _key(pieces[: pieces.index("=")]), line)
    return found


def _statements(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each header and each assignment with the line it starts in; brackets join lines."""
    line, started, depth = 1, 1, 0
    pieces: list[str] = []
    for match in _PIECE.finditer(text + "\n"):
        piece = match[0]
        if piece == "\n" and depth == 0 and pieces:
            yield started, pieces
            pieces = []
        if piece != "\n" and not piece.startswith("#"):
            started = started if pieces else line
            pieces.append(piece)
            depth += (piece in "[{") - (piece in "]}")
        line += piece.count("\n")


def _key(pieces: list[str]) -> Key:
    return tuple(_bare(piece) for piece in pieces if piece not in "[].")


def _bare(piece: str) -> str:
    return next(iter(tomllib.loads(f"{piece} = 0"))) if piece[0] in "\"'" else piece
