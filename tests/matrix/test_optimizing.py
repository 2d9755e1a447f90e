"""A search tries what it has learnt to be good: nothing twice, nothing invalid, the same on any machine."""

from __future__ import annotations

import json
import signal
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from tests.matrix.processes import started, told
from trader_cli import settings
from trader_cli.app import backtest
from trader_cli.app.markets import Span
from trader_cli.app.matrix import Wanted, optimized
from trader_cli.app.optimizing import Aim
from trader_cli.app.study import Watcher
from trader_cli.cli.main import main
from trader_cli.variant import axes
from trader_cli.variant.grid import combinations
from trader_cli.variant.planning import Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    type Searching = Callable[..., dict[str, Any]]

DATES = ("--from", "2018-09-01", "--to", "2019-01-01")
SEARCH = ("backtest", "demo_btc_rsi", "--data", "samples", "--json", *DATES, "--optimize", "total_return")
PERIODS = ("--set", "strategy_config.rsi.period=5..40")
STOPS = ("--set", "risk_settings.stop_loss=0.01..0.05..0.001")
CELLS = (
    *("--matrix", "strategy=rsi,macd", "--matrix", "timeframe=1h,4h", *PERIODS),
    *("--set", "strategy_config.macd.fast_period=5..20", "--set", "strategy_config.macd.slow_period=10..40"),
)


