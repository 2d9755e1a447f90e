"""The bench's yardsticks do the work they are said to do. Nothing here measures time."""

from __future__ import annotations

import json
import subprocess
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bench import cases, figures, ours, ours_together, report, rules, stage, trades
from bench.cases.group import FIRST
from bench.data import Columns, generated, generated_together
from bench.numpy_yardstick import Variation, rsi, simulate
from bench.ratio import Ratio
from bench.timing import Measure, Samples, interleaved
from trader_cli.rules import codes

if TYPE_CHECKING:
    from pathlib import Path

    from bench.timing import Runs

FIRST_DECISION = 400
"""The golden trades are decided from 06:40 on, bar 400."""


def _equal(found: trades.Trades, expected: trades.Trades) -> None:
    assert trades.agreement(found, expected).complete
    assert found["reason"].tolist() == expected["reason"].tolist()
    np.testing.assert_allclose(found["quantity"], expected["quantity"], atol=2e-8)
    np.testing.assert_allclose(found["pnl"], expected["pnl"], atol=1e-3)


def _made_in_c(name: str, columns: Columns, first: int, folder: Path) -> trades.Trades:
    """The trades of a C program, whose answers follow the protocol."""
    program = stage.compiled_c(name, folder)
    columns.write(folder / "columns")
    out = folder / "trades"
    said = subprocess.run(
        [program, folder / "columns", out, str(first)], input="2\n1\n", capture_output=True, text=True, check=True
    )
    answers = [json.loads(line) for line in said.stdout.splitlines()]
    found = trades.read(out)
    assert [len(answer["cpu_seconds"]) for answer in answers] == [2, 1]
    assert {answer["trades"] for answer in answers} == {len(found)}
    return found


def test_the_c_program_makes_the_golden_trades(golden: Columns, expected: trades.Trades, tmp_path: Path) -> None:
    _equal(_made_in_c("w1", golden, FIRST_DECISION, tmp_path), expected)


def test_together_the_c_program_and_trader_make_the_same_trades_and_meet_each_cap(tmp_path: Path) -> None:
    columns = generated_together(rules.SYMBOLS, 4_000)
    theirs = _made_in_c("w3", columns, FIRST, tmp_path)
    outcome = ours_together.prepare(columns, FIRST)()
    _equal(ours_together.trade_list_together(outcome), theirs)
    assert set(theirs["reason"].tolist()) == {trades.STOP_LOSS, trades.TAKE_PROFIT, trades.SIGNAL}
    refused = {codes.REFUSALS[code] for code, count in enumerate(outcome.refusals) if count}
    assert refused == {"max_concurrent_positions"}
    ordered = theirs["quantity"] * columns.close[theirs["entry_bar"] - 1]
    assert (ordered < 0.99 * rules.NOTIONAL).any(), "an entry cut to what the exposure cap leaves"


def test_the_numpy_yardstick_makes_the_golden_trades(golden: Columns, expected: trades.Trades) -> None:
    _equal(simulate(golden, FIRST_DECISION), expected)


def test_the_bench_asks_trader_for_the_same_trades(golden: Columns, expected: trades.Trades) -> None:
    _equal(ours.trade_list(ours.prepare(golden, FIRST_DECISION)()), expected)


@pytest.mark.parametrize(
    "varied",
    [
        Variation(stops_from_next_bar=True),
        Variation(stop_beats_ordered_exit=True),
        Variation(levels_from_signal_close=True),
        Variation(target_ignores_gaps=True),
        Variation(waits_for_exit_signal=True),
    ],
)
def test_each_rule_a_peer_lacks_shows_in_the_golden_trades(
    varied: Variation, golden: Columns, expected: trades.Trades
) -> None:
    assert not trades.agreement(simulate(golden, FIRST_DECISION, varied), expected).complete


def test_the_numpy_rsi_is_50_where_the_price_stands_still() -> None:
    close = np.concatenate((np.arange(100.0, 130.0), np.full(60, 129.0), [130.0]))
    values = rsi(close)
    last_move = 29
    assert np.isnan(values[:14]).all()
    assert (values[14 : last_move + 42] == 100).all()
    assert (values[last_move + 42 : -1] == 50).all()
    assert values[-1] == 100


