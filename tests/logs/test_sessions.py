"""A session is logged: who, what, how it ended; and what people see of it."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.program import trader
from tests.journal.homes import NAME, REPLAY, TO, program, trading
from tests.logs.canaries import PROGRAM, ROOT
from trader_cli import __version__, settings

if TYPE_CHECKING:
    from pathlib import Path

FILE = "demo_btc_rsi-paper-replay.log"


def logged(home: Path | None = None) -> list[dict[str, Any]]:
    """The entries of the demo's log."""
    folder = settings.logs_dir() if home is None else home / "logs"
    return [json.loads(line) for line in (folder / FILE).read_text().splitlines()]


def test_a_session_is_logged_from_its_start_to_its_end() -> None:
    assert program(*REPLAY, "--to", TO)[0] == 0
    found = logged()
    first, last = found[0], found[-1]
    assert first["event"] == "session_started"
    assert first["variant"] == NAME
    assert first["details"] | {"source": ""} == {
        "version": __version__,
        "pid": os.getpid(),
        "cell": ["kraken", "rsi", "paper", "crypto"],
        "symbols": ["BTC/USD"],
        "timeframe": "1h",
        "source": "",
    }
    assert (last["event"], last["level"], last["message"]) == ("session_ended", "info", "finished")
    kinds = {entry["event"] for entry in found}
    assert {"signal", "order", "fill", "position_opened", "position_closed", "end"} <= kinds
    assert "cycle" not in kinds
    assert {entry["book"] for entry in found} == {"demo_btc_rsi|paper|replay"}
    end = next(entry for entry in found if entry["event"] == "end")
    assert end["details"]["trades"] == 3
    assert end["at"] == f"{TO}:00Z"


def test_every_event_of_a_session_but_cycles_is_in_its_log() -> None:
    code, said = program(*REPLAY, "--to", TO)
    told = [event["event"] for line in said.splitlines() if (event := json.loads(line))["event"] != "cycle"]
    assert code == 0
    assert [entry["event"] for entry in logged()[1:-1] if "repeated" not in entry] == told


def test_cycles_are_logged_with_verbose() -> None:
    assert program("--verbose", *REPLAY, "--cycles", 3)[0] == 0
    cycles = [entry for entry in logged() if entry["event"] == "cycle"]
    assert [entry["level"] for entry in cycles] == ["debug"] * 3


def test_without_a_terminal_stderr_stays_as_quiet_as_it_was(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    outcome = trader(capsys, *REPLAY, "--to", TO)
    assert (outcome.code, outcome.err) == (0, "")


def test_verbose_tells_people_time_level_and_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    said = trader(capsys, "--verbose", *REPLAY, "--cycles", 2).err.splitlines()
    assert len(said) == 5
    assert all(line[:2] == "20" and line.split()[1] in {"info", "debug"} for line in said)
    assert said[-1].endswith("info     session_ended: finished")


def test_f085_how_a_session_was_stopped_is_logged(tmp_path: Path) -> None:
    with trading(tmp_path) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 143
    last = logged(tmp_path)[-1]
    assert (last["event"], last["message"]) == ("session_ended", "stopped, exit code 143")


@pytest.mark.parametrize("place", ["full", "no folder"])
def test_f088_a_session_trades_on_where_its_log_cannot_be_written(
    place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    folder = settings.logs_dir()
    if place == "full":
        folder.mkdir()
        (folder / FILE).symlink_to("/dev/full")
    else:
        folder.write_text("a file")
    outcome = trader(capsys, *REPLAY, "--to", TO)
    assert outcome.code == 0
    assert json.loads(outcome.out.splitlines()[-1])["cycles"] == 345
    assert outcome.err.count("\n") == 1
    assert outcome.err.startswith(f"warning: the log cannot be written: {folder / FILE}: ")


def test_on_a_terminal_warnings_are_seen_even_where_the_session_is_told_elsewhere(tmp_path: Path) -> None:
    """Stdout goes to a file, stderr is the terminal: a halt shows there with its time."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TRADER_HOME": str(tmp_path)}
    halted = [PROGRAM, "halt", NAME]
    subprocess.run(halted, cwd=ROOT, env=environment, capture_output=True, timeout=60, check=True)
    command = [PROGRAM, *REPLAY, "--cycles", "2"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs
    ) as process:
        assert process.wait(timeout=60) == 3
    os.close(theirs)
    said = _read(ours)
    os.close(ours)
    assert "warning  halt: kill_switch: exits only" in said
    assert said.count("kill_switch") == 1


def _read(descriptor: int) -> str:
    said, deadline = b"", monotonic() + 10
    while monotonic() < deadline:
        try:
            part = os.read(descriptor, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        said += part
        sleep(0.01)
    return said.decode()


@pytest.mark.parametrize("arguments", [["list-variants"], ["check", NAME], ["show", NAME]])
def test_no_log_is_loaded_or_made_where_nothing_trades(arguments: list[str], root: Path) -> None:
    script = (
        "import sys\nfrom trader_cli.cli.main import main\nmain(sys.argv[1:])\n"
        "print('trader_cli.logs' in sys.modules, file=sys.stderr)"
    )
    python = str(PROGRAM).removesuffix("trader") + "python"
    ran = subprocess.run([python, "-c", script, *arguments], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stderr == "False\n"
    assert not settings.logs_dir().exists()
