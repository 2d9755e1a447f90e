"""Sessions that are written down: whoever reads the journal sees them, and what was cut off goes on."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from trader_cli import settings
from trader_cli.errors import ConfigError, Problem, Unavailable
from trader_cli.journal.drivers import BookName, driving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Engine

    from trader_cli.app.markets import Loaded, Past
    from trader_cli.domain.state import Remains
    from trader_cli.journal.books import Book
    from trader_cli.journal.recovery import Told
    from trader_cli.journal.store import SqlJournal
    from trader_cli.ports import Journal, Switch
    from trader_cli.variant.model import Variant

    type OpenJournal = tuple[Engine, Path]

SIMULATED = "paper"
"""The mode of every book of simulated money, whatever the variant's."""

REPLAY = "replay"
"""The account that a replay trades; one on a venue's own bars is called by the venue."""

PATIENCE = 0.5
"""Seconds of cycles that a replay writes together: it can be told again, so a lost half second is no loss."""


def _nothing() -> None:
    """Nobody waits for a sign of life."""


@dataclass(frozen=True, slots=True)
class Record:
    """Where a session is journaled, under which book, and what an earlier one left there.

    `switch` is the kill switch that it heeds, `told` what the book's cycles after a given one have told, `beat` a sign
    of life.
    """

    book: str
    journal: Journal
    switch: Switch
    remains: Remains | None
    told: Callable[[int], Told]
    beat: Callable[[], None] = _nothing


def replay_book(variant: Variant) -> BookName:
    """The book of a variant's replays."""
    return BookName(variant.name, SIMULATED, REPLAY)


def paper_book(variant: Variant) -> BookName:
    """The book of a variant's simulated account on its venue."""
    return BookName(variant.name, SIMULATED, variant.variants.broker)


def demand_same_account(before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """An account is what it was opened as; all else may be changed while it trades.

    Raises: ConfigError naming each key that would make it another one.
    """
    changed = [
        Problem(f"the account was opened with {old!r}, not {new!r}: change it back, or begin --anew", key=key)
        for key in _ACCOUNT
        if (old := _at(before, key)) != (new := _at(now, key))
    ]
    if changed:
        raise ConfigError.of(changed)


_ACCOUNT = ("session.starting_balance", "variants.asset_class", "risk_settings.default_leverage")
"""What an account cannot change."""


def _at(document: Mapping[str, Any], key: str) -> Any:
    section, name = key.split(".")
    return document.get(section, {}).get(name)


@contextmanager
def driven(name: BookName) -> Iterator[None]:
    """Keeps every other process from driving an account. Raises: Locked, Unavailable."""
    folder = settings.locks_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"the journal cannot be kept: {error.strerror}", file=str(folder)) from None
    with driving(folder, name):
        yield


@contextmanager
def opened_journal(*, is_looked_through: bool = True) -> Iterator[OpenJournal]:
    """The journal, for all sessions of a process; see `database.opened`. Raises: Unavailable, ConfigError."""
    from trader_cli.journal.database import opened

    path = settings.journal_path()
    engine = opened(path, is_looked_through=is_looked_through)
    try:
        yield engine, path
    finally:
        engine.dispose()


@contextmanager
def replay_record(
    journal: OpenJournal, variant: Variant, past: Past, loaded: Loaded, *, anew: bool = False
) -> Iterator[Record]:
    """The book of a variant's replays, which must be `driven`; closed with how the session ended.

    One that did not come to its end goes on, if it is the same configuration on the same data and not wanted `anew`.
    Raises: Unavailable where the journal cannot be kept.
    """
    from trader_cli.engine.switches import DeafToResume, FileSwitch

    source = _digest(variant, past, loaded)

    def goes_on(before: Book) -> bool:
        is_same = (before.configuration, before.source) == (variant.model_dump(mode="json"), source)
        return is_same and before.is_unfinished and not anew

    switch = DeafToResume(FileSwitch(settings.halts_dir(), variant.name))
    patience = PATIENCE if past.speed is None else 0.0
    with _record(journal, replay_book(variant), variant, source, goes_on, switch, patience) as record:
        yield record


