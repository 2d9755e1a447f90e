"""Journals made by the program itself."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager, redirect_stdout
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from trader_cli.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
NAME = "demo_btc_rsi"
TO = "2018-07-15T09:00"
"""The end of the stretch: by then the demo has traded thrice, and is about to leave what it holds."""
REPLAY = ["paper", NAME, "--replay", str(ROOT / "samples"), "--json"]


def program(*arguments: object) -> tuple[int, str]:
    """Runs `trader` in this process; its exit code and stdout."""
    said = io.StringIO()
    with redirect_stdout(said):
        code = main(["--variants-dir", str(ROOT / "variants"), *map(str, arguments)])
    return int(code), said.getvalue()


def replayed(*arguments: object) -> list[dict[str, Any]]:
    """Replays the demo into the journal of `TRADER_HOME`; the events."""
    code, said = program(*REPLAY, *(arguments or ("--to", TO)))
    assert code == 0
    return [json.loads(line) for line in said.splitlines()]


def changed(path: Path, *statements: str, **values: str | int) -> None:
    """Does to a journal what only damage or another program would, and leaves one file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement, values)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def asked(path: Path, query: str) -> list[tuple[Any, ...]]:
    """Rows of a journal."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


@contextmanager
def trading(home: Path, speed: float = 36_000) -> Iterator[subprocess.Popen[bytes]]:
    """A trader at work in another process, once it has kept some cycles; killed in the end."""
    environment = {**os.environ, "TRADER_HOME": str(home)}
    command = [str(Path(sys.executable).with_name("trader")), *REPLAY, "--speed", str(speed)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            deadline = monotonic() + 60
            while _cycles(home / "journal.db") < 5:
                assert process.poll() is None
                assert monotonic() < deadline, "the trader does not trade"
                sleep(0.05)
            yield process
        finally:
            process.kill()


def _cycles(path: Path) -> int:
    try:
        return len(asked(path, "SELECT 1 FROM cycles")) if path.exists() else 0
    except sqlite3.Error:
        return 0
