"""What Python prints by itself (uncaught errors, log records of libraries, core dumps) is kept free of secrets too."""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from trader_cli.cleaning import safe
from trader_cli.redaction import traceback_of

if TYPE_CHECKING:
    from sys import UnraisableHookArgs
    from types import TracebackType


def stand() -> None:
    """Puts itself before everything that would print unasked; what somebody else has put there stays."""
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _uncaught_in_thread
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _unraisable
    if logging.getLogRecordFactory() is logging.LogRecord:
        logging.setLogRecordFactory(_record)
    _no_core_dumps()


def _uncaught(kind: type[BaseException], error: BaseException, place: TracebackType | None) -> None:
    _print(traceback_of(error.with_traceback(place)))


def _uncaught_in_thread(happened: threading.ExceptHookArgs) -> None:
    if happened.exc_value is not None and not isinstance(happened.exc_value, SystemExit):
        _print(traceback_of(happened.exc_value))


def _unraisable(happened: UnraisableHookArgs) -> None:
    what = happened.err_msg or "Exception ignored in"
    where = type(happened.object).__name__  # not its repr: that may hold anything
    _print(f"{what}: {where}\n" + (traceback_of(happened.exc_value) if happened.exc_value else ""))


def _record(*given: Any, **named: Any) -> logging.LogRecord:
    """A record of any library, complete and cleaned before the first handler sees it, whoever's that is."""
    record = logging.LogRecord(*given, **named)
    try:
        said = record.getMessage()
    except Exception:  # noqa: BLE001 - the library's own mistake; logging would print its arguments as they are
        said = f"{record.msg} (its arguments do not fit)"
    record.msg, record.args = safe(said), None
    if record.exc_info and record.exc_info[1] is not None:
        record.exc_text = safe(traceback_of(record.exc_info[1])).rstrip("\n")
        record.exc_info = None  # no handler is tempted to show variables
    return record


def _no_core_dumps() -> None:
    """The memory of the process holds keys: it is not written to a disk when the process crashes."""
    try:
        import resource
    except ImportError:  # no such thing on this system
        return
    hardest = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (0, hardest))


def _print(text: str) -> None:
    with suppress(Exception):  # when a hook fails, Python prints the error by itself, secrets and all
        sys.stderr.write(safe(text))
