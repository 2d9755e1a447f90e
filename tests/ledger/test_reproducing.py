"""A run that was shown is made again to the last byte, or the reason why not is named."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tests.journal.homes import asked, changed
from tests.logs.canaries import ROOT, ran
from trader_cli import __version__, settings
from trader_cli.app import trying
from trader_cli.app.counting import counting
from trader_cli.app.markets import Past, Span
from trader_cli.journal import database, runs
from trader_cli.variant import axes
from trader_cli.variant.grid import expand
from trader_cli.variant.planning import Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.ledger.conftest import Program
    from trader_cli.journal.runs import Run

    type Documents = Callable[..., dict[str, Any]]

SPOT = ("backtest", "spot", "--data", "data")
PERPETUAL = ("backtest", "perpetual", "--data", "data/futures", "--detail", "15m")
SAME = "the same, byte for byte\n"


def kept(change: dict[str, Any]) -> str:
    """The id of the one run that was kept, changed."""
    engine = database.opened(settings.journal_path())
    with engine.begin() as connection:
        (run,) = runs.found(connection, "")
        found = runs.keep(connection, replace(run, **change))
    engine.dispose()
    return found


@pytest.mark.parametrize(
    "command",
    [
        SPOT,
        (*SPOT, "--set", "strategy_config.rsi.period=7", "--strategy", "rsi", "--from", "2024-01-05T06:00"),
        (*PERPETUAL, "--to", "2024-01-20", "--set", "costs.funding_rate=0.0001"),
    ],
)
def test_a_run_comes_out_byte_for_byte_from_any_folder_and_whatever_the_layers_say_by_now(
    command: tuple[str, ...], program: Program, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = program(*command, "--json")
    for variant in ("spot", "perpetual"):
        (desk / "variants" / f"{variant}.toml").unlink()
    monkeypatch.chdir("/")
    monkeypatch.setenv("TRADER_RISK_SETTINGS__STOP_LOSS", "0.001")
    again = program("reproduce", printed.document["run"], "--json")
    assert (again.code, again.out, again.err) == (0, printed.out, SAME)


def test_for_people_it_shows_what_the_backtest_showed(program: Program) -> None:
    *shown, told = program(*SPOT).out.splitlines()
    again = program("reproduce", told.split()[1].rstrip(";")[:4].upper())
    assert (again.out.splitlines(), again.err) == (shown, SAME)


def test_to_make_a_run_again_is_no_trial(program: Program, documents: Documents) -> None:
    run = documents(*SPOT)["run"]
    before = asked(settings.journal_path(), "SELECT * FROM trials")
    assert program("reproduce", run).code == 0
    assert asked(settings.journal_path(), "SELECT * FROM trials") == before


@pytest.mark.parametrize(
    "name",
    [
        "data/futures/BTC_USDT_USDT-1h.csv",
        "data/futures/BTC_USDT_USDT-1h-mark.csv",
        "data/futures/BTC_USDT_USDT-8h-funding.csv",
        "data/futures/BTC_USDT_USDT-15m.csv",
        "variants/mine.py",
    ],
)
def test_a_file_of_which_one_byte_has_changed_or_that_is_gone_is_named(
    name: str, program: Program, documents: Documents, desk: Path
) -> None:
    run, path = documents(*PERPETUAL)["run"], desk / name
    content = path.read_bytes()
    path.write_bytes(content + b"\n")
    other = program("reproduce", run)
    assert (other.code, other.out) == (2, "")
    assert other.err.startswith(f"{path}: has changed: its SHA-256 was ")
    path.unlink()
    gone = program("reproduce", run)
    assert (gone.code, gone.err) == (2, f"{path}: there is no such file\n")
    path.write_bytes(content)
    assert program("reproduce", run).code == 0


def test_a_file_that_has_come_since_is_named(program: Program, documents: Documents, desk: Path) -> None:
    run = documents(*PERPETUAL)["run"]
    old = desk / "data" / "futures" / "BTC_USDT_USDT-1h-mark.csv"
    new = shutil.copy(old, old.with_name("BTC_USDT_USDT-1h-mark-2023.csv"))
    outcome = program("reproduce", run)
    assert (outcome.code, outcome.err) == (
        2,
        f"{new}: is read now, and was not when the run was made: move it away\n",
    )


def test_another_version_is_refused_naming_both_unless_it_may_be_any(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        then.setattr(trying, "__version__", "0.0.9")
        printed = program(*SPOT, "--json")
    refused = program("reproduce", printed.document["run"])
    assert (refused.code, refused.out) == (2, "")
    assert f"was made by trader 0.0.9, this is {__version__}" in refused.err
    allowed = program("reproduce", printed.document["run"], "--any-version", "--json")
    assert (allowed.code, allowed.out, allowed.err) == (0, printed.out, SAME)


def test_a_run_that_comes_out_otherwise_is_a_bug_of_this_version_and_news_of_another(
    program: Program, documents: Documents
) -> None:
    printed = documents(*SPOT)
    bug = program("reproduce", kept({"result": "0f" * 32}), "--json")
    assert (bug.code, bug.out) == (1, "")
    (kept_now,) = asked(settings.journal_path(), f"SELECT result FROM runs WHERE id LIKE '{printed['run']}%'")  # noqa: S608 - an id
    for checksum in ("0f" * 32, *kept_now):
        assert checksum in bug.err


def test_what_another_version_made_otherwise_is_shown_without_the_id(program: Program, documents: Documents) -> None:
    printed = documents(*SPOT)
    outcome = program("reproduce", kept({"result": "0f" * 32, "version": "0.0.9"}), "--any-version", "--json")
    assert outcome.document == printed | {"run": None}
    assert "has become another: its SHA-256 was 0f0f" in outcome.err
    assert outcome.err.endswith(f"trader 0.0.9 made it, this is {__version__}\n")


@pytest.mark.parametrize("text", ["", "abc", "xyz12", "1234567890", "%%%%"])
def test_what_is_the_id_of_no_run_is_refused(text: str, program: Program, documents: Documents) -> None:
    assert program("reproduce", text).code == 2
    assert not settings.journal_path().exists()
    run = documents(*SPOT)["run"]
    outcome = program("reproduce", text if run[:4] != text[:4] else "0000")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)


def test_a_beginning_that_is_not_one_runs_alone_is_refused_naming_all(program: Program, documents: Documents) -> None:
    documents(*SPOT)
    alike = twins()
    outcome = program("reproduce", alike[0].id[:4])
    assert (outcome.code, outcome.out) == (2, "")
    told = ", ".join(sorted(run.id[:12] for run in alike))
    assert f"'{alike[0].id[:4]}' begins the ids of 2 runs: {told}" in outcome.err
    assert "was made by trader" in program("reproduce", alike[0].id[:12]).err


def twins() -> tuple[Run, Run]:
    """Two runs of other versions, kept, whose ids begin alike."""
    known: dict[str, Run] = {}
    engine = database.opened(settings.journal_path())
    with engine.begin() as connection:
        (run,) = runs.found(connection, "")
        for number in count():
            other = replace(run, version=f"0.0.{number}")
            if other.id[:4] in known:
                break
            known[other.id[:4]] = other
        for each in (known[other.id[:4]], other):
            runs.keep(connection, each)
    engine.dispose()
    return known[other.id[:4]], other


def test_a_row_that_was_altered_is_not_taken_for_the_run(program: Program, documents: Documents) -> None:
    run = documents(*SPOT)["run"]
    changed(settings.journal_path(), "UPDATE runs SET ends = '2024-01-20T00:00:00Z'")
    outcome = program("reproduce", run)
    assert (outcome.code, outcome.out) == (5, "")
    assert f"run {run} is not what was kept" in outcome.err


def test_the_best_of_a_matrix_are_kept_so_that_each_is_its_row(
    program: Program, documents: Documents, desk: Path
) -> None:
    rows = documents(*SPOT, "--set", "strategy_config.rsi.period=7,9", "--metrics", "full")
    grid = expand(("spot",), axes.read(("strategy_config.rsi.period=7,9",), (), {}), Place(desk / "variants", {}, {}))
    with counting({}) as ledger:
        variants = [grid.variant(run) for run in range(2)]
        ids = trying.kept(variants, Past(desk / "data", Span()), ledger, lambda _: None)
    again = [program("reproduce", run, "--json").document for run in ids]
    figures = {document["variant"]: document["metrics"] for document in again}
    assert len(figures) == 2
    for row in rows["runs"]:
        assert figures[row["variant"]].items() <= row["metrics"].items()
    assert asked(settings.journal_path(), "SELECT sum(runs) FROM trials") == [(2,)]


def test_f113_no_secret_is_kept(program: Program, documents: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_OF_A_TEST", "a-secret-of-a-test-0123456789")
    run = documents(*SPOT)["run"]
    assert program("reproduce", run).code == 0
    written = [path.read_bytes() for path in settings.home().rglob("*") if path.is_file()]
    assert any(b"${KEY_OF_A_TEST}" in content for content in written)
    assert not any(b"a-secret-of-a-test" in content for content in written)


def test_f114_a_run_that_crashes_when_it_is_made_again_tells_no_secret(tmp_path: Path) -> None:
    backtest = ran(tmp_path, "backtest", "leaky", "--data", ROOT / "samples", "--json")
    assert (backtest.code, backtest.leaks()) == (0, [])
    again = ran(tmp_path, "--verbose", "reproduce", json.loads(backtest.out)["run"], LEAK="crash")
    assert (again.code, again.leaks()) == (1, [])
    assert "RuntimeError: GET https://venue/order?signature=***" in again.err
