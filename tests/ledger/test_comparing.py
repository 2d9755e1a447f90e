"""Runs side by side: their own figures, what differs between their variants, and whether they may be compared."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from tests.journal.homes import asked
from trader_cli import settings
from trader_cli.app.compare import MORE_IS_BETTER, compared
from trader_cli.app.markets import Past, Span
from trader_cli.cli import render
from trader_cli.variant.loading import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.ledger.conftest import Program

    type Documents = Callable[..., dict[str, Any]]

SPOT = ("backtest", "spot", "--data", "data")


@pytest.fixture
def fast(desk: Path) -> str:
    """A variant that differs from `spot` in two keys, and has a long name."""
    name = "spot-" + "a" * 59
    (desk / "variants" / f"{name}.toml").write_text(
        'extends = "spot.toml"\n[strategy_config.rsi]\nperiod = 7\n[session]\nstarting_balance = 5000\n'
    )
    return name


def test_each_has_the_figures_of_its_backtest_and_only_what_differs_is_told(
    documents: Documents, fast: str, program: Program
) -> None:
    found = documents("compare", "spot", fast, "--data", "data")
    assert list(found) == ["runs", "differences", "warnings"]
    for run, name in zip(found["runs"], ("spot", fast), strict=True):
        alone = documents("backtest", name, "--data", "data")
        assert run == {key: alone[key] for key in run}
        assert {"variant", "run", "period", "metrics"} <= set(run)
    assert found["differences"] == [
        {"key": "strategy_config.rsi.period", "values": [14, 7]},
        {"key": "session.starting_balance", "values": [10000.0, 5000.0]},
    ]
    assert found["warnings"] == []


def test_a_key_that_one_lacks_is_none_there(documents: Documents, desk: Path) -> None:
    (desk / "variants" / "macd.toml").write_text('extends = "spot.toml"\n[variants]\nstrategy = "macd"\n')
    found = documents("compare", "spot", "macd", "--data", "data")["differences"]
    told = {each["key"]: each["values"] for each in found}
    assert told["variants.strategy"] == ["rsi", "macd"]
    assert told["strategy_config.macd.fast_period"] == [None, 12]


def test_variants_are_counted_and_runs_are_made_again(program: Program, documents: Documents, fast: str) -> None:
    run = documents(*SPOT)["run"]
    found = documents("compare", run, fast, run[:4], "--data", "data")
    assert [each["run"] for each in found["runs"]][::2] == [run, run]
    assert asked(settings.journal_path(), "SELECT sum(runs) FROM trials") == [(2,)]
    assert program("reproduce", found["runs"][1]["run"], "--json").document["variant"] == fast


def test_a_variant_that_is_called_like_an_id_is_the_variant(documents: Documents, desk: Path) -> None:
    (desk / "variants" / "beef.toml").write_text('extends = "spot.toml"\n')
    assert [each["variant"] for each in documents("compare", "spot", "beef", "--data", "data")["runs"]] == [
        "spot",
        "beef",
    ]


def test_what_was_judged_on_something_else_is_said(documents: Documents, desk: Path) -> None:
    whole, later = documents(*SPOT)["run"], documents(*SPOT, "--from", "2024-01-10")["run"]
    (said,) = documents("compare", whole, later, whole)["warnings"]
    assert said == (
        "not the same period: A, C: 600 bars of 1h from 2024-01-01T00:00:00Z to 2024-01-25T23:00:00Z; "
        "B: 384 bars of 1h from 2024-01-10T00:00:00Z to 2024-01-25T23:00:00Z"
    )
    perpetual = ("backtest", "perpetual", "--data", "data/futures")
    bare, fine = documents(*perpetual)["run"], documents(*perpetual, "--detail", "15m")["run"]
    data, detail = documents("compare", bare, fine)["warnings"]
    assert data.startswith("not the same data: A: nothing else; B: BTC_USDT_USDT-15m.csv ")
    assert detail == "not the same detail: A: none; B: 15m"


def test_another_strategy_file_is_no_other_data(documents: Documents, desk: Path) -> None:
    perpetual = (desk / "variants" / "perpetual.toml").read_text()
    (desk / "variants" / "rsi.toml").write_text(perpetual.replace("mine.py:Breakout", "rsi"))
    assert documents("compare", "perpetual", "rsi", "--data", "data/futures")["warnings"] == []


@pytest.mark.parametrize("count", [2, 4, 5, 26])
def test_people_see_it_in_eighty_columns(count: int, program: Program, documents: Documents, fast: str) -> None:
    runs = [documents(*SPOT)["run"], documents("backtest", fast, "--data", "data", "--from", "2024-01-10")["run"]]
    outcome = program("compare", *(runs * 13)[:count])
    assert outcome.code == 0
    assert max(map(len, outcome.out.splitlines())) <= 80
    assert "strategy_config.rsi.period" in outcome.out
    assert fast in outcome.out
    assert outcome.out.count("▁") >= count
    assert outcome.err.startswith("warning: not the same period: A")


def test_a_long_key_stands_whole_beside_long_values(program: Program, desk: Path) -> None:
    (desk / "variants" / "momentum.toml").write_text(
        f'extends = "spot.toml"\n[variants]\nstrategy = "momentum"\n'
        f"[trading_symbols]\nstocks = {[f'STOCK{number}' for number in range(40)]}\n"
    )
    outcome = program("compare", "spot", "momentum", "--data", "data")
    assert max(map(len, outcome.out.splitlines())) <= 80
    assert "strategy_config.momentum.volatility_filter " in outcome.out
    assert "STOCK39" in "".join(outcome.out.split())


def test_large_figures_fit_too(program: Program, documents: Documents, desk: Path) -> None:
    rich = (*SPOT, "--set", "session.starting_balance=999999999999", "--set", "risk_settings.max_position_size=1e12")
    run = documents(*rich)["run"]
    outcome = program("compare", *[run] * 4)
    assert max(map(len, outcome.out.splitlines())) <= 80
    assert "…" not in outcome.out


def test_the_same_configuration_is_said_to_be_the_same(program: Program) -> None:
    outcome = program("compare", "spot", "spot", "--data", "data")
    assert outcome.out.splitlines()[-1] == "no key differs"


def test_the_best_is_the_largest_where_more_is_better_and_nobody_where_all_are_alike(desk: Path, fast: str) -> None:
    chosen = [load(name, variants_dir=desk / "variants", environment={}).variant for name in ("spot", fast, "spot")]
    found = compared(chosen, Past(desk / "data", Span()), lambda _: None)
    for figure in found.metrics[0]:
        values = [metrics[figure] for metrics in found.metrics]
        best = {run for run, value in enumerate(values) if value == max(values)} if len(set(values)) > 1 else set()
        assert found.best(figure) == (best if figure in MORE_IS_BETTER else set())
    assert found.best("final_equity") == {0, 2}
    assert compared(chosen[::2], Past(desk / "data", Span()), lambda _: None).best("sharpe") == set()


def test_the_best_value_stands_out_on_a_terminal(
    program: Program, documents: Documents, fast: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, other = documents(*SPOT), documents("backtest", fast, "--data", "data")
    best = f"{max(run['metrics']['final_equity'], other['metrics']['final_equity']):,.2f}"

    def terminal(*, stderr: bool = False) -> Console:
        return Console(file=sys.stdout, force_terminal=True, color_system="standard", width=80, highlight=False)

    monkeypatch.setattr(render, "console", terminal)
    for runs in ((run, other), (run, other, run, other, run)):
        shown = program("compare", *(each["run"] for each in runs)).out
        assert "\x1b[1;32m" in shown
    shown = program("compare", run["run"], other["run"]).out
    (line,) = (line for line in shown.splitlines() if "final equity" in line)
    assert f"\x1b[1;32m{best}\x1b[0m" in line.replace("\x1b[1;32m ", "\x1b[1;32m").replace(" \x1b[1;32m", "\x1b[1;32m")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("spot",), "name 2 to 26 variants or runs, not 1"),
        (("spot",) * 27, "not 27"),
        (("spot", "nobody"), "no variant 'nobody'"),
        (("spot", "0000"), "no run was kept whose id begins with '0000'"),
        (("RUN", "RUN", "--from", "2024-01-02"), "are for VARIANTs"),
        (("spot", "RUN", "--data", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(
    arguments: tuple[str, ...], why: str, program: Program, documents: Documents
) -> None:
    run = documents(*SPOT)["run"]
    outcome = program("compare", *(run if each == "RUN" else each for each in arguments))
    assert (outcome.code, outcome.out) == (2, "")
    (line,) = outcome.errors
    assert why in line


def test_the_warnings_of_each_run_are_told_by_its_letter(program: Program, desk: Path) -> None:
    (desk / "variants" / "long.toml").write_text('extends = "spot.toml"\n[strategy_config.rsi]\nperiod = 400\n')
    outcome = program("compare", "spot", "long", "--data", "data")
    assert [line for line in outcome.err.splitlines() if line.startswith("warning: ")] == [
        "warning: B: BTC/USD: 600 bars are no more than the warm-up of 2800: no signal was possible"
    ]
    found = json.loads(program("compare", "spot", "long", "--data", "data", "--json").out)
    assert [len(run["warnings"]) for run in found["runs"]] == [0, 1]
