"""A canary is planted, real commands run, and every byte they wrote is searched for it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.logs.canaries import ROOT, SECRET, leaky_variant, ran
from trader_cli.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

REPLAY = ("paper", "leaky", "--replay", ROOT / "samples", "--to", "2018-07-01T12:00")


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the leaky variant has traded."""
    folder = tmp_path_factory.mktemp("traded")
    assert ran(folder, *REPLAY).code == 0
    return folder


def test_f113_a_session_tells_no_secret_by_any_way(tmp_path: Path) -> None:
    traces = ran(tmp_path, "--verbose", *REPLAY, LEAK="log")
    assert traces.code == 0
    assert traces.leaks() == []
    assert {"session_started", "signal", "library"} <= {json.loads(line)["event"] for line in traces.log.splitlines()}
    assert "***" in traces.out
    assert "***" in traces.err
    assert "KeyError: '***" in traces.log


def test_f113_libraries_are_heard_from_warnings_upwards_whatever_verbose_says(tmp_path: Path) -> None:
    traces = ran(tmp_path, "--verbose", *REPLAY, LEAK="log")
    entries = [json.loads(line) for line in traces.log.splitlines()]
    levels = {(entry["logger"], entry["level"]) for entry in entries if entry["event"] == "library"}
    assert {level for _, level in levels} == {"error", "warning"}
    assert {name for name, _ in levels} == {"ccxt.base.exchange", "urllib3", "mine", "py.warnings"}


@pytest.mark.parametrize("before", [(), ("--verbose",), ("--quiet",)])
def test_f114_a_crash_shows_where_and_never_a_secret_or_a_variable(tmp_path: Path, before: tuple[str, ...]) -> None:
    traces = ran(tmp_path, *before, *REPLAY, LEAK="crash")
    assert traces.code == 1
    assert traces.leaks() == []
    assert ("Traceback" in traces.err) == (before == ("--verbose",))
    end = json.loads(traces.log.splitlines()[-1])
    assert (end["event"], end["level"]) == ("session_ended", "error")
    assert end["message"].startswith("RuntimeError: GET https://venue/order?signature=***")
    assert "KeyError" in end["exception"]
    assert "leaky.py" in end["exception"]
    assert "bars =" not in end["exception"]


def test_f114_what_breaks_in_a_thread_is_told_without_secrets(tmp_path: Path) -> None:
    traces = ran(tmp_path, *REPLAY, LEAK="thread")
    assert (traces.code, traces.leaks()) == (0, [])
    assert "KeyError: '***" in traces.err


def test_f116_the_journal_keeps_reasons_without_secrets(tmp_path: Path) -> None:
    traces = ran(tmp_path, *REPLAY, "--json")
    assert (traces.code, traces.leaks()) == (0, [])
    with closing(sqlite3.connect(tmp_path / "home" / "journal.db")) as journal:
        reasons, values = zip(*journal.execute("SELECT reason, indicators FROM decisions"), strict=True)
    assert {reason for reason in reasons if "*" in reason} == {'*** *** *** *** "***"'}
    assert '{"***"' in " ".join(values)


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("command", ["why", "orders", "trades", "status", "positions"])
def test_f116_what_is_asked_afterwards_tells_none_either(traded: Path, command: str, as_json: bool) -> None:
    traces = ran(traded, command, "leaky", *(["--json"] if as_json else []))
    assert (traces.code, traces.leaks()) == (0, [])
    assert not as_json or json.loads(traces.out)


def test_f116_json_stays_json_when_something_is_struck_out_of_it(tmp_path: Path) -> None:
    traces = ran(tmp_path, *REPLAY, "--json")
    events = [json.loads(line) for line in traces.out.splitlines()]
    assert {event["reason"] for event in events if event["event"] == "signal"} == {'*** *** *** *** "***"'}
    assert traces.leaks() == []


def test_f116_a_value_that_stands_in_the_wrong_place_is_not_repeated(tmp_path: Path) -> None:
    long_secret = "k" * 40 + "9" * 40
    traces = ran(tmp_path, "check", "leaky", CANARY_KEY=long_secret, TRADER_RISK_SETTINGS__STOP_LOSS=f"'{long_secret}'")
    assert traces.code == 2
    assert "kkkkkkkk" not in traces.out + traces.err
    assert "99999999" not in traces.out + traces.err


def test_f113_a_canary_stays_in_its_cage_within_one_process_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CANARY_KEY", SECRET)
    leaky_variant(tmp_path)
    for arguments in (["show", "leaky"], ["list-variants"], ["--verbose", *map(str, REPLAY)], ["why", "leaky"]):
        assert main(["--variants-dir", str(tmp_path), *arguments]) == 0
        streams = capsys.readouterr()
        assert SECRET not in streams.out + streams.err
        assert SECRET.encode().hex() not in streams.out + streams.err


def test_f115_no_option_takes_a_secret_and_a_literal_one_is_refused_unrepeated(tmp_path: Path) -> None:
    traces = ran(tmp_path, "check", "leaky", TRADER_BROKER_CONFIG__CREDENTIALS__API_KEY=SECRET)
    assert (traces.code, traces.leaks()) == (2, [])
    listed = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert not [word for word in ("--key", "--secret", "--api-key", "--password", "--token") if word in listed]
