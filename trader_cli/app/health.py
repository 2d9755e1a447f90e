"""Whether this machine is fit to trade: program, folders, journal, variants. What `trader doctor` looks at first."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from trader_cli import settings
from trader_cli.errors import ConfigError, TraderError, Unavailable
from trader_cli.variant.loading import load
from trader_cli.variant.naming import files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trader_cli.errors import Problem
    from trader_cli.variant.model import Variant

PACKAGES = ("trader-cli", "ccxt", "alpaca-py")
LITTLE_SPACE = 1 << 30
"""Bytes on disk below which a journal, logs and data may soon not fit any more."""


class State(StrEnum):
    """What came of a check: a warning keeps nobody from trading."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was found and, where that is not well, what to do; `error` is why it failed."""

    check: str
    state: State
    found: str
    remedy: str = ""
    error: TraderError | None = None

    def document(self) -> dict[str, object]:
        """The finding, for a script."""
        return {"check": self.check, "state": self.state, "found": self.found, "remedy": self.remedy}


def well(check: str, found: str) -> Finding:
    """A check that passed."""
    return Finding(check, State.OK, found)


def warned(check: str, found: str, remedy: str) -> Finding:
    """A check that passed, with something to mind."""
    return Finding(check, State.WARNING, found, remedy)


def failed(check: str, error: TraderError, remedy: str = "") -> Finding:
    """A check that did not pass: all that is wrong, in one line."""
    return Finding(check, State.FAILED, "; ".join(map(str, error.problems)), remedy, error)


def of_the_machine() -> tuple[Finding, ...]:
    """Program, state folder and journal."""
    return (_python(), _packages(), _home(), _journal())


def of_the_variants(
    reference: str | None, variants_dir: Path, environment: Mapping[str, str]
) -> tuple[Finding, tuple[Variant, ...]]:
    """The variant named, or all of the folder: what is wrong with them, and those that are sound."""
    references = [str(path) for path in files(variants_dir)] if reference is None else [reference]
    sound: list[Variant] = []
    problems: list[Problem] = []
    for each in references:
        try:
            sound.append(load(each, variants_dir=variants_dir, environment=environment).variant)
        except ConfigError as error:
            problems += error.problems
    if problems:
        found = failed("variants", ConfigError.of(tuple(dict.fromkeys(problems))), "mend what `trader check` names")
    elif sound:
        found = well("variants", f"{len(sound)} valid" if reference is None else f"{reference} is valid")
    else:
        found = warned("variants", f"none in {variants_dir}", "`trader new-variant` writes one")
    return found, tuple(sound)


def _python() -> Finding:
    running = ".".join(map(str, sys.version_info[:3]))
    return well("python", f"{running}, {sys.platform}")


def _packages() -> Finding:
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return failed("packages", ConfigError(f"not installed: {', '.join(missing)}"), "`make setup` installs them")
    return well("packages", ", ".join(found))


def _home() -> Finding:
    folder = settings.home()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
            file.write(b"can be written")
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(folder).free
    except OSError as error:
        cannot = Unavailable(f"cannot be written to: {error.strerror}", file=str(folder))
        return failed("home", cannot, "set TRADER_HOME to a folder that can")
    said = f"{folder}, {free / LITTLE_SPACE:,.1f} GiB free"
    return well("home", said) if free >= LITTLE_SPACE else warned("home", said, "make room")


def _journal() -> Finding:
    from trader_cli.app import keeping
    from trader_cli.journal import database

    if not database.exists(settings.journal_path()):
        return well("journal", "none yet")
    try:
        found = keeping.check()
    except TraderError as error:
        return failed("journal", error)
    if not found["sound"]:
        damaged = Unavailable("; ".join(found["problems"]), file=found["file"])
        return failed("journal", damaged, "`trader db restore` puts a backup in its place")
    schema = f"schema {found['schema']}" + ("" if found["current"] else ", brought forward by the next session")
    return well("journal", f"sound, {schema}, {found['bytes']:,} bytes")
