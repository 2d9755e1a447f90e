"""Which traders a look shows, whether they live, and what it costs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.journal.homes import NAME, changed
from tests.journal.large import enlarge
from trader_cli import settings
from trader_cli.app import knowing
from trader_cli.app.watching import Pulse, Watch
from trader_cli.domain.timeframe import Timeframe
from trader_cli.errors import UsageError
from trader_cli.journal import database, looks
from trader_cli.journal.drivers import BookName, driving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def looked(*references: str, folder: Path | None = None) -> tuple[Any, ...]:
    """One look: the snapshot, the names and states of the rows, who is waited for."""
    seen = Watch(references, folder or settings.home()).look(datetime.now(UTC))
    return seen.snapshot, [(row.variant, row.state) for row in seen.standings], seen.waiting


def copied(path: Path, variant: str, account: str) -> None:
    """A second book with the first one's configuration, that kept nothing but a session."""
    changed(
        path,
        "INSERT INTO books SELECT NULL, :variant, mode, :account, configuration, source FROM books WHERE id = 1",
        "INSERT INTO sessions SELECT NULL, (SELECT max(id) FROM books), version, pid, host, started_at, "
        "'2031-01-01T00:00:00Z', ended_at, ending FROM sessions WHERE id = 1",
        variant=variant,
        account=account,
    )


def test_before_anything_has_traded_it_waits(tmp_path: Path) -> None:
    assert looked() == (None, [], ())
    (tmp_path / "soon.toml").write_text('[variants]\nbroker = "okx"\nstrategy = "rsi"\n')
    assert looked("soon", folder=tmp_path) == (None, [], ("soon",))
    with pytest.raises(UsageError, match="'sooon' has never traded"):
        looked("sooon", folder=tmp_path)


def test_one_book_is_a_dashboard_and_several_are_rows(journal: Path) -> None:
    assert looked()[0].variant == looked(NAME)[0].variant == NAME
    copied(journal, "other", "replay")
    snapshot, rows, _ = looked()
    assert (snapshot, rows) == (None, [(NAME, "stopped"), ("other", "stopped")])
    empty = looked("other")[0]
    assert (empty.cycle, empty.equity, empty.cash, empty.positions) == (0, 10_000.0, 10_000.0, ())


def test_of_one_variants_books_the_one_that_trades_is_shown(journal: Path) -> None:
    copied(journal, NAME, "bybit-main")
    assert looked(NAME)[0].source == "kraken", "the one that was driven last"
    assert [row for row, _ in looked()[1]] == [f"{NAME} paper bybit-main", f"{NAME} paper replay"]
    changed(journal, "UPDATE sessions SET ended_at = NULL")
    with driving(settings.locks_dir(), book_of("replay")):
        assert looked(NAME)[0].source == "a replay"
        with driving(settings.locks_dir(), book_of("bybit-main")):
            assert len(looked(NAME)[1]) == 2


def book_of(account: str) -> BookName:
    return BookName(NAME, "paper", account)


def test_f096_who_does_not_trade_is_not_shown_as_trading(journal: Path) -> None:
    def state() -> str:
        return str(looked(NAME)[0].driver.state)

    assert state() == "stopped"
    with driving(settings.locks_dir(), book_of("replay")):
        assert state() == "stopped", "who holds the lock has not begun, or has ended: nobody trades"
    changed(journal, "UPDATE sessions SET ended_at = NULL, ending = NULL, heartbeat_at = '2024-01-01T00:00:00Z'")
    assert state() == "cut_off"
    with driving(settings.locks_dir(), book_of("replay")):
        assert state() == "silent"
        changed(journal, "UPDATE sessions SET heartbeat_at = :now", now=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
        assert state() == "running"


def test_a_pulse_is_lost_when_it_is_late_by_its_own_measure() -> None:
    begun = datetime(2024, 1, 1, tzinfo=UTC)

    def lost(pulse: Pulse, heartbeat: int, now: int) -> bool:
        return pulse.is_lost(begun + timedelta(seconds=heartbeat), begun + timedelta(seconds=now), Timeframe.H1)

    unknown = Pulse()
    assert not lost(unknown, 0, 3_600 + 60), "by the close of an hourly bar at the latest"
    assert lost(unknown, 0, 3_600 + 61)
    quick = Pulse()
    assert not any(lost(quick, second, second + 1) for second in range(5))
    assert not lost(quick, 4, 4 + 15)
    assert lost(quick, 4, 4 + 16)
    slow = Pulse()
    assert not any(lost(slow, 30 * step, 30 * step + 30) for step in range(5))
    assert not lost(slow, 120, 120 + 90)
    assert lost(slow, 120, 120 + 91)


def test_a_look_is_cheap_however_long_the_book_is(journal: Path) -> None:
    enlarge(journal, cycles=500_000, trades=5_000)
    watch = Watch([], settings.home())
    seen = watch.look(datetime.now(UTC)).snapshot
    assert seen is not None
    assert (seen.cycle, seen.trade_count, len(seen.trades), len(seen.positions)) == (500_345, 5_003, 50, 1)

    def seconds(ask: Callable[[], object]) -> float:
        begun = perf_counter()
        ask()
        return perf_counter() - begun

    assert min(seconds(lambda: watch.look(datetime.now(UTC))) for _ in range(5)) < 0.05
    everybody = knowing.Asked(None, settings.home())
    for ask in (knowing.status, knowing.positions):
        assert min(seconds(partial(ask, everybody)) for _ in range(3)) < 0.5, "not an exit looked for with every entry"


def test_a_look_keeps_nobody_from_writing(journal: Path) -> None:
    with database.looking(journal) as connection:
        assert connection is not None
        before = looks.brief(connection, 1)
        with closing(sqlite3.connect(journal, timeout=0, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("UPDATE states SET document = json_set(document, '$.equity', 1.5)")
            writer.execute("COMMIT")
        assert looks.brief(connection, 1) == before, "one look sees one moment"
    assert looked()[0].equity == 1.5


def test_a_warm_up_and_a_breakdown_are_no_wishes(journal: Path) -> None:
    (before,) = looked()[0].signals
    for outcome in ("warming_up", "failed"):
        changed(journal, "UPDATE decisions SET outcome = :outcome WHERE cycle = 345", outcome=outcome)
        (signal,) = looked()[0].signals
        assert signal.time == before.time - timedelta(hours=1), outcome
