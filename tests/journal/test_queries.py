"""Looking at a journal: beside a writer, on damage, on files of other versions; it never leaves a mark."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import trader
from tests.journal.homes import NAME, REPLAY, ROOT, changed, program, trading
from trader_cli import settings
from trader_cli.journal import database, schema
from trader_cli.journal.drivers import BookName, driving, is_driven

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    type Capture = pytest.CaptureFixture[str]

LOOKS = [("status",), ("positions",), ("orders", "--all"), ("trades", "--all"), ("why", NAME, "--last", "9999")]
BOOK = BookName(NAME, "paper", "replay")
OTHERS = "CREATE TABLE fills (id INTEGER)"


def test_f093_looks_beside_a_writer_see_whole_cycles_and_keep_nobody_waiting(capsys: Capture) -> None:
    seen: list[tuple[int, int, int]] = []
    with trading(settings.home(), speed=1e6) as process:
        while len(seen) < 25 and process.poll() is None:
            trades = trader(capsys, "trades", "--json")
            row = trader(capsys, "status", "--json").document["variants"][0]
            (decision,) = trader(capsys, "why", NAME, "--json").document["decisions"]
            assert trades.code == 0
            seen.append((row["cycle"], decision["cycle"], len(trades.document["trades"])))
        for looks in LOOKS:
            assert trader(capsys, *looks).code == 0
        assert process.poll() is None, "it was to trade meanwhile"
    assert seen == sorted(seen)
    assert seen[0] < seen[-1]
    assert all(cycle <= decided for cycle, decided, _ in seen)


def test_f091_what_a_killed_trader_left_in_its_log_is_seen_and_stays(capsys: Capture) -> None:
    path = settings.journal_path()
    with trading(settings.home(), speed=1e5) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert path.with_name("journal.db-wal").stat().st_size > 0
    before = path.read_bytes()
    row = trader(capsys, "status", "--json").document["variants"][0]
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as without_log:
        assert row["cycle"] > _cycles(without_log)
    assert path.read_bytes() == before


def _cycles(connection: sqlite3.Connection) -> int:
    try:
        return int(connection.execute("SELECT count(*) FROM cycles").fetchone()[0])
    except sqlite3.OperationalError:
        return 0  # not even the tables had been taken in


@pytest.mark.parametrize("looks", LOOKS)
def test_a_look_changes_no_byte(looks: tuple[str, ...], journal: Path, capsys: Capture) -> None:
    before = journal.read_bytes(), journal.stat().st_mtime_ns
    assert trader(capsys, *looks).code == 0
    assert (journal.read_bytes(), journal.stat().st_mtime_ns) == before


def test_where_nothing_can_be_written_the_journal_can_be_read(
    journal: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert trader(capsys, "trades").code == 0
    assert [path.name for path in journal.parent.iterdir()] == ["journal.db"]


@pytest.mark.parametrize(("version", "said"), [(schema.VERSION + 1, "newer trader"), (None, "is no journal of trader")])
def test_f109_a_newer_journal_and_a_foreign_file_are_left_alone(
    version: int | None, said: str, journal: Path, capsys: Capture
) -> None:
    if version is None:
        journal.unlink()
        with closing(sqlite3.connect(journal)) as connection:
            connection.execute(OTHERS)
    else:
        changed(journal, f"PRAGMA user_version={version}")
    before = journal.read_bytes()
    for arguments in (*LOOKS, REPLAY, ("db", "check"), ("db", "backup"), ("db", "vacuum")):
        outcome = trader(capsys, *arguments)
        assert (outcome.code, outcome.out) == (2, "")
        assert said in outcome.err
    assert journal.read_bytes() == before
    backup = journal.rename(journal.with_name("copy.db"))
    assert trader(capsys, "db", "restore", backup).code == 2
    assert not journal.exists()


def test_an_older_journal_is_named_as_one_and_left_alone(
    journal: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    before = journal.read_bytes()
    for looks in LOOKS:
        outcome = trader(capsys, *looks)
        assert (outcome.code, outcome.err.count("\n")) == (2, 1)
        assert "older trader" in outcome.err
    document = trader(capsys, "db", "check", "--json").document
    assert (document["sound"], document["current"]) == (True, False)
    assert journal.read_bytes() == before


@pytest.mark.parametrize("start", [0, 20])
def test_f090_a_journal_with_a_broken_head_is_5_everywhere(start: int, journal: Path, capsys: Capture) -> None:
    broken = bytearray(journal.read_bytes())
    broken[start : start + 80] = b"\xff" * 80
    journal.write_bytes(broken)
    for arguments in (*LOOKS, REPLAY, ("db", "check"), ("db", "backup"), ("db", "vacuum")):
        outcome = trader(capsys, *arguments)
        assert outcome.code == 5, arguments
        assert outcome.err.count("\n") == 1
    assert journal.read_bytes() == bytes(broken)
    assert not list(settings.backups_dir().glob("*"))


def test_f090_flipped_bytes_never_surprise_the_program(journal: Path, capsys: Capture) -> None:
    sound = journal.read_bytes()
    codes = set()
    for place in range(100, len(sound), len(sound) // 60):
        flipped = bytearray(sound)
        flipped[place] ^= 0x55
        journal.write_bytes(flipped)
        for arguments in (*LOOKS, ("db", "check"), ("db", "backup", settings.home() / f"{place}.db")):
            outcome = trader(capsys, *arguments)
            codes.add(outcome.code)
            assert outcome.code in {0, 2, 5}, (place, arguments, outcome.err)
            assert "Traceback" not in outcome.err
    assert {0, 5} <= codes


def test_f090_nobody_trades_on_a_damaged_journal(journal: Path, capsys: Capture) -> None:
    changed(journal, "CREATE INDEX more ON decisions (reason)")
    damaged = bytearray(journal.read_bytes())
    damaged[-200:] = b"\x00" * 200
    journal.write_bytes(damaged)
    outcome = trader(capsys, *REPLAY)
    assert (outcome.code, outcome.out) == (5, "")
    assert "`trader db restore` puts a backup back" in outcome.err
    assert journal.read_bytes() == bytes(damaged)
    check = trader(capsys, "db", "check", "--json")
    assert (check.code, check.document["sound"]) == (5, False)


def test_a_value_that_is_none_is_damage_and_no_bug(journal: Path, capsys: Capture) -> None:
    changed(journal, 'UPDATE trades SET document = replace(document, \'"pnl": \', \'"pnl": NaN, "x": \')')
    outcome = trader(capsys, "trades", "--json")
    assert (outcome.code, outcome.out) == (5, "")
    assert json.loads(outcome.err)["error"]["code"] == "unavailable"


def test_f092_looking_whether_a_book_is_driven_keeps_nobody_from_driving_it() -> None:
    folder, done = settings.locks_dir(), Event()

    def look() -> None:
        while not done.is_set():
            is_driven(folder, BOOK)

    with ThreadPoolExecutor() as threads:
        watching = [threads.submit(look) for _ in range(2)]
        try:
            for _ in range(40):
                with driving(folder, BOOK):
                    assert is_driven(folder, BOOK)
        finally:
            done.set()
        assert all(each.exception() is None for each in watching)
    assert not is_driven(folder, BOOK)


def test_f108_an_older_journal_is_brought_forward_with_a_copy_put_aside(
    journal: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = journal.read_bytes()
    now, then = schema.VERSION + 1, schema.VERSION

    def add(connection: Connection) -> None:
        connection.exec_driver_sql("ALTER TABLE halts ADD COLUMN note TEXT")

    monkeypatch.setattr(schema, "VERSION", now)
    monkeypatch.setattr(database, "MIGRATIONS", {now: add})
    assert program(*REPLAY, "--cycles", 3)[0] == 0
    with closing(sqlite3.connect(journal)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (now,)
        connection.execute("SELECT note FROM halts")
    assert journal.with_name(f"journal-schema-{then}.db").read_bytes()[100:] == before[100:]
    assert trader(capsys, "db", "check").code == 0


def test_f108_a_migration_that_fails_half_way_has_changed_nothing(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = schema.VERSION + 1

    def fail(connection: Connection) -> None:
        connection.exec_driver_sql("ALTER TABLE halts ADD COLUMN note TEXT")
        connection.exec_driver_sql("INSERT INTO nowhere VALUES (1)")

    before = trades_and_version(journal)
    monkeypatch.setattr(schema, "VERSION", now)
    monkeypatch.setattr(database, "MIGRATIONS", {now: fail})
    assert program(*REPLAY, "--cycles", 3)[0] == 5
    assert trades_and_version(journal) == before
    with closing(sqlite3.connect(journal)) as connection, pytest.raises(sqlite3.OperationalError, match="note"):
        connection.execute("SELECT note FROM halts")


def trades_and_version(path: Path) -> list[object]:
    with closing(sqlite3.connect(path)) as connection:
        return [connection.execute(query).fetchall() for query in ("SELECT * FROM trades", "PRAGMA user_version")]


def test_an_empty_file_is_no_journal_yet(capsys: Capture) -> None:
    path = settings.journal_path()
    path.touch()
    assert trader(capsys, "status", "--json").document == {"variants": []}
    assert path.read_bytes() == b""
    assert (ROOT / "variants" / f"{NAME}.toml").exists()
