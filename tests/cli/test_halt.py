"""The kill switch (law S10): new exposure stops within a second, over restarts, engine dead or database broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.program import trader
from trader_cli import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    type Capture = pytest.CaptureFixture[str]

REPLAY = "paper", "demo_btc_rsi", "--replay", "samples", "--json"
FROM_A_POSITION = "--from", "2018-11-14", "--to", "2018-12-01"


@pytest.fixture(autouse=True)
def _at_the_top(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)


def told(capsys: Capture, *more: str) -> tuple[int, list[dict[str, Any]]]:
    outcome = trader(capsys, *REPLAY, *more)
    return outcome.code, [json.loads(line) for line in outcome.out.splitlines()]


def kinds(events: list[dict[str, Any]]) -> set[str]:
    return {event["event"] for event in events}


@pytest.mark.parametrize("named", [["demo_btc_rsi"], ["--all"], ["variants/demo_btc_rsi.toml"]])
def test_s10_while_halted_nothing_is_entered_and_the_exit_code_says_so(named: list[str], capsys: Capture) -> None:
    assert trader(capsys, "halt", *named).code == 0
    code, events = told(capsys, *FROM_A_POSITION)
    assert code == 3
    assert not {"order", "fill", "position_opened"} & kinds(events)
    assert {event["code"] for event in events if event["event"] == "refusal"} == {"halted"}
    assert next(event for event in events if event["event"] == "halt")["reason"] == "kill_switch"
    assert trader(capsys, "resume", *named).code == 0
    code, events = told(capsys, *FROM_A_POSITION)
    assert code == 0
    assert "position_opened" in kinds(events)


def test_another_variants_switch_is_not_ones_own(capsys: Capture) -> None:
    trader(capsys, "halt", "demo_aapl_momentum")
    code, events = told(capsys, *FROM_A_POSITION)
    assert code == 0
    assert "position_opened" in kinds(events)


def test_a_switch_is_known_by_name_also_where_its_variant_is_broken_or_gone(tmp_path: Path, capsys: Capture) -> None:
    broken = tmp_path / "my_trader.toml"
    broken.write_text("nonsense", encoding="utf-8")
    assert trader(capsys, "halt", broken).out.startswith("my_trader: halted")
    unknown = trader(capsys, "halt", "demo_btc_rsy")
    assert unknown.code == 2
    assert "nothing here is called 'demo_btc_rsy'; its switch is thrown all the same" in unknown.errors[0]
    assert (settings.halts_dir() / "demo_btc_rsy.halt").exists()
    assert trader(capsys, "halt", "no name").code == 2


@pytest.mark.parametrize("arguments", [["halt"], ["resume"], ["halt", "demo_btc_rsi", "--all"]])
def test_it_wants_one_variant_or_all(arguments: list[str], capsys: Capture) -> None:
    outcome = trader(capsys, *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert "--all" in outcome.errors[0]


def test_resuming_one_says_that_all_are_halted_still(capsys: Capture) -> None:
    trader(capsys, "halt", "--all")
    outcome = trader(capsys, "resume", "demo_btc_rsi")
    assert "was not halted" in outcome.out
    assert "still halted: ALL" in outcome.err
    document = trader(capsys, "resume", "--all", "--json").document
    assert document == {"resumed": "all", "was_halted": True, "still_halted": []}


def test_a_halted_session_says_so_to_whoever_looks(tmp_path: Path, capsys: Capture) -> None:
    trader(capsys, "halt", "demo_btc_rsi")
    outcome = trader(capsys, *REPLAY, *FROM_A_POSITION, "--verify")
    assert outcome.code == 3
    assert "there is no backtest to compare this with" in outcome.err


def test_a_switch_that_cannot_be_read_halts(capsys: Capture) -> None:
    trader(capsys, "halt", "demo_btc_rsi")
    (settings.halts_dir() / "demo_btc_rsi.halt").write_bytes(b"\0\xff nonsense")
    assert told(capsys, *FROM_A_POSITION)[0] == 3


def test_flatten_is_never_loosened_by_a_second_halt(capsys: Capture) -> None:
    trader(capsys, "halt", "demo_btc_rsi", "--flatten")
    trader(capsys, "halt", "demo_btc_rsi")
    assert json.loads((settings.halts_dir() / "demo_btc_rsi.halt").read_text(encoding="utf-8"))["flatten"] is True


class Running:
    """A paced replay in a process of its own, read line by line."""

    def __init__(self, home: Path, *more: str) -> None:
        program = str(Path(sys.executable).with_name("trader"))
        self.process = subprocess.Popen(
            [program, *REPLAY, *more], stdout=subprocess.PIPE, text=True, env={**os.environ, "TRADER_HOME": str(home)}
        )

    def until(self, kind: str) -> dict[str, Any]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event: dict[str, Any] = json.loads(line)
            if event["event"] == kind:
                return event
        raise AssertionError(f"it ended without a {kind}")

    def stop(self) -> None:
        assert self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A replay, 20 bars a second, that has just opened a position."""
    monkeypatch.setenv("TRADER_HOME", str(tmp_path))
    running = Running(tmp_path, *FROM_A_POSITION, "--speed", "72000")
    try:
        running.until("position_opened")
        yield running
    finally:
        running.stop()


def test_s10_a_running_loop_is_flat_soon_after_halt_flatten(held: Running, capsys: Capture) -> None:
    trader(capsys, "halt", "demo_btc_rsi", "--flatten")
    begun = time.monotonic()
    assert held.until("halt")["reason"] == "kill_switch"
    assert time.monotonic() - begun < 1
    assert held.until("position_closed")["exit_reason"] == "halt"
    assert held.until("end")["metrics"]["trades"] >= 1
    assert held.process.wait() == 3


def test_s10_a_loop_that_waits_for_its_bar_hears_the_switch_within_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("TRADER_HOME", str(tmp_path))
    waiting = Running(tmp_path, *FROM_A_POSITION, "--speed", "60")
    try:
        waiting.until("cycle")
        trader(capsys, "halt", "--all")
        begun = time.monotonic()
        waiting.until("halt")
        assert time.monotonic() - begun < 1
    finally:
        waiting.stop()


def test_a_release_is_told_as_a_warning(held: Running, capsys: Capture) -> None:
    trader(capsys, "halt", "--all")
    held.until("halt")
    trader(capsys, "resume", "--all")
    assert held.until("warning")["message"] == "the kill switch was released"


def test_s10_the_switch_works_while_the_database_is_broken(tmp_path: Path, capsys: Capture) -> None:
    settings.home().mkdir(parents=True, exist_ok=True)
    settings.journal_path().write_bytes(b"not a database" * 100)
    assert trader(capsys, "halt", "--all").code == 0
    assert trader(capsys, "resume", "--all").code == 0
