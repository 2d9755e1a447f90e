"""The log of a session: who trades what from where, everything it tells, and how it ended."""

from __future__ import annotations

import logging
import os
import re
import sys
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import typer

from trader_cli import __version__, settings
from trader_cli.cli import render
from trader_cli.cli.lines import words_of
from trader_cli.domain.clock import iso
from trader_cli.domain.event import EventKind
from trader_cli.errors import TraderError
from trader_cli.redaction import traceback_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime

    from trader_cli.app.onlooking import Onlooker
    from trader_cli.domain.event import Event
    from trader_cli.engine.view import View
    from trader_cli.logs import Log
    from trader_cli.variant.model import Variant


@dataclass
class _Process:
    """What the global options say about logging, and the log once there is one."""

    verbose: bool = False
    quiet: bool = False
    log: Log | None = None
    stack: ExitStack = field(default_factory=ExitStack)


_process = _Process()

_LEVELS = {
    EventKind.CYCLE: logging.DEBUG,
    EventKind.WARNING: logging.WARNING,
    EventKind.HALT: logging.WARNING,
}
"""Of what a session tells; everything else is INFO."""


def prepare(*, verbose: bool, quiet: bool) -> None:
    """Takes note of `--verbose` and `--quiet`. Without `--verbose` nothing is logged before a session begins."""
    _process.verbose, _process.quiet = verbose, quiet
    if verbose:
        _log()


def closed() -> None:
    """The command is over, and the log with it."""
    _process.log = None
    _process.stack.close()


def held_back() -> AbstractContextManager[None]:
    """Keeps the log from stderr while the terminal shows a picture."""
    return _process.log.screen.held_back() if _process.log else nullcontext()


@contextmanager
def logged(variant: Variant, source: str, book: object) -> Iterator[SessionLog]:
    """Logs a session of a book, which must be driven: one process writes one file. An error passes, and is logged."""
    log, name = _log(), str(book)
    path = settings.logs_dir() / (re.sub(r"[^\w.-]+", "-", name)[:100] + ".log")
    with log.into(path, name):
        session = SessionLog(log, name, variant.name)
        session.begin(variant, source)
        try:
            yield session
        except BaseException as error:
            session.end(error)
            raise
        session.end(None)


class SessionLog:
    """The entries of one session."""

    def __init__(self, log: Log, book: str, variant: str) -> None:
        self._log, self._book, self._variant = log, book, variant

    def beside(self, onlooker: Onlooker) -> Onlooker:
        """An onlooker that logs what it hears before the other hears it."""
        return _Logging(self, onlooker)

    def begin(self, variant: Variant, source: str) -> None:
        """A session begins."""
        cell = variant.variants
        kind = (cell.broker, cell.strategy, str(cell.mode), str(cell.asset_class))
        details = {
            "version": __version__,
            "pid": os.getpid(),
            "cell": list(kind),
            "symbols": list(variant.symbols),
            "timeframe": str(variant.timeframe),
            "source": source,
        }
        self._note(logging.INFO, "session_started", f"{variant.name} ({', '.join(kind)}): {source}", details)

    def hear(self, event: Event) -> None:
        """A session tells something."""
        level = _LEVELS.get(event.kind, logging.INFO)
        if not self._log.keeps(level):
            return
        details = dict(event.details)
        if event.kind is EventKind.END:
            details["trades"] = len(details.get("trades") or ())  # the journal has them all
        self._note(level, str(event.kind), words_of(event), details, at=iso(event.time))

    def fail(self, failure: str) -> None:
        """The session broke off while others go on."""
        self._note(logging.ERROR, "session_failed", failure, None)

    def end(self, error: BaseException | None) -> None:
        """A session is over: by itself, stopped, or broken off by an error. The program tells of errors by itself."""
        level, reason, place = _ending(error)
        self._note(level, "session_ended", reason, None, exception=place)

    def _note(self, level: int, event: str, message: str, details: dict[str, Any] | None, **more: Any) -> None:
        self._log.note(
            level, event, message, book=self._book, variant=self._variant, details=details, is_told=True, **more
        )


class _Logging:
    def __init__(self, log: SessionLog, other: Onlooker) -> None:
        self._log, self._other = log, other

    def tell(self, event: Event) -> None:
        """Logs an event and passes it on."""
        self._log.hear(event)
        self._other.tell(event)

    def look(self, view: View, now: datetime) -> None:
        """Lets the other look."""
        self._other.look(view, now)

    def leave(self, failure: str | None) -> None:
        """Logs what went wrong, and lets the other leave."""
        if failure is not None:
            self._log.fail(failure)
        self._other.leave(failure)


def _ending(error: BaseException | None) -> tuple[int, str, str | None]:
    """The level, the reason and, of a bug, the place of an end."""
    if error is None:
        return logging.INFO, "finished", None
    if isinstance(error, typer.Exit):
        return logging.INFO, f"stopped, exit code {error.exit_code}", None
    if isinstance(error, TraderError):
        return logging.ERROR, f"{error.code}: {error}", None
    if isinstance(error, OSError):
        return logging.ERROR, f"{type(error).__name__}: {error}", None
    if not isinstance(error, Exception):
        return logging.INFO, f"stopped: {type(error).__name__}", None
    return logging.ERROR, f"{type(error).__name__}: {error}", traceback_of(error)


def _log() -> Log:
    """The log of this process, begun when it is first needed."""
    if _process.log is None:
        from trader_cli.logs import Log, Screen

        on_terminal = sys.stderr.isatty()
        screen = Screen(
            render.aside,
            verbose=_process.verbose,
            quiet=_process.quiet,
            on_terminal=on_terminal,
            tells_all=on_terminal and not sys.stdout.isatty(),
        )
        _process.log = _process.stack.enter_context(Log(screen, verbose=_process.verbose))
    return _process.log
