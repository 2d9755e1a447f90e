"""Every run of a family is counted for ever: not twice, not less, and whatever befalls the journal."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from tests.cli.program import trader
from tests.journal.homes import asked, changed, replayed
from tests.journal.test_migrations import VERSION_1
from trader_cli import settings
from trader_cli.journal import database
from trader_cli.journal.trials import Markets, Study, count, counted_parts, total
from trader_cli.metrics.deflation import Trials

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    type Capture = pytest.CaptureFixture[str]

BTC, ETH, BOTH = (Markets.of("crypto", symbols) for symbols in (["BTC/USD"], ["ETH/USD"], ["BTC/USD", "ETH/USD"]))
STUDY = Study.of({"period": [5, 30]}, ["0a", "0b"])
OTHER = Study.of({"period": [5, 40]}, ["0a", "0b"])
SOME = Trials.of(np.array([0.1, -0.25, np.nan]))
MORE = Trials.of(np.array([0.5, 0.125]))


def counted(study: Study, part: int, tried: Mapping[Markets, Trials]) -> None:
    """Counts in the journal of `TRADER_HOME`."""
    engine = database.opened(settings.journal_path())
    with engine.begin() as connection:
        count(connection, study, part, tried)
    engine.dispose()


def known(*markets: Markets) -> Trials:
    """What the journal of `TRADER_HOME` has counted."""
    with database.looking(settings.journal_path()) as connection:
        return total(connection, markets)


def parts(study: Study) -> Iterable[int]:
    with database.looking(settings.journal_path()) as connection:
        return counted_parts(connection, study)


def test_before_there_is_a_journal_nothing_was_tried_and_looking_makes_none() -> None:
    assert known(BTC) == Trials()
    assert parts(STUDY) == frozenset()
    assert not settings.journal_path().exists()


def test_a_family_counts_all_its_studies() -> None:
    counted(STUDY, 0, {BTC: SOME})
    counted(STUDY, 1, {BTC: MORE})
    counted(OTHER, 0, {BTC: SOME})
    assert known(BTC) == SOME + MORE + SOME
    assert parts(STUDY) == {0, 1}
    assert known(ETH) == Trials()


def test_the_same_study_again_is_the_same_trials() -> None:
    again = Study.of({"period": [5, 30]}, ["0a", "0b"])
    for study in (STUDY, again):
        counted(study, 0, {BTC: SOME, ETH: MORE})
    assert known(BTC) == SOME
    assert len({STUDY.digest, OTHER.digest, Study.of({"period": [5, 30]}, ["0a", "0c"]).digest}) == 3


def test_a_family_is_whatever_shares_a_symbol_however_it_is_spelled() -> None:
    counted(STUDY, 0, {BOTH: SOME, Markets.of("crypto", ["SOLUSD"]): MORE})
    assert known(Markets.of("crypto", ["btc-usd"])) == known(ETH) == SOME
    assert known(Markets.of("crypto", ["BTCUSD", "ADAUSD"])) == SOME
    assert known(Markets.of("stocks", ["BTCUSD"])) == Trials()


def test_a_perpetual_is_the_same_market_under_each_of_its_names() -> None:
    counted(STUDY, 0, {Markets.of("futures", ["BTC_USD_PERP"]): SOME})
    assert known(Markets.of("futures", ["BTC/USDT:USDT"])) == SOME
    assert known(Markets.of("futures", ["ETH_USD_PERP"])) == Trials()


def test_a_run_on_two_markets_of_a_leaderboard_is_one_trial() -> None:
    counted(STUDY, 0, {BTC: SOME, ETH: SOME, BOTH: MORE})
    assert known(BTC, ETH) == SOME + SOME + MORE
    assert known(BTC, BTC) == SOME + MORE


@given(st.lists(st.lists(st.none() | st.floats(-1e9, 1e9), max_size=5), max_size=4))
@trying(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_moments_come_back_to_the_last_bit(tmp_path_factory: pytest.TempPathFactory, chunks: list[list[float]]) -> None:
    tried = [Trials.of(np.array(chunk, dtype=np.float64)) for chunk in chunks]
    engine = database.opened(tmp_path_factory.mktemp("bits") / "journal.db")
    with engine.begin() as connection:
        for part, trials in enumerate(tried):
            count(connection, STUDY, part, {BTC: trials})
        assert total(connection, [BTC]) == sum(tried, start=Trials())
    engine.dispose()


KILLED = """
import os, signal, sys
import numpy as np
from trader_cli import settings
from trader_cli.journal import database
from trader_cli.journal.trials import Markets, Study, count
from trader_cli.metrics.deflation import Trials

