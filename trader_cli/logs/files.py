"""A log file of bounded size: what is full is put aside under a number, and the oldest goes.

One process writes a file, the one that drives the book. Of two neither would lose a line: each line is one append.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 4 * 1024 * 1024
"""Bytes of one file."""

ASIDE = 3
"""How many full files are kept beside the one that is written."""


class RotatedFile:
    """Lines of text on disk, readable by the user alone; `lost` are those that could not be kept since the last."""

    def __init__(self, path: Path, *, largest: int = LARGEST, aside: int = ASIDE) -> None:
        self.path = path
        self.lost = 0
        self._largest, self._aside = largest, aside
        self._descriptor: int | None = None
        self._is_torn = False

    def write(self, line: str) -> None:
        """Appends a line. Raises: OSError where it is not, or not whole, on disk."""
        descriptor = self._opened()
        data = (b"\n" if self._is_torn else b"") + line.encode(errors="backslashreplace") + b"\n"
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode) and 0 < found.st_size > self._largest - len(data):
            self._put_aside()
            descriptor = self._opened()
        written = os.write(descriptor, data)
        self._is_torn = written < len(data)
        if self._is_torn:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))

    def close(self) -> None:
        """Leaves the file; the next line opens it again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _opened(self) -> int:
        """The file that stands at the path now, whoever has moved or removed the one before."""
        if self._descriptor is not None and self._is_elsewhere(self._descriptor):
            self.close()
        if self._descriptor is None:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._descriptor = descriptor
            found = os.fstat(descriptor)
            if stat.S_ISREG(found.st_mode):  # a device's mode is not ours to change
                os.fchmod(descriptor, 0o600)
                self._is_torn = found.st_size > 0 and os.pread(descriptor, 1, found.st_size - 1) != b"\n"
        return self._descriptor

    def _is_elsewhere(self, descriptor: int) -> bool:
        try:
            return not os.path.samestat(os.fstat(descriptor), self.path.stat())
        except FileNotFoundError:
            return True

    def _put_aside(self) -> None:
        self.close()
        for number in range(self._aside, 0, -1):
            older = self._numbered(number - 1) if number > 1 else self.path
            with suppress(FileNotFoundError):
                older.replace(self._numbered(number))

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")
