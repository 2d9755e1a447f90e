"""The bytes of one market data file, and how a refusal names the place in it."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from trader_cli.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

PARQUET_MAGIC = b"PAR1"
_GZIP_MAGIC = b"\x1f\x8b"
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class File:
    """A file that was read, and the SHA-256 of what it held."""

    path: Path
    sha256: str


class Origin(Protocol):
    """Where rows came from: a file, or a venue's answer."""

    def refusal(self, message: str, *, row: int | None = None, key: str | None = None) -> DataError:
        """The error that names the place and, where known, the row (counted from 0)."""
        ...


@dataclass(frozen=True)
class Source:
    """One file as it was read, once: what is hashed is what is parsed.

    `first_line` is the line of a text file's header, or of its first row where it has none; comment lines above
    it are passed over.
    """

    path: Path
    content: bytes
    first_line: int = 1
    has_header: bool = True

    @property
    def is_parquet(self) -> bool:
        """Whether the file must be Parquet: by its name, or by its first bytes where the name says nothing."""
        return self.path.suffix.lower() == ".parquet" or self.content.startswith(PARQUET_MAGIC)

    @cached_property
    def sha256(self) -> str:
        """The checksum of the file's bytes, as `sha256sum` prints it."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def file(self) -> File:
        """What is to be known of it when it is asked for again."""
        return File(self.path, self.sha256)

    @cached_property
    def text(self) -> bytes:
        """The text of a CSV file: unpacked, UTF-8, without a byte order mark.

        Raises: DataError where the bytes are no such text.
        """
        plain = self._unpacked().removeprefix(_UTF8_MARK)
        if plain.startswith(_UTF16_MARKS):
            raise self.refusal("is UTF-16 text; save it as UTF-8")
        if not plain.strip():
            raise self.refusal("is empty")
        if b"\0" in plain:
            raise self.refusal("is binary, neither CSV nor Parquet")
        try:
            plain.decode()
        except UnicodeDecodeError as error:
            line = plain.count(b"\n", 0, error.start) + 1
            raise self.refusal("is no UTF-8 text; save it as UTF-8", key=f"line {line}") from error
        return plain

    def _unpacked(self) -> bytes:
        if not self.content.startswith(_GZIP_MAGIC):
            if self.path.suffix.lower() == ".gz" and self.content:
                raise self.refusal("is no gzip file")
            return self.content
        try:
            return gzip.decompress(self.content)
        except (OSError, EOFError, zlib.error) as error:
            raise self.refusal(f"is a broken gzip file ({error}); fetch it again") from error

    def refusal(self, message: str, *, row: int | None = None, key: str | None = None) -> DataError:
        """The error that names this file and, where known, the data row (counted from 0 here, from 1 there)."""
        if row is not None:
            key = f"row {row + 1}" if self.is_parquet else f"row {row + 1} (line {self._line(row)})"
        return DataError(message, file=str(self.path), key=key)

    def _line(self, row: int) -> int:
        filled = (number for number, line in enumerate(self.text.splitlines(), 1) if line.strip())
        body = (number for number in filled if number >= self.first_line + self.has_header)
        return next((number for count, number in enumerate(body) if count == row), self.first_line)


def read_source(path: Path) -> Source:
    """Reads a file whole. Raises: DataError where it cannot be read."""
    _demand_regular(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", file=str(path)) from error
    if not content:
        raise DataError("is empty", file=str(path))
    return Source(path, content)


def _demand_regular(path: Path) -> None:
    """Raises: DataError for anything but a regular file, unopened: a pipe would block, a device never end."""
    if path.is_file():
        return
    if path.is_dir():
        raise DataError("is a folder, not a file", file=str(path))
    if path.exists():
        raise DataError("is no regular file but a pipe, a socket or a device; save its data to a file", file=str(path))
    raise DataError("there is no such file", file=str(path))
