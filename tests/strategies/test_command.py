"""`trader strategies`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.strategies.test_registry import PLUGIN
from trader_cli.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def _run(*arguments: str) -> None:
    assert main(["strategies", *arguments]) == 0


def test_it_lists_every_strategy_within_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    _run()
    out = capsys.readouterr().out
    for words in ("momentum: buys a rise", "lookback_period", "2..10000", "warm-up 98 bars, window 600 bars of 1m"):
        assert words in out
    assert max(map(len, out.splitlines())) <= 80


def test_json_holds_parameters_with_type_default_bounds_and_meaning(capsys: pytest.CaptureFixture[str]) -> None:
    _run("rsi", "--json")
    (rsi,) = json.loads(capsys.readouterr().out)["strategies"]
    assert (rsi["name"], rsi["warmup_bars"], rsi["window_bars"]) == ("rsi", 98, 600)
    assert rsi["parameters"][0] == {
        "name": "period",
        "type": "integer",
        "default": 14,
        "required": False,
        "allowed": "2..10000",
        "meaning": "bars of Wilder's average",
    }


def test_bars_are_counted_in_the_timeframe_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    _run("vwap", "--timeframe", "1h", "--json")
    (vwap,) = json.loads(capsys.readouterr().out)["strategies"]
    assert (vwap["warmup_bars"], vwap["window_bars"]) == (23, 24)
    assert {p["name"]: p["allowed"] for p in vwap["parameters"]} == {
        "anchor": "session | rolling:48",
        "deviation": "0..<1",
    }


def test_a_users_file_with_a_required_key_is_listed_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "breakout.py"
    path.write_text(PLUGIN.replace("Field(20, ", "Field("))
    path.chmod(0o600)
    _run(f"{path}:Breakout")
    out = capsys.readouterr().out
    assert "required" in out
    assert "warm-up" not in out


def test_an_unknown_name_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strategies", "vwab"]) == 2
    assert capsys.readouterr().err == "error: no strategy 'vwab', did you mean 'vwap'?\n"
