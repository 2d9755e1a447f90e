"""The journal's file is checked against its own fills, copied while it is written, put back and packed."""

from __future__ import annotations

import shutil
from contextlib import closing
from sqlite3 import connect
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import trader
from tests.journal.contents import contents
from tests.journal.homes import NAME, REPLAY, asked, changed, program, replayed, trading
from trader_cli import settings
from trader_cli.journal import drivers
from trader_cli.journal.locks import COMMON

if TYPE_CHECKING:
    from pathlib import Path

    type Capture = pytest.CaptureFixture[str]

CHECK = ("db", "check", "--json")


def test_a_journal_adds_up(journal: Path, capsys: Capture) -> None:
    outcome = trader(capsys, *CHECK)
    assert (outcome.code, outcome.document["problems"]) == (0, [])
    assert outcome.document["rows"]["trades"] == 3
    assert outcome.document["rows"]["positions"] == 1
    assert "sound" in trader(capsys, "db", "check").out


def test_a_journal_of_shorts_and_funding_adds_up(capsys: Capture, tmp_path: Path) -> None:
    flags = ("--broker", "binance", "--strategy", "rsi", "--asset-class", "futures", "--symbol", "BTC/USDT:USDT")
    bars = settings.home() / "BTC_USDT_USDT-1h.parquet"
    shutil.copy("samples/coinbase/BTC_USD-1h.parquet", bars)
    wishes = ("session.timeframe=1h", "costs.funding_rate=0.0001", "risk_settings.default_leverage=3")
    settle = [part for wish in wishes for part in ("--set", wish)]
    code, _ = program("paper", *flags, *settle, "--replay", bars, "--to", "2018-09-01", "--json")
    assert code == 0
    found = trader(capsys, *CHECK)
    assert found.code == 0, found.err
    assert found.document["rows"]["payments"] > 10
    assert any('"short"' in row[0] for row in asked(settings.journal_path(), "SELECT document FROM trades"))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE fills SET price = '6000.0' WHERE id = 1", "trade 1: entry_price is kept as 6602.370171"),
        ("UPDATE trades SET document = replace(document, '\"pnl\": -21', '\"pnl\": -12') WHERE id = 1", "trade 1: pnl"),
        ("DELETE FROM trades WHERE id = 2", "2 trades are kept, the fills make 3"),
        ("DELETE FROM fills WHERE id = 1", "a fill closes 'BTC/USD', of which nothing was held"),
        ("DELETE FROM fills WHERE id = 2", "a fill opens 'BTC/USD', of which something was held"),
        ("DELETE FROM fills WHERE id = 7", "is said to have filled, and no fill is kept"),
        ("UPDATE attempts SET state = 'sent' WHERE intent = 1", "and the order is not said to have filled"),
        ("DELETE FROM cycles WHERE number = 5", "344 cycles are numbered from 1 to 345"),
        ("UPDATE states SET document = replace(document, '\"cycle\": 345', '\"cycle\": 344')", "the state is that of"),
        ("UPDATE cycles SET equity = '1o000' WHERE number = 9", "holds what makes no sense: ValueError"),
        ("UPDATE decisions SET gates = '[' WHERE cycle = 7", "the decision of cycle 7 on 'BTC/USD' is no JSON"),
        ("UPDATE fills SET book = 7 WHERE id = 1", "row 1 of fills belongs to no row of books"),
        ("INSERT INTO payments VALUES (1, 1, 3, 0, 'funding', 'ETH', '1')", "funding was paid on 'ETH'"),
    ],
)
def test_what_does_not_add_up_is_found(damage: str, said: str, journal: Path, capsys: Capture) -> None:
    changed(journal, damage)
    outcome = trader(capsys, *CHECK)
    assert (outcome.code, outcome.document["sound"]) == (5, False)
    assert any(said in problem for problem in outcome.document["problems"]), outcome.document["problems"]
    assert "damaged" in trader(capsys, "db", "check").out


def test_f091_a_backup_of_a_journal_at_work_is_whole_and_one_file(capsys: Capture) -> None:
    with trading(settings.home(), speed=1e5) as process:
        seen = trader(capsys, "status", "--json").document["variants"][0]["cycle"]
        done = trader(capsys, "db", "backup", "--json")
        assert trader(capsys, "db", "check").code == 0, "also while it is written"
        process.kill()
        process.wait()
    assert done.code == 0
    (backup,) = settings.backups_dir().iterdir()
    assert done.document["file"] == str(backup)
    assert len(contents(backup)["cycles"]) >= seen
    trader(capsys, "db", "restore", backup, "--force")
    assert trader(capsys, "db", "check").code == 0
    assert trader(capsys, "status", "--json").document["variants"][0]["state"] == "cut_off"


