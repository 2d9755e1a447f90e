"""Fault 82 under cron: a pass killed around any of its commits, and made again within its bar, leaves no trace."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from tests.backtest.markets import EXAMPLES
from tests.journal.contents import contents
from tests.paper.conftest import backtested
from tests.paper.processes import killed
from trader_cli import settings
from trader_cli.domain.plain import plain

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.paper.conftest import Desk
    from trader_cli.domain.bars import Bars

ROWS = range(3_388, 3_419)
"""Closes with entries, a position that is entered and stopped within a bar, and one that is left by an order."""

CHOSEN = {3_390: (3, 4), 3_391: (3,), 3_397: (4, 5)}
"""By close, the commits that are looked at in a short run: the first of a pass is the book, the second the session,
then come the orders of the cycle, the cycle, and the end."""


def points(row: int) -> list[tuple[int, str]]:
    """Where the pass after a close is killed; far more than it has, where every point is wanted."""
    commits = range(1, 20) if EXAMPLES > 400 else CHOSEN.get(row, ())
    return [(at, when) for at in commits for when in ("before", "after")]


def test_f082_a_pass_killed_around_a_commit_and_made_again_leaves_what_an_undisturbed_one_does(
    desk: Desk, history: Bars, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = desk.variant(risk_settings__max_holding_bars=3)
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"

    def passed(home: Path) -> dict[str, list[tuple[object, ...]]]:
        monkeypatch.setenv("TRADER_HOME", str(home))
        outcome = desk.once()
        assert outcome.code == 0, outcome.err
        return contents(settings.journal_path())

    kills = 0
    undisturbed.mkdir()
    for row in ROWS:
        desk.venue.close_of(row)
        before = shutil.copytree(undisturbed, tmp_path / f"before-{row}")
        expected = passed(undisturbed)
        for at, when in points(row):
            shutil.copytree(before, disturbed)
            monkeypatch.setenv("TRADER_HOME", str(disturbed))
            kills += killed(desk, at, when)
            assert passed(disturbed) == expected, f"killed {when} commit {at} of the pass after bar {row}"
            shutil.rmtree(disturbed)
    assert kills >= 10
    made = backtested(desk, history, name, ROWS[0], ROWS[-1]).trades
    assert {trade.exit_reason for trade in made} >= {"stop_loss", "time"}
    kept = [json.loads(str(row[-1])) for row in contents(undisturbed / "journal.db")["trades"]]
    assert kept == [plain(trade) for trade in made]
