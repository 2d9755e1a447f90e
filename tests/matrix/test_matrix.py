"""A matrix: each of its runs is the backtest of its variant to the last bit, counted for ever, and ranked."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from trader_cli.app import backtest
from trader_cli.app.markets import Span
from trader_cli.app.matrix import Wanted, judged
from trader_cli.app.study import Watcher
from trader_cli.cli.main import main
from trader_cli.metrics.figures import FIGURES, NAMES, plain
from trader_cli.variant import axes
from trader_cli.variant.grid import Grid, expand
from trader_cli.variant.planning import Place

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

OF_EQUITY = ("sharpe", "sortino", "calmar", "max_drawdown", "exposure")
PERIODS = "strategy_config.rsi.period=5..8"
STOPS = "risk_settings.stop_loss=0.01,0.05"
SPAN = Span.of("2018-09-01", "2019-01-01")


@pytest.fixture(autouse=True)
def _at_home(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("TRADER_HOME", str(tmp_path / "home"))


def grid_of(
    root: Path, *sets: str, matrix: tuple[str, ...] = (), variants: tuple[str, ...] = ("demo_btc_rsi",)
) -> Grid:
    return expand(variants, axes.read(sets, matrix, {}), Place(root / "variants", {}, {}))


NOBODY = Watcher(announce=lambda _: None, advanced=lambda _: None, estimated=lambda _: None)


def studied(
    root: Path, grid: Grid, *, follows_equity: bool, workers: int = 2, data: Path | None = None
) -> NDArray[np.void]:
    """What became of the runs, in the order of the grid."""
    wanted = Wanted(data or root / "samples", SPAN, None, "total_return", follows_equity, {}, workers)
    with judged(grid, wanted, NOBODY) as board:
        return board.parts.rows(np.arange(len(grid)))


def figures_of(facts: np.void) -> dict[str, Any]:
    row = np.zeros(1, FIGURES)[0]
    for name in NAMES:
        row[name] = facts[name]
    return plain(row)


def assert_each_is_its_backtest(root: Path, grid: Grid, *, data: Path | None = None) -> None:
    followed = studied(root, grid, follows_equity=True, data=data)
    bare = studied(root, grid, follows_equity=False, data=data)
    for run in range(len(grid)):
        alone = backtest.run(grid.variant(run), data or root / "samples", SPAN, lambda _: None).metrics
        wanted = {name: getattr(alone, name) for name in NAMES}
        assert figures_of(followed[run]) == wanted
        assert figures_of(bare[run]) == wanted | dict.fromkeys(OF_EQUITY)


def test_each_run_is_the_backtest_of_its_variant(root: Path) -> None:
    grid = grid_of(root, STOPS, "session.timeframe=1h,4h", matrix=("strategy=*",))
    assert len(grid) == 20
    assert_each_is_its_backtest(root, grid)


def test_so_is_each_run_whose_terms_follow_price_or_reach_a_limit(root: Path) -> None:
    levels = "risk_settings.trailing_stop=0.0,0.01", "risk_settings.max_holding_bars=0,5"
    limits = "risk_settings.max_drawdown=0.01,1.0", "risk_settings.allow_short=true,false"
    assert_each_is_its_backtest(root, grid_of(root, *levels, *limits, "session.starting_balance=1000,10000"))


def test_so_is_each_run_of_several_symbols_that_share_an_account(root: Path, tmp_path: Path) -> None:
    sample = (root / "samples" / "coinbase" / "BTC_USD-1h.parquet").read_bytes()
    for symbol in ("BTC_USD", "ETH_USD"):
        (tmp_path / f"{symbol}-1h.parquet").write_bytes(sample)
    both = "trading_symbols.crypto=['BTC/USD', 'ETH/USD'],['ETH/USD']"
    assert_each_is_its_backtest(root, grid_of(root, PERIODS, both), data=tmp_path)


def test_any_number_of_threads_finds_the_same(root: Path) -> None:
    grid = grid_of(root, PERIODS, STOPS)
    alone, many = (studied(root, grid, follows_equity=True, workers=workers) for workers in (1, 5))
    assert alone.tobytes() == many.tobytes()


def document(capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    arguments = ["backtest", "demo_btc_rsi", "--data", "samples", "--from", "2018-09-01", "--to", "2019-01-01", *more]
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_the_document_ranks_all_runs_and_leaves_out_what_was_not_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "--set", PERIODS, "--set", STOPS)
    returns = [run["metrics"]["total_return"] for run in found["runs"]]
    assert found["sort"] == "total_return"
    assert (len(returns), returns) == (8, sorted(returns, reverse=True))
    assert {run["metrics"][name] for run in found["runs"] for name in (*OF_EQUITY, "deflated_sharpe")} == {None}
    assert found["overfitting_probability"] is None
    assert found["runs"][0]["overrides"].keys() == {"strategy_config.rsi.period", "risk_settings.stop_loss"}


def test_a_figure_of_the_equity_brings_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    ranked = document(capsys, "--set", PERIODS, "--set", STOPS, "--sort", "sharpe", "--top", "3")
    ratios = [run["metrics"]["sharpe"] for run in ranked["runs"]]
    assert (len(ratios), ratios) == (3, sorted(ratios, reverse=True))
    full = document(capsys, "--set", PERIODS, "--set", STOPS, "--metrics", "full")
    for found in (ranked, full):
        assert all(run["metrics"][name] is not None for run in found["runs"] for name in OF_EQUITY)
        assert all(0 <= run["metrics"]["deflated_sharpe"] <= 1 for run in found["runs"])
        assert 0 <= found["overfitting_probability"] <= 1


def test_every_run_is_counted_for_ever_and_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert document(capsys, "--set", PERIODS)["trials"] == 4
    assert document(capsys, "--set", PERIODS)["trials"] == 4
    assert document(capsys, "--set", STOPS)["trials"] == 6
    assert document(capsys, "--set", STOPS, "--where", "stop_loss > 0.02")["trials"] == 7


def test_what_does_not_run_is_counted_with_its_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(
        capsys,
        *("--set", "strategy_config.macd.fast_period=5,30", "--set", "strategy_config.rsi.period=0,7,14"),
        *("--matrix", "strategy=rsi,macd", "--where", "period != 14"),
    )["combinations"]
    # rsi, 2 fast periods that it does not use: period 0 is invalid (2), 7 runs (and 1 again), 14 is ruled out (2).
    # macd, 3 periods that it does not use: 5 runs (and 2 again), 30 is not faster than the slow 26 (3).
    assert found["asked"] == 12
    assert (found["run"], found["invalid"], found["duplicates"], found["ruled_out"]) == (2, 5, 3, 2)
    assert any("period" in reason for reason in found["reasons"])


def test_a_run_that_reached_its_drawdown_says_when(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "--set", "risk_settings.max_drawdown=0.005,1.0")
    halted = {run["overrides"]["risk_settings.max_drawdown"]: run["halted_at"] for run in found["runs"]}
    alone = document(capsys, "--set", "risk_settings.max_drawdown=0.005")
    assert halted == {0.005: next(h["time"] for h in alone["halts"] if h["reason"] == "max_drawdown"), 1.0: None}


def test_the_best_are_written_as_variants_that_earn_the_same(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "best"
    best = document(capsys, "--set", PERIODS, "--set", STOPS, "--top", "2", "--write-variants", str(folder))["runs"]
    files = sorted(folder.iterdir())
    assert {file.stem for file in files} == {run["variant"] for run in best}
    for run in best:
        again = ["backtest", str(folder / f"{run['variant']}.toml"), "--data", "samples", "--json"]
        assert main([*again, "--from", "2018-09-01", "--to", "2019-01-01"]) == 0
        figures = json.loads(capsys.readouterr().out)["metrics"]
        for name, value in run["metrics"].items():
            assert value is None or figures[name] == value


def test_people_see_the_best_in_eighty_columns(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["backtest", "demo_btc_rsi", "--data", "samples", "--set", PERIODS, "--set", STOPS]
    for more in ([], ["--sort", "deflated_sharpe"]):
        assert main([*arguments, *more]) == 0
        streams = capsys.readouterr()
        assert "8 combinations: 8 runs" in streams.err
        assert "best 8 of 8 runs" in streams.out
        assert "trials ever counted on these markets: 8" in streams.out
        assert max(map(len, streams.out.splitlines())) <= 80


def test_how_many_runs_there_are_and_how_long_they_will_take_is_told_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backtest", "demo_btc_rsi", "--data", "samples", "--set", "strategy_config.rsi.period=5..70"]) == 0
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "66 combinations: 66 runs"
    assert told[1].startswith("it will take ")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--set", PERIODS, "--sort", "sharp"], "--sort: no figure is called 'sharp', did you mean 'sharpe'?"),
        (["--set", PERIODS, "--metrics", "all"], "--metrics: must be trades or full"),
        (["--set", PERIODS, "--where", "period > 99"], "no combination is left: --where rules out all of them"),
        (["--set", "strategy_config.rsi.period=0,-1"], "strategy_config.rsi.period"),
    ],
)
def test_what_makes_no_matrix_is_refused(capsys: pytest.CaptureFixture[str], more: list[str], said: str) -> None:
    assert main(["--quiet", "backtest", "demo_btc_rsi", "--data", "samples", *more]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert said in streams.err


def test_no_figure_is_infinite_or_not_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "--set", "strategy_config.rsi.oversold_level=1,30", "--metrics", "full")
    values = [value for run in found["runs"] for value in run["metrics"].values()]
    assert all(value is None or math.isfinite(value) for value in values)
    assert None in values  # what never traded has no win rate