@contextmanager
def paper_record(journal: OpenJournal, variant: Variant, *, anew: bool = False) -> Iterator[Record]:
    """The book of a variant's simulated account on its venue, which must be `driven`; closed with how it ended.

    The account goes on however its last session ended, unless it is wanted `anew`.
    Raises: Unavailable where the journal cannot be kept, ConfigError where the account is not what the variant says.
    """
    from trader_cli.engine.switches import FileSwitch

    def goes_on(before: Book) -> bool:
        if not anew:
            demand_same_account(before.configuration, variant.model_dump(mode="json"))
        return not anew

    if anew:
        _copy_aside(paper_book(variant))
    name, switch = paper_book(variant), FileSwitch(settings.halts_dir(), variant.name)
    with _record(journal, name, variant, variant.variants.broker, goes_on, switch, patience=0.0) as record:
        yield record


def _copy_aside(name: BookName) -> None:
    """Copies the journal, where it knows an account, before that is begun anew."""
    from trader_cli.app.keeping import back_up
    from trader_cli.journal import books, database

    with database.looking(settings.journal_path()) as connection:
        is_known = connection is not None and books.found(connection, name) is not None
    if is_known:
        back_up()


def paper_glance(variant: Variant, *, anew: bool = False) -> Record:
    """How a variant's account on its venue stands at this moment, for one who only looks: nothing will be kept.

    Raises: Unavailable, ConfigError.
    """
    from trader_cli.engine.switches import FileSwitch
    from trader_cli.journal import books, database, recovery

    remains = None
    with database.looking(settings.journal_path()) as connection:
        before = None if connection is None else books.found(connection, paper_book(variant))
        if connection is not None and before is not None and not anew:
            demand_same_account(before.configuration, variant.model_dump(mode="json"))
            remains = recovery.remains(connection, before.id)
    return _unkept(paper_book(variant), FileSwitch(settings.halts_dir(), variant.name), remains)


def replay_glance(variant: Variant) -> Record:
    """A replay that leaves nothing behind."""
    from trader_cli.engine.switches import DeafToResume, FileSwitch

    return _unkept(replay_book(variant), DeafToResume(FileSwitch(settings.halts_dir(), variant.name)), None)


def _unkept(name: BookName, switch: Switch, remains: Remains | None) -> Record:
    from trader_cli.journal.memory import NoJournal
    from trader_cli.journal.recovery import NOTHING

    return Record(str(name), NoJournal(), switch, remains, lambda _: NOTHING)


@contextmanager
def _record(
    journal: OpenJournal,
    name: BookName,
    variant: Variant,
    source: str,
    goes_on: Callable[[Book], bool],
    switch: Switch,
    patience: float,
) -> Iterator[Record]:
    """One session's record; what stands in the book is kept where it `goes_on`."""
    from trader_cli.journal import books, recovery
    from trader_cli.journal.database import trouble
    from trader_cli.journal.store import SqlJournal

    engine, path = journal
    with trouble(path), engine.begin() as connection:
        before = books.found(connection, name)
        is_kept = before is not None and goes_on(before)
        book = books.noted(connection, name, variant.model_dump(mode="json"), source)
        if not is_kept:
            books.begin_anew(connection, book)
        remains = recovery.remains(connection, book)
    sql = SqlJournal(engine, path, book, patience=patience)

    def told(after: int) -> Told:
        sql.flush()
        with trouble(path), engine.connect() as connection:
            return recovery.told(connection, book, after)

    with _closed(sql):
        yield Record(str(name), sql, switch, remains, told, sql.beat)


@contextmanager
def _closed(journal: SqlJournal) -> Iterator[None]:
    """Closes a journal with how its session ended."""
    from trader_cli.journal.books import FINISHED, STOPPED

    ending = STOPPED
    try:
        yield
        ending = FINISHED
    finally:
        journal.close(ending)


def _digest(variant: Variant, past: Past, loaded: Loaded) -> str:
    """What is replayed, and by which strategy: the files by their checksums, and the part of them."""
    parts = [file.sha256 for file in (*loaded.files, *variant.strategy_files())]
    told = (*parts, str(past.span.start), str(past.span.end), str(past.detail))
    return sha256("|".join(told).encode()).hexdigest()
