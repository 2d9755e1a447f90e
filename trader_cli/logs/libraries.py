"""What libraries log by themselves joins the log, from warnings upwards."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TALKATIVE = ("ccxt", "urllib3", "aiohttp", "asyncio", "sqlalchemy", "alpaca")
"""At a finer level some of these log whole requests, keys included: they are never let."""

_OURS = "trader_cli"


@contextmanager
def joined(note: Callable[[logging.LogRecord], None], *, verbose: bool) -> Iterator[None]:
    """Hands over the records of every library, and Python's own warnings, for as long as it lasts."""
    root, ours = logging.getLogger(), logging.getLogger(_OURS)
    handler = _Handler(note)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    before = ours.level
    ours.setLevel(logging.DEBUG if verbose else logging.INFO)
    root.addHandler(handler)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)
        ours.setLevel(before)


class _Handler(logging.Handler):
    def __init__(self, note: Callable[[logging.LogRecord], None]) -> None:
        super().__init__()
        self._note = note

    def filter(self, record: logging.LogRecord) -> bool:
        """Warnings and worse, whatever level a library has given itself; of ours, everything."""
        return record.levelno >= logging.WARNING or record.name.partition(".")[0] == _OURS

    def emit(self, record: logging.LogRecord) -> None:
        """Hands a record over."""
        self._note(record)