def test_what_was_backed_up_comes_back_and_what_was_there_is_kept(journal: Path, capsys: Capture) -> None:
    kept = contents(journal)
    copy = settings.home() / "elsewhere" / "copy.db"
    assert trader(capsys, "db", "backup", copy).code == 0
    assert contents(copy) == kept
    replayed("--to", "2018-07-11")
    later = contents(journal)
    assert later != kept
    refused = trader(capsys, "db", "restore", copy)
    assert (refused.code, contents(journal)) == (2, later)
    assert "--force" in refused.err
    restored = trader(capsys, "db", "restore", copy, "--force", "--json")
    assert restored.code == 0
    assert contents(journal) == kept
    (aside,) = settings.backups_dir().iterdir()
    assert restored.document["aside"] == str(aside)
    assert contents(aside) == later
    assert copy.exists()
    assert trader(capsys, *REPLAY, "--cycles", 3).code == 0, "and it trades on it"


def test_what_a_killed_trader_left_in_its_log_is_kept_aside_and_never_in_the_restored(
    journal: Path, capsys: Capture
) -> None:
    copy = settings.home() / "copy.db"
    trader(capsys, "db", "backup", copy)
    kept = contents(copy)
    with trading(settings.home(), speed=1e5) as process:
        process.kill()
        process.wait()
    cycle = trader(capsys, "status", "--json").document["variants"][0]["cycle"]
    assert trader(capsys, "db", "restore", copy, "--force").code == 0
    assert contents(journal) == kept
    (aside,) = settings.backups_dir().glob("*.db")
    assert len(contents(aside)["cycles"]) == cycle


def test_f090_a_journal_that_is_past_reading_is_put_aside_as_it_is(journal: Path, capsys: Capture) -> None:
    copy = settings.home() / "copy.db"
    trader(capsys, "db", "backup", copy)
    journal.write_bytes(b"x" * 5000)
    log = journal.with_name("journal.db-wal")
    log.write_bytes(b"y" * 100)
    assert trader(capsys, "db", "restore", copy, "--force").code == 0
    assert contents(journal) == contents(copy)
    aside, its_log = sorted(settings.backups_dir().iterdir())
    assert (aside.read_bytes(), its_log.read_bytes()) == (b"x" * 5000, b"y" * 100)
    assert its_log.name == f"{aside.name}-wal"


def test_a_damaged_copy_is_not_restored_and_a_damaged_journal_not_copied(journal: Path, capsys: Capture) -> None:
    sound = journal.read_bytes()
    damaged = settings.home() / "damaged.db"
    damaged.write_bytes(sound[: len(sound) // 2])
    outcome = trader(capsys, "db", "restore", damaged, "--force")
    assert (outcome.code, outcome.err.count("\n")) == (5, 1)
    assert journal.read_bytes() == sound
    journal.write_bytes(sound[: len(sound) // 2])
    assert trader(capsys, "db", "backup", settings.home() / "copy.db").code == 5
    names = {path.name for path in settings.home().iterdir() if path.is_file()}
    assert names <= {"damaged.db", "journal.db"} | {
        "damaged.db-shm",
        "damaged.db-wal",
        "journal.db-shm",
        "journal.db-wal",
    }


@pytest.mark.parametrize("arguments", [("backup",), ("restore", "nowhere.db"), ("vacuum",), ("check",)])
def test_where_there_is_no_journal_there_is_nothing_to_do(arguments: tuple[str, ...], capsys: Capture) -> None:
    outcome = trader(capsys, "db", *arguments)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert not settings.journal_path().exists()


def test_a_backup_replaces_nothing(journal: Path, capsys: Capture) -> None:
    there = settings.home() / "there.db"
    there.write_text("mine")
    assert trader(capsys, "db", "backup", there).code == 2
    assert there.read_text() == "mine"
    assert trader(capsys, "db", "restore", journal, "--force").code == 2


def test_f092_while_a_book_is_driven_the_file_is_not_replaced_and_meanwhile_nobody_drives(
    journal: Path, capsys: Capture
) -> None:
    copy = settings.home() / "copy.db"
    trader(capsys, "db", "backup", copy)
    with drivers.driving(settings.locks_dir(), drivers.BookName("other", "paper", "replay")):
        for arguments in (("restore", copy, "--force"), ("vacuum",)):
            refused = trader(capsys, "db", *arguments)
            assert (refused.code, refused.out) == (6, "")
            assert "stop it first" in refused.err
        assert trader(capsys, *REPLAY, "--cycles", 1).code == 0, "other books may be driven"
    with (settings.locks_dir() / COMMON).open("ab") as file:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
        assert trader(capsys, *REPLAY, "--cycles", 1).code == 6


def test_packing_frees_what_an_emptied_book_took(journal: Path, capsys: Capture) -> None:
    replayed("--cycles", "5")
    before, kept = journal.stat().st_size, contents(journal)
    done = trader(capsys, "db", "vacuum", "--json").document
    assert done["freed"] > 0
    assert journal.stat().st_size == done["bytes"] <= before - done["freed"]
    assert contents(journal) == kept
    with closing(connect(journal)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert NAME in trader(capsys, "status").out
