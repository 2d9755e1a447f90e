"""Keeps secrets out of every output: their values, in whatever form they are written, become `***`.

It goes by value and not by name: an exception, an answer or a header that repeats a key does not say that it does.
What is shorter than `SHORTEST` is no secret worth the name, and would be struck out of ordinary words.
"""

from __future__ import annotations

import base64
import html
import re
import traceback
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MASK = "***"
SHORTEST = 6
"""Characters of the shortest secret. An empty variable is a missing one."""

_SHORTEST_LINE = 16
"""Characters of the shortest line of a key of several lines that is a secret by itself."""


class Secrets:
    """The values that must not be shown. Safe to use from several threads."""

    def __init__(self) -> None:
        self._values: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None
        self._is_current = True
        self._lock = Lock()

    def add(self, values: Iterable[str]) -> None:
        """Takes values that from now on are struck out; those that are known or too short change nothing."""
        found = {part for value in values for part in _parts(value.strip()) if len(part) >= SHORTEST}
        with self._lock:
            if not found <= self._values:
                self._values |= found
                self._is_current = False

    def struck_out(self, text: str) -> str:
        """The text with each secret masked; the very same text where there is none."""
        if not self._is_current:
            self._compile()
        return text if self._pattern is None else self._pattern.sub(MASK, text)

    def _compile(self) -> None:
        with self._lock:  # the longest form first: of a secret that begins with another one nothing is left over
            forms = {form for value in self._values for form in _forms(value)}
            self._pattern = re.compile("|".join(sorted(forms, key=lambda form: (-len(form), form))))
            self._is_current = True


_secrets = Secrets()


def register(values: Iterable[str]) -> None:
    """Makes known what must never be shown, to the whole process."""
    _secrets.add(values)


def redacted(text: str) -> str:
    """The text with every known secret masked.

    >>> redacted("nothing here is secret")
    'nothing here is secret'
    """
    return _secrets.struck_out(text)


def without_secrets(value: Any) -> Any:
    """A value as JSON knows it, secrets masked in its texts and names; numbers stay what they are."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {redacted(name): without_secrets(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(item) for item in value]
    return value


def traceback_of(error: BaseException) -> str:
    """Where an error came from, as Python prints it, without secrets; the values of variables are never in it."""
    return redacted("".join(traceback.format_exception(error)))


def _parts(value: str) -> Iterator[str]:
    """A value, and each long line of one of several lines: a PEM key is also quoted line by line."""
    yield value
    lines = [line.strip() for line in value.splitlines()]
    if len(lines) > 1:
        yield from (line for line in lines if len(line) >= _SHORTEST_LINE and not line.startswith("-----"))


def _forms(value: str) -> Iterator[str]:
    """Patterns of every form in which a value travels."""
    yield "".join(_as_written(char) for char in re.sub(r"[ \t-\r]+", " ", value))
    data = _bytes(value)
    yield data.hex()
    yield data.hex().upper()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield re.escape(encode(data).decode().rstrip("=")) + "={0,2}"
        for shift in range(3):
            yield re.escape(_inside(encode(b"\0" * shift + data).decode(), shift, len(data)))


def _inside(encoded: str, shift: int, length: int) -> str:
    """What base64 of a longer text shows of a value that begins at byte `shift` of a group of three."""
    return encoded[-(-shift * 8 // 6) : (shift + length) * 8 // 6]


def _as_written(char: str) -> str:
    """A pattern of one character: as it is, or escaped (also twice) for a URL, JSON, Python or HTML, each by itself."""
    if char == " ":
        return r"(?:\s|\+|%(?:25)*(?:20|0[9a-dA-D])|\\+(?:[nrtfv]|x0[bc]|u000[bc]))+"
    if char.isascii() and char.isalnum():
        return char
    in_url = "".join(f"%(?:25)*(?i:{byte:02x})" for byte in _bytes(char))
    units = char.encode("utf-16-be", errors="surrogatepass").hex()
    in_json = "".join(rf"\\+u(?i:{units[at : at + 4]})" for at in range(0, len(units), 4))
    in_html = "|".join({re.escape(html.escape(char)), f"&#{ord(char)};"})
    itself = r"\\+" if char == "\\" else r"\\*" + re.escape(char)
    return f"(?:{in_url}|{in_json}|{re.escape(repr(char)[1:-1])}|{in_html}|{itself})"


def _bytes(text: str) -> bytes:
    """As the environment had them, where they are no UTF-8."""
    return text.encode(errors="surrogateescape")
