"""A single backtest is a trial like those of a matrix, counted once; that it cannot be counted costs no result."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from tests.journal.homes import asked
from trader_cli import settings
from trader_cli.journal import database, locks

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.ledger.conftest import Program

    type Documents = Callable[..., dict[str, Any]]

SPOT = ("backtest", "spot", "--data", "data")
PERIOD_7 = ("--set", "strategy_config.rsi.period=7")


def trials(program: Program, *arguments: object) -> int:
    """What the program says of all trials after a backtest."""
    outcome = program(*arguments)
    assert outcome.code == 0
    (told,) = re.findall(
        r"^run [0-9a-f]{12}; trials ever counted on these markets: ([\d,]+)$", outcome.out, re.MULTILINE
    )
    assert max(map(len, outcome.out.splitlines())) <= 80
    return int(told.replace(",", ""))


def counted() -> list[tuple[int, int, float]]:
    """What stands in the ledger: runs, ratios and the sum of these, in the order of counting."""
    rows = asked(settings.journal_path(), "SELECT runs, ratios, total FROM trials ORDER BY rowid")
    return [(runs, ratios, int(total) / 2**40) for runs, ratios, total in rows]


def test_a_backtest_is_a_trial_and_the_same_again_is_the_same(program: Program) -> None:
    assert [trials(program, *SPOT) for _ in range(2)] == [1, 1]
    assert trials(program, *SPOT, *PERIOD_7) == 2
    assert trials(program, *SPOT, "--from", "2024-01-10") == 3
    assert trials(program, *SPOT) == 3


def test_another_name_is_the_same_trial_but_another_run(program: Program, documents: Documents) -> None:
    runs = {documents(*SPOT, "--set", f"trader_name={name}")["run"] for name in ("one", "other")}
    assert len(runs) == 2
    assert trials(program, *SPOT) == 1


def test_the_trials_of_a_matrix_and_of_single_backtests_are_one_count(program: Program, documents: Documents) -> None:
    assert trials(program, *SPOT) == 1
    assert documents(*SPOT, "--set", "strategy_config.rsi.period=7,9")["trials"] == 3
    assert trials(program, *SPOT, *PERIOD_7) == 4  # in two studies: the count errs on the side of too many


def test_its_ratio_is_the_one_that_a_matrix_counts(program: Program, documents: Documents) -> None:
    singles = [trials(program, *SPOT, "--set", f"strategy_config.rsi.period={period}") for period in (7, 9)]
    assert singles == [1, 2]
    documents(*SPOT, "--set", "strategy_config.rsi.period=7,9", "--metrics", "full")
    *alone, (runs, ratios, together) = counted()
    assert (runs, ratios, [one[:2] for one in alone]) == (2, 2, [(1, 1), (1, 1)])
    assert sum(one[2] for one in alone) == pytest.approx(together, abs=4 / 2**40)
    assert together != 0


def test_a_run_that_never_traded_is_a_trial_without_a_ratio(program: Program) -> None:
    assert trials(program, *SPOT, "--set", "strategy_config.rsi.oversold_level=0.001") == 1
    assert counted() == [(1, 0, 0.0)]


def no_folder() -> AbstractContextManager[None]:
    settings.home().rmdir()
    settings.home().write_text("a file where the folder should be")
    return nullcontext()


def foreign() -> AbstractContextManager[None]:
    asked(settings.journal_path(), "CREATE TABLE notes (text)")
    return nullcontext()


def put_in_order() -> AbstractContextManager[None]:
    return locks.alone(settings.locks_dir())


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (no_folder, "the journal cannot be kept: Not a directory"),
        (foreign, "is no journal of trader"),
        (put_in_order, "the journal is being put in order"),
    ],
)
def test_f088_a_journal_that_cannot_be_written_costs_a_warning_and_no_result(
    trouble: Callable[[], AbstractContextManager[None]], why: str, program: Program, documents: Documents
) -> None:
    with trouble():
        found = documents(*SPOT)
        shown = program(*SPOT)
    assert found["run"] is None
    assert found["warnings"][-1].startswith("this run was neither counted as a trial nor kept: ")
    assert why in found["warnings"][-1]
    assert (shown.code, "trials ever" in shown.out) == (0, False)
    assert f"warning: {found['warnings'][-1]}" in shown.err.splitlines()
    kept = documents(*SPOT) if trouble is put_in_order else None
    assert kept is None or found | {"run": kept["run"], "warnings": kept["warnings"]} == kept


@pytest.mark.parametrize("name", ["data/futures/BTC_USDT_USDT-8h-funding.csv", "variants/mine.py"])
def test_so_are_the_runs_of_a_matrix_on_files_that_have_changed(name: str, documents: Documents, desk: Any) -> None:
    matrix = ("backtest", "perpetual", "--data", "data/futures", "--set", "risk_settings.stop_loss=0.01,0.05")
    assert [documents(*matrix)["trials"] for _ in range(2)] == [2, 2]
    path = desk / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert documents(*matrix)["trials"] == 4


def test_to_count_takes_no_longer_the_more_the_journal_holds(
    documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents(*SPOT)

    def looked_through(*_: object) -> None:
        raise AssertionError("the whole journal was looked through")

    monkeypatch.setattr(database, "_demand_soundness", looked_through)
    assert documents(*SPOT)["run"] is not None


def test_a_backtest_that_mode_names_is_counted_too(program: Program) -> None:
    assert trials(program, "run", "spot", "--mode", "backtest", "--data", "data") == 1
    assert trials(program, *SPOT, "--mode", "backtest") == 1


def test_a_strategy_of_ones_own_that_has_changed_is_another_trial(program: Program, desk: Any) -> None:
    perpetual = ("backtest", "perpetual", "--data", "data/futures")
    assert [trials(program, *perpetual) for _ in range(2)] == [1, 1]
    mine = desk / "variants" / "mine.py"
    mine.write_text(mine.read_text().replace("confidence=0.6", "confidence=0.7"))
    assert trials(program, *perpetual) == 2


@pytest.mark.parametrize("ending", ["1h", "1h-mark", "8h-funding", "15m"])
def test_other_data_of_any_kind_is_another_trial(ending: str, program: Program, desk: Any) -> None:
    perpetual = ("backtest", "perpetual", "--data", "data/futures", "--detail", "15m")
    assert [trials(program, *perpetual) for _ in range(2)] == [1, 1]
    path = desk / "data" / "futures" / f"BTC_USDT_USDT-{ending}.csv"
    path.write_bytes(path.read_bytes() + b"\n")
    assert trials(program, *perpetual) == 2
