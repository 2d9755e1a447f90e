"""The log of one process: entries go to the files of the books they are about, and to the screen."""

from __future__ import annotations

import logging
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from threading import RLock
from typing import TYPE_CHECKING, Any, Self

from trader_cli.domain.clock import iso
from trader_cli.logs.entries import as_json, cleaned
from trader_cli.logs.files import RotatedFile
from trader_cli.logs.libraries import joined
from trader_cli.logs.repeats import Repeats, Said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trader_cli.logs.entries import Entry
    from trader_cli.logs.screen import Screen


class Log:
    """Takes entries from any thread. Nothing here raises: a log never ends a session.

    A context manager: libraries' records join for as long as it lasts. With `verbose` debug entries are kept too.
    """

    def __init__(self, screen: Screen, *, verbose: bool = False) -> None:
        self.screen = screen
        self._verbose = verbose
        self._lowest = logging.DEBUG if verbose else logging.INFO
        self._lock = RLock()
        self._files: dict[str, RotatedFile] = {}
        self._repeats = Repeats()
        self._is_trouble_told = False
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(joined(self._note_record, verbose=self._verbose))
        return self

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._say_repeats(everything=True)
            self._stack.close()

    def keeps(self, level: int) -> bool:
        """Whether entries of a level go anywhere."""
        return level >= self._lowest

    def note(
        self, level: int, event: str, message: str, *, book: str | None = None, logger: str | None = None, **more: Any
    ) -> None:
        """Writes an entry, unless the very same was written just now.

        Without a `book` it concerns every book that is open. `is_told` says that the user hears of it anyway.
        """
        if not self.keeps(level):
            return
        try:
            with self._lock:
                self._say_repeats()
                if self._repeats.admits(Said(level, event, message, book, logger)):
                    self._write(level, event, message=message, book=book, logger=logger, **more)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a log, trading goes on
            self._tell_trouble(f"{type(error).__name__}: {error}")

    @contextmanager
    def into(self, path: Path, book: str) -> Iterator[None]:
        """Keeps entries of a book in a file, for as long as it lasts."""
        file = RotatedFile(path)
        with self._lock:
            self._files[book] = file
        try:
            yield
        finally:
            with self._lock:
                self._say_repeats(everything=True)
                del self._files[book]
                with suppress(OSError):
                    file.close()

    def _write(self, level: int, event: str, *, is_told: bool = False, **more: Any) -> None:
        """Makes an entry fit to be kept, and puts it where it belongs."""
        level_name = logging.getLevelName(level).lower()
        entry = cleaned({"time": iso(datetime.now(UTC)), "level": level_name, "event": event, **more})
        book = entry.get("book")
        for name, file in self._files.items():
            if book in {None, name}:
                self._keep(file, entry)
        self.screen.show(level, entry, is_told=is_told)

    def _keep(self, file: RotatedFile, entry: Entry) -> None:
        lost = {"lost_before": file.lost} if file.lost else {}
        try:
            file.write(as_json(entry | lost))
        except OSError as error:
            file.lost += 1
            self._tell_trouble(f"{file.path}: {error.strerror}")
        else:
            file.lost = 0

    def _say_repeats(self, *, everything: bool = False) -> None:
        for said, times in self._repeats.over(everything=everything):
            message = f"{said.message} (said {times:,} more {'time' if times == 1 else 'times'})"
            more = {"book": said.book, "logger": said.logger, "repeated": times}
            with suppress(Exception):  # as in `note`
                self._write(said.level, said.event, is_told=said.book is not None, message=message, **more)

    def _note_record(self, record: logging.LogRecord) -> None:
        level = min(
            max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL
        )  # libraries have levels of their own
        self.note(level, "library", record.getMessage(), logger=record.name, exception=record.exc_text or None)

    def _tell_trouble(self, what: str) -> None:
        if self._is_trouble_told:
            return
        self._is_trouble_told = True
        message = f"the log cannot be written: {what}; the session goes on without"
        entry = {"time": iso(datetime.now(UTC)), "level": "warning", "message": message}
        with suppress(Exception):  # a stderr that is gone
            self.screen.show(logging.WARNING, entry, is_told=False)
