"""`trader backtest` with `--heatmap` and `--report`, as a user calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Outcome, trader
from tests.pictures.test_report import pictures, rows_of
from trader_cli.cli.heatmap import HIGHEST

if TYPE_CHECKING:
    from pathlib import Path

PERIODS = "strategy_config.rsi.period=5..8"
STOPS = "risk_settings.stop_loss=0.01,0.05"
AXES = ("--set", PERIODS, "--set", STOPS, "--set", "risk_settings.take_profit=0.02,0.05")


@pytest.fixture(autouse=True)
def _at_home(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("TRADER_HOME", str(tmp_path / "home"))


def backtest(capsys: pytest.CaptureFixture[str], *more: object) -> Outcome:
    span = "--data", "samples", "--from", "2018-09-01", "--to", "2019-01-01"
    return trader(capsys, "backtest", "demo_btc_rsi", *span, *more)


def test_a_map_stands_below_the_leaderboard(capsys: pytest.CaptureFixture[str]) -> None:
    ran = backtest(capsys, *AXES, "--heatmap", "period,stop_loss")
    assert ran.code == 0
    _, _, drawn = ran.out.partition("trials ever counted")
    assert "median total return (%) of the 2 runs of each cell" in drawn
    rows = [line.split() for line in drawn.splitlines() if line.lstrip().startswith("0.0")]
    assert [(row[0], len(row)) for row in rows] == [("0.01", 5), ("0.05", 5)]
    assert drawn.count(HIGHEST) == 2
    assert "\x1b" not in ran.out


def test_the_document_holds_the_map_of_its_runs(capsys: pytest.CaptureFixture[str]) -> None:
    document = backtest(capsys, *AXES, "--heatmap", "period,stop_loss,best", "--json").document
    heat = document["heatmap"]
    assert (heat["fold"], heat["runs"]) == ("best", [[2] * 4] * 2)
    for y, stop in enumerate(heat["y"]["values"]):
        for x, period in enumerate(heat["x"]["values"]):
            mine = [
                run["metrics"]["total_return"]
                for run in document["runs"]
                if str(run["overrides"][heat["x"]["key"]]) == period and str(run["overrides"][heat["y"]["key"]]) == stop
            ]
            assert heat["values"][y][x] == max(mine)


def test_what_cannot_be_drawn_is_said_before_anything_runs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for options, told in (
        ((*AXES, "--heatmap", "perio,stop_loss"), "did you mean 'period'?"),
        (("--heatmap", "period,stop_loss"), "draws two axes of a matrix: give some keys several values"),
        ((*AXES, "--report", tmp_path), "is a folder: name a file"),
        (("--report", tmp_path), "is a folder: name a file"),
    ):
        ran = backtest(capsys, *options)
        assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)
        assert told in ran.errors[0]
    assert not (tmp_path / "home").exists()


def test_a_report_of_a_matrix_is_that_of_its_document(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "deep" / "report.html"
    ran = backtest(capsys, *AXES, "--sort", "sharpe", "--report", target, "--json")
    assert f"wrote {target}" in ran.err
    page = target.read_text(encoding="utf-8")
    rows = rows_of(page, "The best 16 of 16 runs")
    assert [row[1] for row in rows[1:]] == [run["variant"] for run in ran.document["runs"]]
    curves = pictures(page)["equities"]["data"]
    assert [curve["name"] for curve in curves] == [run["variant"] for run in ran.document["runs"][:5]]
    for curve, run in zip(curves, ran.document["runs"], strict=False):
        assert curve["y"][-1] == pytest.approx(run["metrics"]["final_equity"], rel=1e-4)
    asked = dict(rows_of(page, "The study")[1:])
    assert (asked["data"], asked["from"]) == ("samples", "2018-09-01T00:00:00Z")
    assert {"risk", "distribution", "map-median-0", "axis-2"} <= pictures(page).keys()


def test_a_report_of_a_run_leaves_the_document_as_it_is(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "run.html"
    bare = backtest(capsys, "--json")
    told = backtest(capsys, "--json", "--report", target)
    assert told.out == bare.out
    page = target.read_text(encoding="utf-8")
    assert (
        len(rows_of(page, f"All {bare.document['metrics']['trades']} trades")) == bare.document["metrics"]["trades"] + 1
    )
