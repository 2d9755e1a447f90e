"""A replay that is written down: whoever reads the journal sees it, and one that was cut off goes on."""

from __future__ import annotations

from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from trader_cli import settings
from trader_cli.errors import Unavailable
from trader_cli.journal.drivers import BookName, driving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trader_cli.app.markets import Loaded
    from trader_cli.app.rehearsal import Record
    from trader_cli.app.replaying import Past
    from trader_cli.variant.model import Variant

SIMULATED = "paper"
"""The mode of every book of simulated money, whatever the variant's."""

REPLAY = "replay"
"""The account that a replay trades."""

PATIENCE = 0.5
"""Seconds of cycles that a replay writes together: it can be told again, so a lost half second is no loss."""


def book_name(variant: Variant) -> BookName:
    """The book of a variant's replays."""
    return BookName(variant.name, SIMULATED, REPLAY)


@contextmanager
def driven(variant: Variant) -> Iterator[None]:
    """Keeps every other process from replaying a variant. Raises: Locked, Unavailable."""
    folder = settings.locks_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"the journal cannot be kept: {error.strerror}", file=str(folder)) from None
    with driving(folder, book_name(variant)):
        yield


@contextmanager
def journaled(variant: Variant, past: Past, loaded: Loaded) -> Iterator[Record]:
    """The book of a variant's replays, which must be `driven`; closed with how the session ended.

    Raises: Unavailable where the journal cannot be kept.
    """
    from trader_cli.app.rehearsal import Record
    from trader_cli.engine.switches import FileSwitch
    from trader_cli.journal import books, recovery
    from trader_cli.journal.database import opened, trouble
    from trader_cli.journal.store import SqlJournal

    path = settings.journal_path()
    switch = FileSwitch(settings.halts_dir(), variant.name)
    configuration = variant.model_dump(mode="json")
    name = book_name(variant)
    engine = opened(path)
    with trouble(path), engine.begin() as connection:
        book, was_cut_off = books.book_of(connection, name, configuration, _digest(past, loaded))
        if not was_cut_off:
            books.begin_anew(connection, book)
        remains, told = recovery.remains(connection, book), recovery.told(connection, book)
    journal = SqlJournal(engine, path, book, patience=PATIENCE if past.speed is None else 0.0)
    ending = "stopped"
    try:
        yield Record(str(name), journal, switch, remains, told)
        ending = "finished"
    finally:
        journal.close(ending)
        engine.dispose()


def _digest(past: Past, loaded: Loaded) -> str:
    """What is replayed: the files by their checksums, and the part of them."""
    parts = [series.sha256 for series in loaded.series]
    told = (*parts, str(past.span.start), str(past.span.end), str(past.detail))
    return sha256("|".join(told).encode()).hexdigest()
