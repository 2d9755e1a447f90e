"""`trader watch` draws another process's trader, never takes a dead one for a living one, and leaves the terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from tests.cli import scenes
from tests.cli.program import trader
from tests.cli.test_dashboard import END_OF_FRAME, FRAME, Terminal, driven, rows_of
from tests.journal.homes import NAME, changed, trading
from trader_cli import settings
from trader_cli.engine.snapshot import Driver

if TYPE_CHECKING:
    from pathlib import Path

    type Capture = pytest.CaptureFixture[str]

COMMAND = "import sys; from trader_cli.cli.main import main; sys.exit(main(['watch', *{}]))"


def shown(screen: Terminal, pattern: str, seconds: float = 60) -> str:
    """The first picture that holds a pattern, as bare text."""
    deadline, frame = monotonic() + seconds, ""
    while monotonic() < deadline:
        said = screen.read_until(END_OF_FRAME)
        frame = "\n".join(rows_of(said[said.rindex(FRAME) :])) if FRAME in said else said
        if re.search(pattern, frame):
            return frame
    raise AssertionError(f"{pattern} is never shown; the last was\n{frame}")


def test_f096_the_life_of_a_trader_as_another_terminal_sees_it(root: Path) -> None:
    home = str(settings.home())
    with driven(root, 80, 24, driver=COMMAND.format([NAME]), TRADER_HOME=home) as screen:
        assert "has not traded yet" in shown(screen, "trader watch")
        with trading(settings.home()) as process:
            frame = shown(screen, r"running +2018-")
            assert f"{NAME}  from a replay " in frame
            assert re.search(rf"process {process.pid}, heartbeat \ds ago +cycle \d+", frame)
            assert re.search(r"Equity .*\n +\d", frame)
            first, second = (int(re.search(r"cycle (\d+)", shown(screen, "running"))[1]) for _ in range(2))  # type: ignore[index]
            assert first < second
            process.kill()
            process.wait()
            assert "the process was killed" in shown(screen, "CUT OFF")
        screen.process.send_signal(signal.SIGINT)
        last = screen.rest()
        assert screen.process.wait(timeout=60) == 130
    assert last.index("\x1b[?7h") < last.index("\x1b[?25h") < last.index("\x1b[?1049l")
    assert "Traceback" not in last


def test_f085_a_terminal_that_is_closed_ends_it_as_hung_up(root: Path, journal: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", COMMAND.format([NAME])]
    world = {**os.environ, "TERM": "xterm-256color"}

    def take_the_terminal() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        command,
        cwd=root,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=world,
        start_new_session=True,
        preexec_fn=take_the_terminal,  # noqa: PLW1509 - no thread of this process holds anything it needs
    )
    os.close(theirs)
    said = b""
    while END_OF_FRAME.encode() not in said:
        said += os.read(ours, 65536)
    os.close(ours)
    assert process.wait(timeout=60) == 129


def test_several_are_drawn_in_a_cockpit(root: Path, journal: Path) -> None:
    changed(
        journal,
        "INSERT INTO books SELECT NULL, 'other', mode, account, configuration, source FROM books WHERE id = 1",
    )
    with driven(root, 80, 24, driver=COMMAND.format([]), TRADER_HOME=str(settings.home())) as screen:
        frame = shown(screen, "trader watch")
        assert re.search(rf"Variants 2 .*{NAME} +stopped +long BTC/USD .*other +stopped", frame, re.DOTALL)
        screen.process.send_signal(signal.SIGTERM)
        assert screen.rest()
        assert screen.process.wait(timeout=60) == 143


@pytest.mark.parametrize("names", [(), (NAME,)])
def test_without_a_terminal_it_says_where_scripts_ask(names: tuple[str, ...], journal: Path, capsys: Capture) -> None:
    outcome = trader(capsys, "watch", *names)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert "`trader status` tells scripts" in outcome.err


def test_who_is_no_variant_is_not_waited_for(root: Path, journal: Path) -> None:
    with driven(root, 80, 24, driver=COMMAND.format(["demo_btc_rso"]), TRADER_HOME=str(settings.home())) as screen:
        said = screen.rest()
        assert screen.process.wait(timeout=60) == 2
    assert "'demo_btc_rso' has never traded, did you mean 'demo_btc_rsi'?" in said
    assert "\x1b[?1049h" not in said


@pytest.mark.parametrize(
    ("driver", "word", "line"),
    [
        (Driver("running", 7, 1.0, None), "running", None),
        (Driver("starting", None, None, None), "STARTING", None),
        (Driver("silent", 7, 90.0, None), "SILENT", "process 7 lives, and was last heard of 1m ago"),
        (Driver("stopped", 7, 7300.0, "finished"), "STOPPED", "the session ended 2h 01m ago (finished)"),
        (Driver("stopped", None, None, None), "STOPPED", "nobody trades this yet"),
        (Driver("cut_off", 7, 1e12, None), "CUT OFF", "the process was killed"),
    ],
)
def test_the_header_says_whether_anybody_trades(driver: Driver, word: str, line: str | None) -> None:
    for scene in (scenes.full(), scenes.halted()):
        text = scenes.drawn(replace(scene, driver=driver), 80, 24)
        expected = "HALTED" if word == "running" and scene.halts else word
        assert re.search(rf" {expected} +2024-01-05 14:35:00 UTC\n", text)
        assert line is None or re.search(rf"^  {word}  {re.escape(line)}", text, re.MULTILINE)
