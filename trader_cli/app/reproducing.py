"""The use case behind `trader reproduce`: a run that was shown, made again from what was kept of it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trader_cli import __version__, redaction, settings
from trader_cli.app.backtest import backtested
from trader_cli.app.markets import Past, Span
from trader_cli.data.source import read_source
from trader_cli.domain.timeframe import Timeframe
from trader_cli.errors import DataError, Problem, TraderError, UsageError
from trader_cli.variant.credentials import secrets_in
from trader_cli.variant.loading import load_mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trader_cli.app.backtest import Backtest
    from trader_cli.data.source import File
    from trader_cli.journal.runs import Run
    from trader_cli.variant.model import Variant

LEAST = 4
"""Digits of an id that must be given."""
_ID = re.compile(rf"[0-9a-fA-F]{{{LEAST},64}}")


class Irreproducible(TraderError):  # noqa: N818 - it names what was found
    """The same version made something else of the same variant and files. That must never be: it is a bug."""

    code = "irreproducible"


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A run made again; `is_same` where its document is the one that was kept, byte for byte, else `said` tells why."""

    backtest: Backtest
    is_same: bool
    said: str


def is_id(text: str) -> bool:
    """Whether a text may be (the beginning of) a run's id."""
    return _ID.fullmatch(text) is not None


def found(beginning: str) -> Run:
    """The run whose id begins so. Raises: UsageError where there is none or several; Unavailable, ConfigError."""
    from trader_cli.journal import database, runs

    if not is_id(beginning):
        raise UsageError(f"'{beginning}' is no run: give {LEAST} or more digits of the id that a backtest shows")
    with database.looking(settings.journal_path()) as connection:
        known = runs.found(connection, beginning)
    if not known:
        raise UsageError(f"no run was kept whose id begins with '{beginning}'", file=str(settings.journal_path()))
    if len(known) > 1:
        ids = ", ".join(run.id[: runs.DIGITS] for run in known)
        raise UsageError(f"'{beginning}' begins the ids of {len(known)} runs: {ids}")
    return known[0]


def reproduced(run: Run, announce: Callable[[str], None], *, any_version: bool = False) -> Reproduction:
    """Makes a run again; `announce` is told what is being done.

    Raises: UsageError where another version of the program made it, unless `any_version`; DataError naming each file
    that is no longer what it was; Irreproducible where the document is another one.
    """
    from trader_cli.journal.runs import DIGITS

    shown = run.id[:DIGITS]
    is_own = run.version == __version__
    if not (is_own or any_version):
        raise UsageError(
            f"run {shown} was made by trader {run.version}, this is {__version__}: use that one, or --any-version"
        )
    announce("checking files")
    _demand(_changed(run.files))
    past = Past(run.source, Span(run.begins, run.ends), None if run.detail is None else Timeframe(run.detail))
    again = backtested(_variant(run), past, announce)
    _demand(_others(run.files, again.files))
    if again.checksum == run.result:
        return Reproduction(replace(again, run=shown), True, "the same, byte for byte")
    said = f"run {shown} has become another: its SHA-256 was {run.result}, is {again.checksum}"
    if is_own:
        raise Irreproducible(f"{said} (a bug, or other libraries than then)")
    return Reproduction(again, False, f"{said}; trader {run.version} made it, this is {__version__}")


def _variant(run: Run) -> Variant:
    """The variant as it was resolved then: no layer of today is put on it; secrets that it names are never shown."""
    redaction.register(secrets_in(run.configuration["broker_config"]["credentials"], os.environ))
    return load_mapping(run.configuration, folder=run.folder, environment={}).variant


def _changed(files: tuple[File, ...]) -> Iterator[Problem]:
    for file in files:
        try:
            now = read_source(file.path).sha256
        except DataError as error:
            yield from error.problems
        else:
            if now != file.sha256:
                yield Problem(f"has changed: its SHA-256 was {file.sha256}, is {now}", file=str(file.path))


def _others(before: tuple[File, ...], now: tuple[File, ...]) -> Iterator[Problem]:
    """What is read now and was not then, or the other way round: files that have come lie beside the old ones."""
    for file in now:
        if file not in before:
            yield Problem("is read now, and was not when the run was made: move it away", file=str(file.path))
    for file in before:
        if file not in now:
            yield Problem("is no longer read, as it was when the run was made", file=str(file.path))


def _demand(problems: Iterator[Problem]) -> None:
    """Raises: DataError with the problems, where there are any."""
    told = tuple(problems)
    if told:
        raise DataError.of(told)
