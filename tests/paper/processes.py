"""The program in a process of its own, as cron or a supervisor starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.paper.conftest import Desk

PROGRAM = """
import sys
from trader_cli.cli.main import main
sys.exit(main(sys.argv[1:]))
"""

KILLER = """
import os, signal, sys
from contextlib import contextmanager
from sqlalchemy import Engine

left = int(os.environ["KILL_AT"])
begun = Engine.begin

@contextmanager
def counted(self):
    global left
    left -= 1
    with begun(self) as connection:
        yield connection
        if left == 0 and os.environ["KILL_WHEN"] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

Engine.begin = counted
from trader_cli.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
"""The program, which kills itself around its n-th transaction: all is written and not committed, or committed."""


def command(desk: Desk, *arguments: object, program: str = PROGRAM) -> list[str]:
    """What starts `trader ARGUMENTS`, or another program that ends up there."""
    return [sys.executable, "-c", program, "--variants-dir", str(desk.folder), *map(str, arguments)]


@contextmanager
def started(desk: Desk, *arguments: object, program: str = PROGRAM, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A process that runs by itself; killed in the end, if it still does."""
    with subprocess.Popen(
        command(desk, *arguments, program=program),
        env={**os.environ, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def killed(desk: Desk, at: int, when: str) -> bool:
    """One pass of `sandy`, killed before or after its n-th commit; False where it has not so many."""
    done = subprocess.run(
        command(desk, "paper", "sandy", "--once", "--json", program=KILLER),
        env={**os.environ, "KILL_AT": str(at), "KILL_WHEN": when},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in {-9, 0}, done.stderr
    return done.returncode == -9


def stream(process: subprocess.Popen[str]) -> IO[str]:
    """What a process says."""
    assert process.stdout is not None
    return process.stdout


def events_of(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """All that a session has yet to tell."""
    return [json.loads(line) for line in stream(process)]


def heard(process: subprocess.Popen[str], *kinds: str) -> dict[str, Any]:
    """The next event of one of these kinds that a session tells."""
    for line in stream(process):
        event: dict[str, Any] = json.loads(line)
        if event["event"] in kinds:
            return event
    raise AssertionError(f"the session is over, and has told of no {' or '.join(kinds)}")
