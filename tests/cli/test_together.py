"""Several variants replayed in one process: by one time, each as if it were alone, under limits over all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.program import trader

if TYPE_CHECKING:
    from collections.abc import Mapping

type Capture = pytest.CaptureFixture[str]

ROOT = Path(__file__).resolve().parent.parent.parent
SPAN = ["--from", "2018-11-01", "--to", "2018-12-01"]
SAME = """
trader_name = "{name}"
[variants]
broker = "kraken"
strategy = "rsi"
mode = "paper"
[trading_symbols]
crypto = ["BTC/USD"]
[session]
timeframe = "{timeframe}"
"""


@pytest.fixture
def names(tmp_path: Path) -> list[str]:
    """Two variants that differ in the length of their bars, and one like the first."""
    made = {"hourly": "1h", "slower": "4h", "again": "1h"}
    for name, timeframe in made.items():
        (tmp_path / f"{name}.toml").write_text(SAME.format(name=name, timeframe=timeframe))
    return [str(tmp_path / f"{name}.toml") for name in made]


def told(capsys: Capture, *arguments: object) -> list[dict[str, Any]]:
    """The events of a replay."""
    outcome = trader(capsys, "paper", *arguments, "--replay", "samples", *SPAN, "--json")
    assert outcome.code == 0, outcome.err
    return [json.loads(line) for line in outcome.out.splitlines()]


def of(events: list[dict[str, Any]], name: str) -> list[Mapping[str, Any]]:
    return [event for event in events if event["variant"] == name]


def test_they_go_by_one_time_and_each_tells_what_it_tells_alone(capsys: Capture, names: list[str]) -> None:
    together = told(capsys, *names)
    times = [event["time"] for event in together if event["event"] == "cycle"]
    assert times == sorted(times)
    assert len(times) == 720 + 180 + 720
    for path in names:
        alone = told(capsys, path)
        assert of(together, Path(path).stem) == alone
        assert alone[-1]["trades"]


def test_at_one_moment_they_decide_in_the_order_in_which_they_are_named(capsys: Capture, names: list[str]) -> None:
    together = told(capsys, names[0], names[2], "--max-positions", 1)
    refused = [event for event in together if event.get("code") == "governor_positions"]
    assert refused
    assert {event["variant"] for event in refused} == {"again"}
    other_way = told(capsys, names[2], names[0], "--max-positions", 1)
    assert {event["variant"] for event in other_way if event.get("code") == "governor_positions"} == {"hourly"}


def test_verify_compares_each_with_its_backtest_but_for_what_a_governor_stopped(
    capsys: Capture, names: list[str]
) -> None:
    said = trader(capsys, "paper", *names, "--replay", "samples", *SPAN, "--verify").out
    assert said.count("backtest and replay: both made the same") == 3
    governed = trader(capsys, "paper", *names, "--replay", "samples", *SPAN, "--verify", "--max-exposure", 1)
    assert governed.err.count("no backtest to compare this with") == 3


def test_f095_one_whose_data_is_missing_leaves_the_others_alone(capsys: Capture, names: list[str]) -> None:
    outcome = trader(capsys, "paper", names[0], "okx_crypto_demo", "--replay", "samples", *SPAN, "--json")
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    events = [json.loads(line) for line in outcome.out.splitlines()]
    assert {event["variant"] for event in events} == {"hourly"}
    assert events[-1]["cycles"] == 720


def test_a_stopped_replay_goes_on_where_it_was_and_begins_anew_when_told(tmp_path: Path, names: list[str]) -> None:
    program = str(Path(sys.executable).with_name("trader"))
    command = [program, "paper", *names[:2], "--replay", "samples", *SPAN, "--json"]
    world = {**os.environ, "TRADER_HOME": str(tmp_path / "home")}
    with subprocess.Popen(
        [*command, "--speed", "36000"], cwd=ROOT, env=world, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        seen = 0
        while seen < 40:
            seen += '"cycle"' in running.stdout.readline()
        running.send_signal(signal.SIGTERM)
        running.stdout.read()
        assert running.wait(timeout=8) == 143
    again = subprocess.run(command, cwd=ROOT, env=world, capture_output=True, text=True, check=True)
    assert again.stderr.count("goes on after 2018-11-") == 2
    fresh = subprocess.run([*command, "--anew"], cwd=ROOT, env=world, capture_output=True, text=True, check=True)
    assert fresh.stderr == ""
    ends = [[line for line in run.stdout.splitlines() if '"end"' in line] for run in (again, fresh)]
    assert sorted(ends[0]) == sorted(ends[1])
    assert 40 < len(again.stdout.splitlines()) < len(fresh.stdout.splitlines())


@pytest.mark.parametrize(
    ("limits", "code", "said"),
    [("ulimit -Sn 64", 0, ""), ("ulimit -n 64", 2, "hold 75 files open, and the system allows 64")],
)
def test_many_hold_more_files_open_than_a_shell_allows_where_the_system_lets_them(
    limits: str, code: int, said: str, tmp_path: Path
) -> None:
    paths = [tmp_path / f"many-{number}.toml" for number in range(25)]
    for path in paths:
        path.write_text(SAME.format(name=path.stem, timeframe="1h"))
    program = str(Path(sys.executable).with_name("trader"))
    command = [program, "paper", *map(str, paths), "--replay", "samples", *SPAN, "--cycles", "1", "--json"]
    run = subprocess.run(
        ["sh", "-c", f'{limits}; exec "$0" "$@"', *command],
        cwd=ROOT,
        env={**os.environ, "TRADER_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, said in run.stderr) == (code, True), run.stderr
    assert run.stdout.count('"event": "end"') == (len(paths) if code == 0 else 0)