@pytest.fixture(autouse=True)
def _at_home(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("TRADER_HOME", str(tmp_path / "home"))


@pytest.fixture
def search(capsys: pytest.CaptureFixture[str]) -> Searching:
    """What the command answers, with more options."""

    def searching(*more: str) -> dict[str, Any]:
        assert main([*SEARCH, *more]) == 0
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        return document

    return searching


def distinct(document: dict[str, Any]) -> set[str]:
    """The combinations that were run."""
    return {json.dumps(run["overrides"], sort_keys=True) for run in document["runs"]}


def test_a_seed_makes_the_same_document_whoever_works_on_it(tmp_path: Path, search: Searching) -> None:
    def elsewhere(number: str) -> str:
        apart = {"TRADER_HOME": str(tmp_path / number), "PYTHONHASHSEED": number}
        return told(started(tmp_path / "notes", "--workers", number, matrix=(*options, "--seed", "3"), **apart))

    options = (*SEARCH, *CELLS, "--trials", "40")
    assert elsewhere("1") == elsewhere("2")
    assert distinct(search(*CELLS, "--trials", "40")) != distinct(json.loads(elsewhere("3")))


def test_no_combination_is_run_or_counted_twice(search: Searching) -> None:
    """Of 12 combinations 8 differ, 0.02 being 2e-2: 80 trials must come back to them."""
    narrow = ("--set", "strategy_config.rsi.period=7..10", "--set", "risk_settings.stop_loss=0.02,0.03,2e-2")
    document = search(*narrow, "--trials", "80")
    assert len(distinct(document)) == len(document["runs"]) == 8
    counts = document["combinations"]
    assert (counts["asked"], counts["run"], counts["invalid"], counts["ruled_out"]) == (12, 8, 0, 0)
    assert document["trials"] == 8
    assert search(*narrow, "--trials", "80") == document, "the same search again is the same trials"


def test_a_run_is_the_backtest_of_its_variant_and_the_best_is_told_on_the_way(root: Path) -> None:
    sets = ("strategy_config.rsi.period=5..40", "session.timeframe=1h,4h")
    found = combinations(("demo_btc_rsi",), axes.read(sets, (), {}), Place(root / "variants", {}, {}), ())
    span, said, done = Span.of("2018-09-01", "2019-01-01"), list[str](), list[int]()
    watcher = Watcher(announce=said.append, advanced=done.append, estimated=lambda _: None)
    wanted = Wanted(root / "samples", span, None, "total_return", False, {}, 2)
    with optimized(found, Aim("sharpe", 40), wanted, watcher) as board:
        values = board.column("sharpe").tolist()
        variants = [board.grid.variant(run) for run in range(len(values))]
    assert len(values) > 20
    assert said[-1] == f"ranking, best sharpe {max(values):.4g}"
    assert sum(done) == 40
    for variant, value in zip(variants, values, strict=True):
        assert backtest.run(variant, root / "samples", span, lambda _: None).metrics.sharpe == value


def test_the_ranking_is_by_what_was_looked_for_unless_another_is_asked(search: Searching) -> None:
    document = search(*PERIODS, "--trials", "20")
    returns = [run["metrics"]["total_return"] for run in document["runs"]]
    assert document["sort"] == "total_return"
    assert returns == sorted(returns, reverse=True)
    assert document["optimized"] == {"metric": "total_return", "trials": 20, "seed": 0, "infeasible": 0}
    assert document["overfitting_probability"] is None
    other = search(*PERIODS, "--trials", "20", "--sort", "deflated_sharpe")
    assert (other["sort"], distinct(other)) == ("deflated_sharpe", distinct(document))


def test_what_a_condition_rules_out_is_counted_and_not_run(search: Searching) -> None:
    document = search(*PERIODS, *STOPS, "--where", "period < 200 * stop_loss", "--trials", "60")
    values = [
        (run["overrides"]["strategy_config.rsi.period"], run["overrides"]["risk_settings.stop_loss"])
        for run in document["runs"]
    ]
    assert all(period < 200 * stop for period, stop in values)
    assert document["combinations"]["ruled_out"] > 0
    assert document["optimized"]["infeasible"] >= document["combinations"]["ruled_out"]
    assert document["trials"] == document["combinations"]["run"] == len(values)


def test_what_is_invalid_is_counted_with_its_reason_and_not_run(search: Searching) -> None:
    """A slow period that is not above the fast one is no macd."""
    periods = ("fast_period=5..30", "slow_period=10..30")
    document = search(
        "--strategy", "macd", *(f"--set=strategy_config.macd.{each}" for each in periods), "--trials", "60"
    )
    invalid = document["combinations"]["invalid"]
    assert document["optimized"]["infeasible"] >= invalid > 0
    assert sum(document["combinations"]["reasons"].values()) == invalid
    assert all(
        run["overrides"]["strategy_config.macd.fast_period"] < run["overrides"]["strategy_config.macd.slow_period"]
        for run in document["runs"]
    )


def test_a_cell_is_tried_with_the_axes_of_its_strategy_alone(search: Searching) -> None:
    document = search(*CELLS, "--trials", "48")
    axes_of = {"rsi": {"period"}, "macd": {"fast_period", "slow_period"}}
    seen = set()
    for run in document["runs"]:
        strategy = run["overrides"].pop("variants.strategy")
        seen.add(strategy)
        assert {key.rpartition(".")[2] for key in run["overrides"]} == axes_of[strategy] | {"timeframe"}
    assert seen == {"rsi", "macd"}


def test_no_trial_is_spent_on_a_cell_that_cannot_trade(search: Searching) -> None:
    """Mode futures is for futures, and these are spot: 36 combinations that nobody needs to try."""
    document = search("--matrix", "mode=backtest,futures", *PERIODS, "--trials", "16")
    assert document["optimized"]["infeasible"] == 0
    assert (document["combinations"]["asked"], document["combinations"]["invalid"]) == (72, 36)


def test_a_thousand_million_combinations_are_no_trouble(search: Searching, capsys: pytest.CaptureFixture[str]) -> None:
    """36 * 1001 * 401 = 14,450,436 of the strategy alone are more than a grid is judged of."""
    levels = ("oversold_level=10..50..0.04", "overbought_level=60..80..0.05")
    huge = (
        *(*PERIODS, *STOPS, "--set", "risk_settings.take_profit=0.01..0.05..0.001"),
        *(f"--set=strategy_config.rsi.{each}" for each in levels),
        *("--where", "stop_loss < take_profit", "--where", "period < 1000 * stop_loss"),
    )
    began = monotonic()
    document = search(*huge, "--trials", "20")
    assert document["combinations"]["asked"] == 36 * 1001 * 401 * 41 * 41
    assert document["runs"]
    assert monotonic() - began < 30
    for too_many in (huge, (*PERIODS, "--set", "risk_settings.stop_loss=0.01..0.05..0.000001")):
        assert main([*SEARCH[:-2], *too_many]) == 2
        assert "--optimize METRIC" in capsys.readouterr().err


@pytest.mark.parametrize("when", ["before", "after"])
def test_f082_killed_beside_a_part_it_goes_on_with_the_same_trials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    notes, matrix = tmp_path / "notes", (*SEARCH, *CELLS, "--trials", "40")
    undisturbed = told(started(notes, matrix=matrix))
    parts = len(notes.read_text().split())
    notes.unlink()
    monkeypatch.setenv("TRADER_HOME", str(tmp_path / "another"))
    for at in ("3", "4"):
        told(started(notes, "--resume", matrix=matrix, KILL_AT=at, KILL_WHEN=when), -signal.SIGKILL)
    assert told(started(notes, "--resume", matrix=matrix)) == undisturbed
    done = notes.read_text().split()
    assert sorted(done) == sorted(set(done))
    assert parts - 2 <= len(done) <= parts


def test_where_nothing_can_run_it_says_so_and_leaves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SEARCH, *PERIODS, "--where", "period > 100", "--trials", "5"]) == 2
    assert "--where rules out all of them" in capsys.readouterr().err
    assert list(settings.studies_dir().iterdir()) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--optimize", "sharp"), "--optimize: no figure is called 'sharp', did you mean 'sharpe'?"),
        (("--optimize", "fees"), "of fees less is better"),
        (("--optimize", "deflated_sharpe"), "optimize sharpe"),
        (("--optimize", "sharpe", "--trials", "0"), "--trials: must be at least 1, is 0"),
        (("--optimize", "sharpe", "--random", "5"), "give one of them"),
        (("--trials", "5"), "--trials: is for --optimize METRIC"),
    ],
)
def test_what_cannot_be_looked_for_is_refused_in_a_line(
    capsys: pytest.CaptureFixture[str], more: tuple[str, ...], said: str
) -> None:
    assert main(["backtest", "demo_btc_rsi", "--data", "samples", *PERIODS, *more]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