study, at, when = Study.of({"killed": True}, []), int(sys.argv[1]), sys.argv[2]
engine = database.opened(settings.journal_path())
for part in range(6):
    with engine.begin() as connection:
        count(connection, study, part, {Markets.of("crypto", ["BTC/USD"]): Trials.of(np.array([part + 0.5]))})
        if part == at and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
    if part == at:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_f082_a_study_that_is_killed_and_taken_up_again_is_counted_once(when: str) -> None:
    command = [sys.executable, "-c", KILLED]
    environment = {**os.environ, "TRADER_HOME": str(settings.home())}
    killed = subprocess.run([*command, "3", when], env=environment, check=False, timeout=60)
    assert killed.returncode == -9
    study = Study.of({"killed": True}, [])
    assert parts(study) == {0, 1, 2} | ({3} if when == "after" else set())
    subprocess.run([*command, "-1", when], env=environment, check=True, timeout=60)
    assert known(BTC) == Trials.of(np.array([0.5, 1.5, 2.5, 3.5, 4.5, 5.5]))


@pytest.mark.parametrize("statement", ["DELETE FROM trials", "UPDATE trials SET runs = 1"])
def test_the_database_itself_takes_no_trial_back(statement: str) -> None:
    counted(STUDY, 0, {BTC: SOME})
    with pytest.raises(sqlite3.IntegrityError, match="for ever"):
        changed(settings.journal_path(), statement)
    assert known(BTC) == SOME


def test_neither_packing_nor_a_book_that_begins_anew_loses_a_trial(journal: Path, capsys: Capture) -> None:
    counted(STUDY, 0, {BTC: SOME})
    replayed("--cycles", "3")
    assert trader(capsys, "db", "vacuum").code == 0
    assert known(BTC) == SOME


def test_to_go_back_to_a_copy_takes_no_trial_back(journal: Path, capsys: Capture) -> None:
    counted(STUDY, 0, {BTC: SOME})
    copy = settings.home() / "copy.db"
    trader(capsys, "db", "backup", copy)
    counted(STUDY, 1, {BTC: MORE})
    assert trader(capsys, "db", "restore", copy, "--force").code == 0
    assert known(BTC) == SOME + MORE
    assert trader(capsys, "db", "check").code == 0


def test_nor_does_to_go_back_to_a_copy_of_an_older_program(capsys: Capture) -> None:
    import gzip

    counted(STUDY, 0, {BTC: SOME})
    copy = settings.home() / "old.db"
    copy.write_bytes(gzip.decompress(VERSION_1.read_bytes()))
    assert trader(capsys, "db", "restore", copy, "--force").code == 0
    assert known(BTC) == SOME
    assert len(asked(settings.journal_path(), "SELECT 1 FROM trades")) == 3
    assert {path.name for path in settings.home().glob("*restoring*")} == set()


@pytest.mark.parametrize(
    "row",
    [
        "'s', 0, 'crypto', '[\"BTCUSD\"]', 'd', 'v', 't', 1, 2, '0', '0'",  # more ratios than runs
        "'s', 0, 'crypto', '[\"BTCUSD\"]', 'd', 'v', 't', 2, 2, '4', '7'",  # 4 * 4 > 2 * 7: no numbers have these sums
        "'s', 0, 'crypto', '[]', 'd', 'v', 't', 1, 1, '0', '0'",  # on no market
        "'s', 0, 'crypto', '[\"BTCUSD\"]', 'd', 'v', 't', 1, 1, 'o', '0'",
        "'s', 0, 'crypto', 'BTC', 'd', 'v', 't', 1, 1, '0', '0'",
    ],
)
def test_a_count_that_makes_no_sense_is_found(row: str, capsys: Capture) -> None:
    counted(STUDY, 0, {BTC: SOME})
    assert trader(capsys, "db", "check").code == 0
    changed(settings.journal_path(), f"INSERT INTO trials VALUES ({row})")  # noqa: S608 - the rows above
    outcome = trader(capsys, "db", "check", "--json")
    assert (outcome.code, len(outcome.document["problems"])) == (5, 1)
