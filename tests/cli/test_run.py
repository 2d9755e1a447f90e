"""`trader run` and `trader paper` as scripts, pipes and people see them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.program import trader
from trader_cli import settings
from trader_cli.journal.drivers import BookName, driving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.cli.program import Outcome

    type Capture = pytest.CaptureFixture[str]

DEMO = "demo_btc_rsi", "--replay", "samples"
FRAMES = "1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h, 1d"
TRADE_KEYS = {
    "symbol", "side", "quantity", "entry_time", "entry_price", "exit_time", "exit_price", "exit_reason", "fees",
    "funding", "pnl", "return",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _at_the_top(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)


def lines(outcome: Outcome) -> list[dict[str, Any]]:
    return [json.loads(line) for line in outcome.out.splitlines()]


def of_kind(events: Sequence[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == kind]


def test_json_is_one_object_a_line_and_ends_with_what_the_backtest_says(capsys: Capture) -> None:
    replayed = trader(capsys, "paper", *DEMO, "--json")
    events = lines(replayed)
    judged = trader(capsys, "backtest", "demo_btc_rsi", "--data", "samples", "--json").document
    assert replayed.code == 0
    assert all({"event", "time", "variant"} <= set(event) for event in events)
    assert {event["variant"] for event in events} == {"demo_btc_rsi"}
    assert [event["event"] for event in events].count("end") == 1
    assert events[-1]["event"] == "end"
    assert events[-1]["cycles"] == judged["period"]["bars"] == len(of_kind(events, "cycle"))
    assert events[-1]["trades"] == judged["trades"]
    assert events[-1]["metrics"] == judged["metrics"]
    closed = of_kind(events, "position_closed")
    assert set(closed[0]) == TRADE_KEYS | {"event", "time", "variant"}
    assert [{key: event[key] for key in TRADE_KEYS} for event in closed] == judged["trades"]


def test_a_replay_tells_every_step_of_a_trade_in_its_order(capsys: Capture) -> None:
    events = lines(trader(capsys, "paper", *DEMO, "--json"))
    opened = next(i for i, event in enumerate(events) if event["event"] == "position_opened")
    before = [event["event"] for event in events[:opened] if event["event"] != "cycle"]
    assert before[-3:] == ["signal", "order", "fill"]
    assert set(before[:-3]) == {"signal"}, "what came before were wishes to sell what was not held"
    order = of_kind(events, "order")[0]
    assert (order["side"], order["purpose"], order["reason"]) == ("long", "entry", "signal")
    assert order["time"] == events[opened]["entry_time"], "ordered at the close at which the entry bar opened"
    assert events[opened]["stop"] < events[opened]["entry_price"] < events[opened]["target"]


def test_without_a_terminal_it_is_one_plain_line_an_event(capsys: Capture) -> None:
    plain = trader(capsys, "paper", *DEMO, "--cycles", "400")
    told = lines(trader(capsys, "paper", *DEMO, "--cycles", "400", "--json"))
    written = plain.out.splitlines()
    assert len(written) == len(told)
    assert all(line.isprintable() for line in written)
    assert all(event["event"] in line for event, line in zip(told, written, strict=True))
    assert written[-1].startswith(told[-1]["time"])


@pytest.mark.parametrize(
    ("options", "cycles"), [(["--once"], 1), (["--cycles", "7"], 7), (["--cycles", "99999"], 5832)]
)
def test_it_ends_after_so_many_cycles_or_with_the_data(options: list[str], cycles: int, capsys: Capture) -> None:
    events = lines(trader(capsys, "run", *DEMO, *options, "--json"))
    assert events[-1]["cycles"] == cycles == len(of_kind(events, "cycle"))


def test_from_and_to_bound_what_is_traded_and_earlier_bars_warm_up(capsys: Capture) -> None:
    span = "--from", "2018-09-01", "--to", "2018-10-01"
    events = lines(trader(capsys, "paper", *DEMO, *span, "--json"))
    bars = [event["bar"] for event in of_kind(events, "cycle")]
    judged = trader(capsys, "backtest", "demo_btc_rsi", "--data", "samples", *span, "--json").document
    assert (bars[0], bars[-1]) == (judged["period"]["start"], judged["period"]["end"])
    assert events[-1]["trades"] == judged["trades"] != []


@pytest.mark.parametrize("mode", ["backtest", "paper", "live"])
def test_a_replay_is_simulated_whatever_the_mode(mode: str, capsys: Capture) -> None:
    replayed = trader(capsys, "run", *DEMO, "--mode", mode, "--cycles", "500", "--json")
    as_paper = trader(capsys, "paper", *DEMO, "--cycles", "500", "--json")
    assert (replayed.code, replayed.out) == (0, as_paper.out)


def test_the_flags_alone_make_a_trader(capsys: Capture) -> None:
    cell = "--broker", "kraken", "--strategy", "rsi", "--symbol", "BTC/USD", "--set", "session.timeframe=1h"
    outcome = trader(capsys, "run", *cell, "--mode", "paper", "--replay", "samples", "--cycles", "300", "--json")
    assert outcome.code == 0
    assert lines(outcome)[-1]["variant"] == "variant"


def test_verify_says_that_the_backtest_makes_the_same_trades(capsys: Capture) -> None:
    outcome = trader(capsys, "paper", *DEMO, "--from", "2018-12-01", "--verify")
    count = json.loads(trader(capsys, "paper", *DEMO, "--from", "2018-12-01", "--json").out.splitlines()[-1])
    assert outcome.out.splitlines()[-1] == f"backtest and replay: both made the same {len(count['trades'])} trades"
    in_json = trader(capsys, "paper", *DEMO, "--cycles", "900", "--json", "--verify")
    assert all(json.loads(line) for line in in_json.out.splitlines())
    assert "both made the same" in in_json.err


def test_run_in_mode_backtest_is_the_backtest_and_wants_its_data(capsys: Capture) -> None:
    asked = "demo_btc_rsi", "--mode", "backtest"
    ran = trader(capsys, "run", *asked, "--data", "samples", "--json")
    assert ran.document == trader(capsys, "backtest", *asked, "--data", "samples", "--json").document
    without = trader(capsys, "run", *asked)
    assert without.code == 2
    assert "--data" in without.errors[0]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "demo_btc_rsi", "--mode", "live"], "--replay"),
        (["paper", *DEMO, "--mode", "live"], "mode paper"),
        (["paper", *DEMO, "--once", "--cycles", "2"], "--once"),
        (["paper", *DEMO, "--data", "samples"], "--replay"),
        (["paper", *DEMO, "--cycles", "0"], "--cycles"),
        (["paper", *DEMO, "--speed", "0"], "--speed"),
        (["paper", *DEMO, "--from", "2030-01-01"], "--from"),
        (["paper", *DEMO, "--from", "soon"], "--from"),
        (["paper", *DEMO, "--detail", "1m"], "1m"),
        (["paper", *DEMO, "--detail", "4h"], "finer"),
        (["paper", *DEMO, "--detail", "7m"], f"--detail: must be one of {FRAMES}, is '7m', did you mean '5m'?"),
        (
            ["paper", *DEMO, "--set", "session.timeframe=7m"],
            f"--set: session.timeframe: must be one of {FRAMES}, is '7m', did you mean '5m'?",
        ),
        (["strategies", "--timeframe", "60m"], f"--timeframe: must be one of {FRAMES}, is '60m', did you mean '1h'?"),
        (
            ["data", "import", "a.csv", "--timeframe", "day"],
            f"--timeframe: must be one of {FRAMES}, is 'day'",
        ),
        (["paper", "demo_btc_rsi", "--replay", "nowhere"], "nowhere"),
        (["paper"], "VARIANT"),
        (["paper", "demo_btc_rsy", "--replay", "samples"], "demo_btc_rsi"),
    ],
)
def test_what_cannot_be_run_is_one_line_and_exit_2(arguments: list[str], told: str, capsys: Capture) -> None:
    outcome = trader(capsys, *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert told in " ".join(outcome.errors)
    assert "Traceback" not in outcome.err


def test_speed_paces_the_replay_by_the_markets_own_time(capsys: Capture) -> None:
    begun = time.monotonic()
    trader(capsys, "paper", *DEMO, "--from", "2018-09-01", "--cycles", "6", "--speed", "36000", "--json")
    assert time.monotonic() - begun >= 0.5, "six hourly bars, five steps of a tenth of a second"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["INT", "TERM", "HUP"]
)
def test_a_signal_ends_a_running_replay_cleanly_with_its_own_code(number: signal.Signals, code: int) -> None:
    command = [str(Path(sys.executable).with_name("trader")), "paper", *DEMO, "--speed", "36000", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        told = [json.loads(process.stdout.readline())]
        process.send_signal(number)
        told += [json.loads(line) for line in process.stdout]
        assert process.wait(timeout=8) == code
        assert told[-1]["event"] == "end"
        assert told[-1]["cycles"] == len(of_kind(told, "cycle"))
        assert process.stderr.read() == ""


def test_a_reader_that_leaves_ends_it_quietly() -> None:
    program = Path(sys.executable).with_name("trader")
    done = subprocess.run(
        ["sh", "-c", f"{program} paper {' '.join(DEMO)} | head -n 3"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.count("\n") == 3
    assert done.stderr == ""


def test_s9_a_second_process_on_an_account_leaves_at_once_with_6(capsys: Capture) -> None:
    with driving(settings.locks_dir(), BookName("demo_btc_rsi", "paper", "replay")):
        outcome = trader(capsys, "paper", *DEMO, "--json")
    assert (outcome.code, outcome.out) == (6, "")
    assert json.loads(outcome.err)["error"]["code"] == "locked"
    assert not settings.journal_path().exists(), "it has touched nothing"
