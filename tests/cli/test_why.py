"""`trader why` says how far a decision was from its triggers, in words, in a line a bar, and in JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.program import trader
from tests.journal.homes import NAME, asked, changed
from trader_cli.cli.triggers import lines, sentence
from trader_cli.strategies.rsi import Rsi

if TYPE_CHECKING:
    from pathlib import Path

    type Capture = pytest.CaptureFixture[str]

EVIL = "evil\x1b]8;;file:///etc/passwd\x07\u202e[red]x\n"


def trigger(**changes: Any) -> dict[str, Any]:
    """RSI 34.2 before a buy trigger of 30."""
    told = {"name": "buy", "measure": "RSI", "value": 34.2, "level": 30.0, "must_be": "below", "distance": 4.2}
    return told | {"met": False, "unit": "", "enters": True} | changes


def decision(*triggers: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A bar on which nothing happened."""
    told = {"time": "2024-01-05T06:00:00Z", "symbol": "BTC/USD", "signal": "HOLD", "gates": [], "outcome": "hold"}
    return told | {"triggers": list(triggers)} | changes


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "buy: RSI 34.20, 4.20 above the trigger 30"),
        ({"value": 28.1, "distance": -1.9, "met": True}, "buy: RSI 28.10, 1.90 below the trigger 30, met"),
        ({"value": 30.0, "distance": 0.0}, "buy: RSI 30.00, at the trigger 30"),
        ({"value": None, "distance": None}, "buy: RSI is not known"),
        (
            {"measure": "change", "value": 0.8, "level": 2.0, "must_be": "above", "distance": 1.2, "unit": "%"},
            "buy: change +0.80 %, 1.20 % below the trigger +2 %",
        ),
        (
            {"measure": "histogram / close", "value": 3e-5, "level": 1e-4, "must_be": "above", "distance": 7e-5},
            "buy: histogram / close 0.0000300, 0.0000700 below the trigger 0.0001",
        ),
        (
            {"name": "entry filter", "measure": "volatility", "value": 0.18, "level": 0.15, "must_be": "not above"}
            | {"distance": 0.03},
            "entry filter: volatility 0.1800, 0.0300 above the limit 0.15, not met",
        ),
    ],
)
def test_a_distance_is_told_in_the_strategys_own_units(changes: dict[str, Any], said: str) -> None:
    assert sentence(trigger(**changes)) == said


def test_a_line_a_bar_shows_the_nearest_entry_and_what_stopped_it() -> None:
    calm = trigger(name="entry filter", measure="volatility", value=0.18, level=0.15, must_be="not above")
    gate = {"name": "max_total_exposure", "passed": False, "detail": "2,950 of 3,000 are taken"}
    met = {"value": 28.0, "distance": -2.0, "met": True}
    head, *rows = lines(
        [
            decision(trigger()),
            decision(trigger(enters=False), trigger(name="sell", value=34.2, level=70.0, distance=35.8)),
            decision(trigger(**met), calm | {"distance": 0.03, "enters": False}),
            decision(trigger(**met), signal="BUY", gates=[gate], outcome="refused: max_total_exposure"),
            decision(signal="HOLD", outcome="warming_up"),
        ],
        80,
    )
    assert head.split() == ["time", "signal", "value", "to", "an", "entry", "outcome"]
    told = [re.split(r" {2,}", row) for row in rows]
    assert [row[3] for row in told] == ["buy: 4.20", "sell: 35.80", "entry filter: 0.0300", "buy: met", "-"]
    assert told[3][4].startswith("max total exposure:")
    assert told[4][4] == "warming up"
    assert all(len(line) <= 80 for line in [head, *rows])


def test_the_journal_alone_tells_the_triggers(journal: Path, capsys: Capture) -> None:
    decisions = trader(capsys, "why", NAME, "--last", "200", "--json").document["decisions"]
    assert len(decisions) == 200
    for each in decisions:
        rsi = each["values"]["rsi"]
        buy, sell = each["triggers"][:2]
        assert (buy["name"], buy["value"], buy["level"], buy["distance"]) == ("buy", rsi, 30, rsi - 30)
        assert (sell["name"], sell["level"], sell["distance"], sell["enters"]) == ("sell", 70, 70 - rsi, False)
        assert buy["met"] == (each["signal"] == "BUY")
    assert any(each["triggers"][0]["met"] for each in decisions)
    told = trader(capsys, "why", NAME).out
    assert re.search(r"triggers buy: RSI 69.02, 39.02 above the trigger 30\n +sell: RSI 69.02, 0.98 below", told)


def test_many_decisions_are_a_line_each_within_80_columns(journal: Path, capsys: Capture) -> None:
    title, head, *rows = trader(capsys, "why", NAME, "--last", "50").out.splitlines()
    assert title == f"{NAME} (paper, replay)"
    assert len(rows) == 50
    assert all(len(line) <= 80 for line in [head, *rows])
    assert re.fullmatch(r"2018-07-15 08:00 +HOLD +RSI 69.02 +buy: 39.02 +exit: threshold", rows[-1])
    assert "confidence" in trader(capsys, "why", NAME).out, "one decision is told at length"


def test_parameters_that_have_changed_since_explain_nothing(journal: Path, capsys: Capture) -> None:
    ((document,),) = asked(journal, "SELECT document FROM configurations")
    told = json.loads(document)
    told["strategy_config"]["rsi"]["period"] = 7
    changed(journal, "UPDATE configurations SET document = :told", told=json.dumps(told))
    (one,) = trader(capsys, "why", NAME, "--json").document["decisions"]
    assert one["triggers"] == []


@pytest.mark.parametrize("broken", ["gone", "raises", "reads what is not there"])
def test_a_strategy_that_cannot_tell_keeps_nobody_from_asking(
    broken: str, journal: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Rsi, values: dict[str, float]) -> Any:
        return values["nothing"] if broken != "raises" else 1 / 0

    if broken == "gone":
        changed(journal, "UPDATE configurations SET document = replace(document, '\"rsi\"', '\"gone_by_now\"')")
    else:
        monkeypatch.setattr(Rsi, "triggers", fail)
    outcome = trader(capsys, "why", NAME, "--last", "3")
    assert (outcome.code, outcome.out.count("HOLD")) == (0, 3)
    assert "because" in trader(capsys, "why", NAME).out


def test_f123_foreign_words_move_no_line(journal: Path, capsys: Capture) -> None:
    changed(journal, "UPDATE decisions SET signal = :evil, outcome = :evil, symbol = :evil", evil=EVIL)
    outcome = trader(capsys, "why", NAME, "--last", "5")
    assert outcome.code == 0
    assert not {"\x1b", "\x07", "\u202e"} & set(outcome.out)
    assert all(len(line) <= 80 for line in outcome.out.splitlines())
    assert outcome.out.count("\n") == 7
