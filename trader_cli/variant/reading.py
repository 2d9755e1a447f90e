"""A file of any bytes becomes a TOML document or one plain error, never a traceback."""

from __future__ import annotations

import os
import stat
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from trader_cli.errors import ConfigError
from trader_cli.variant.locating import line_of

if TYPE_CHECKING:
    from pathlib import Path

SIZE_LIMIT = 1_000_000
_UTF8_BOM = b"\xef\xbb\xbf"

type Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed file. `document` is shared between readers: nobody changes it."""

    path: Path
    document: Document
    text: str

    def line(self, key: tuple[str, ...]) -> int | None:
        """Where a key, or the nearest table around it, stands."""
        return line_of(self.text, key)


def read(path: Path) -> Source:
    """The document of a TOML file; a file that several variants extend is parsed once.

    Raises: ConfigError whatever is wrong with the path or the bytes.
    """
    status = _status(path)
    return _parsed(path, status.st_mtime_ns, status.st_size)


def read_text(path: Path) -> str:
    """The text of a small file.

    Raises: ConfigError whatever is wrong with the path or the bytes.
    """
    _status(path)
    try:
        with path.open("rb") as stream:
            return decoded(stream.read(SIZE_LIMIT), str(path))
    except OSError as error:
        raise ConfigError(_why(error), file=str(path)) from None


@lru_cache(maxsize=512)
def _parsed(path: Path, _modified: int, _size: int) -> Source:
    text = read_text(path)
    try:
        return Source(path, tomllib.loads(text), text)
    except RecursionError:
        raise ConfigError("is nested too deeply", file=str(path)) from None
    except ValueError as error:
        raise ConfigError(f"is not TOML: {error}", file=str(path)) from None


def _status(path: Path) -> os.stat_result:
    try:
        status = path.stat()
    except (OSError, ValueError, RuntimeError) as error:
        raise ConfigError(_why(error), file=str(path)) from None
    if not stat.S_ISREG(status.st_mode):
        what = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
        raise ConfigError(f"is {what}", file=str(path))
    if status.st_size > SIZE_LIMIT:
        raise ConfigError(f"{status.st_size} bytes: a variant has at most {SIZE_LIMIT}", file=str(path))
    return status


def decoded(content: bytes, file: str) -> str:
    """The text of a file's bytes.

    Raises: ConfigError for a byte order mark and for what is not UTF-8, naming the line.
    """
    if content.startswith(_UTF8_BOM):
        raise ConfigError("starts with a byte order mark (BOM): save it as UTF-8 without one", file=file)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"is no UTF-8 text: byte 0x{content[error.start]:02x} in line {line}", file=file) from None


def _why(error: OSError | ValueError | RuntimeError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, OSError) and error.errno is not None:
        return f"cannot be read: {os.strerror(error.errno).lower()}"
    return f"cannot be read: {error}"
