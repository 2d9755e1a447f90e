"""A new variant file lands whole or not at all, and never over another one by accident."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from trader_cli.errors import UsageError


def write_new(path: Path, text: str, *, force: bool) -> None:
    """Writes a file that was not there; `force` replaces one that was. A link is replaced, never followed.

    Raises: UsageError when the file, or a folder of its name, is there; OSError when the folder cannot be written.
    """
    if path.is_dir() and not path.is_symlink():
        raise UsageError("is a folder: choose another name", file=str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)
        _land(Path(temporary), path, force=force)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _land(temporary: Path, path: Path, *, force: bool) -> None:
    if force:
        temporary.replace(path)
        return
    try:
        os.link(temporary, path)  # unlike a rename, this fails where something is there already
    except FileExistsError:
        raise UsageError("is there already; --force replaces it", file=str(path)) from None