def test_the_series_is_the_same_in_every_run_and_meets_every_rule() -> None:
    series = generated(200_000)
    assert series.sha256() == generated(200_000).sha256()
    assert (series.low <= np.minimum(series.open, series.close)).all()
    assert (series.high >= np.maximum(series.open, series.close)).all()
    found = simulate(series, 98)
    stop = found["entry_price"] * 0.98
    assert set(found["reason"].tolist()) == {trades.STOP_LOSS, trades.TAKE_PROFIT, trades.SIGNAL}
    assert (found["entry_bar"] == found["exit_bar"]).any(), "left in the bar of the entry"
    assert ((found["reason"] == trades.STOP_LOSS) & (found["exit_price"] < stop)).any(), "a stop gapped over"


def test_lists_that_differ_in_one_price_do_not_agree(expected: trades.Trades) -> None:
    altered = expected.copy()
    altered["exit_price"][7] *= 1 + 2e-9
    found = trades.agreement(altered, expected)
    assert not found.complete
    assert found.shared == len(expected) - 1


def test_a_bound_is_missed_by_the_median_alone() -> None:
    measured = {
        "slow": {Measure.CPU: Samples((9.0, 3.0, 3.1)), Measure.PRIVATE: Samples((8.0,))},
        "fast": {Measure.CPU: Samples((1.0, 1.0, 0.1)), Measure.PRIVATE: Samples((2.0,))},
    }
    assert not Ratio("", "slow", "fast", at_most=3).holds(measured)
    assert Ratio("", "slow", "fast", at_least=3, at_most=3.2).holds(measured)
    assert Ratio("", "slow", "fast", measure=Measure.PRIVATE, count=500).value(measured) == 2000


class Counting:
    """A subject whose every run takes one more second."""

    def __init__(self, name: str, log: list[str]) -> None:
        self.name, self.log = name, log

    def __enter__(self) -> Counting:
        return self

    def __exit__(self, *_: object) -> None:
        self.log.append(f"end {self.name}")

    def sample(self) -> Runs:
        self.log.append(self.name)
        return {Measure.CPU: [float(len(self.log))]}


def test_subjects_take_turns_and_each_begins_a_round() -> None:
    log: list[str] = []
    measured = interleaved([Counting("a", log), Counting("b", log)], rounds=2)
    assert log == ["a", "b", "b", "a", "end b", "end a"]
    assert measured["a"][Measure.CPU].values == (1.0, 4.0)


def test_every_ratio_is_of_subjects_that_are_measured(tmp_path: Path) -> None:
    given: dict[str, Any] = {field.name: tmp_path if field.type == "Path" else "" for field in fields(stage.Stage)}
    here = stage.Stage(**given)
    for group in cases.groups(here):
        names = {subject.name for subject in group.subjects}
        assert {name for ratio in group.ratios for name in (ratio.top, ratio.bottom, ratio.less or ratio.top)} <= names
        assert all(ratio.bound for ratio in group.ratios)


def test_a_ratio_may_be_of_what_one_takes_more_than_another() -> None:
    measured = {name: {Measure.CPU: Samples((value,))} for name, value in (("a", 7.0), ("b", 2.0), ("c", 3.0))}
    assert Ratio("", "a", "b").value(measured) == 3.5
    assert Ratio("", "a", "b", less="c").value(measured) == 2


def test_the_report_names_cores_and_family_and_no_host() -> None:
    assert set(figures.machine()) == {"cores", "cpu"}


def test_the_page_is_what_the_figures_say() -> None:
    assert report.PAGE.read_text(encoding="utf-8") == report.page(figures.read())


def test_a_group_measured_anew_leaves_the_others_as_they_were() -> None:
    kept = figures.read()
    anew: figures.GroupFigures = {**kept["groups"]["w3"], "date": "2031-01-01"}
    joined = figures.joined(kept, {"w3": anew}, list(kept["groups"]), {"w3": "other"})
    assert joined["groups"].pop("w3")["date"] == "2031-01-01"
    assert joined["series"]["sha256"] == {**kept["series"]["sha256"], "w3": "other"}
    assert joined["groups"] == {name: group for name, group in kept["groups"].items() if name != "w3"}
