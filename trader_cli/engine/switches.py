"""Kill switches as files, one a variant and one for all: they work with the engine dead and the database broken.

A file that is there halts, whatever stands in it: what cannot be read must not be taken for leave to trade.
"""

from __future__ import annotations

import getpass
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from trader_cli.domain.clock import EPOCH, iso, parse
from trader_cli.domain.halt import HaltOrder

ALL = "ALL"
"""The switch of every variant; no variant's, whose file would have an ending."""

_ENDING = ".halt"
_RESUMED = ".resumed"


class FileSwitch:
    """The switches that hold for one variant: its own, and the one for all."""

    def __init__(self, folder: Path, variant: str) -> None:
        self._paths = (folder / ALL, path_of(folder, variant))
        self._words = (folder / f"{ALL}{_RESUMED}", folder / f"{variant}{_RESUMED}")

    def order(self) -> HaltOrder | None:
        """What they say now; closing everything goes before exits only."""
        found = [_read(path) for path in self._paths if os.path.lexists(path)]
        return max(found, key=lambda order: order.flatten, default=None)

    def resumed(self) -> str:
        """When `trader resume` was last said of the variant, and of all; empty where it never was."""
        return "|".join(path.read_text(encoding="utf-8") for path in self._words if path.is_file())


def path_of(folder: Path, variant: str) -> Path:
    """The file of a variant's switch."""
    return folder / f"{variant}{_ENDING}"


def throw(folder: Path, variant: str | None, *, flatten: bool) -> Path:
    """Throws the switch of a variant, or with None of all; one that is thrown is never loosened. The file it is.

    Raises: OSError.
    """
    path = folder / ALL if variant is None else path_of(folder, variant)
    before = _read(path) if os.path.lexists(path) else None
    document = {
        "flatten": flatten or (before is not None and before.flatten),
        "since": iso(datetime.now(UTC).replace(microsecond=0)),
        "by": _user(),
    }
    _write(path, json.dumps(document))
    return path


def release(folder: Path, variant: str | None) -> bool:
    """Releases the switch of a variant, or with None the one for all; whether it was thrown. Raises: OSError.

    That it was said stays there: it also ends the ban on entries of a drawdown.
    """
    path = folder / ALL if variant is None else path_of(folder, variant)
    was_thrown = os.path.lexists(path)
    _write(folder / f"{variant or ALL}{_RESUMED}", datetime.now(UTC).isoformat())
    path.unlink(missing_ok=True)
    return was_thrown


class DeafToResume:
    """A switch whose drawdowns last to the end: a replay's."""

    def __init__(self, switch: FileSwitch) -> None:
        self.order = switch.order

    def resumed(self) -> str:
        """Never."""
        return ""


def thrown(folder: Path) -> dict[str, HaltOrder]:
    """Every switch that is thrown, by variant or `ALL`."""
    if not folder.is_dir():
        return {}
    names = {path: path.name.removesuffix(_ENDING) for path in sorted(folder.iterdir())}
    return {name: _read(path) for path, name in names.items() if path.suffix == _ENDING or name == ALL}


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and durable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)


def _read(path: Path) -> HaltOrder:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return HaltOrder(bool(document["flatten"]), parse(document["since"]), str(document["by"]))
    except (OSError, ValueError, KeyError, TypeError):
        return HaltOrder(flatten=False, since=EPOCH, by="somebody")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"
