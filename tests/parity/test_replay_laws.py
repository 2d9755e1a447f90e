"""What a replay shares with a backtest as a program: no socket (S7), and the same bytes each time (D1)."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_socket import SocketBlockedError

from tests.cli.program import trader

RUNS = {
    "rsi": ("demo_btc_rsi", "--from", "2018-11-10", "--to", "2018-11-24"),
    "stocks": ("demo_aapl_momentum", "--from", "2008-08-01", "--to", "2008-12-01"),
}


def replay(root: Path, run: str) -> list[str]:
    name, *span = RUNS[run]
    return ["paper", str(root / "variants" / f"{name}.toml"), "--replay", str(root / "samples"), *span, "--json"]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every socket that can leave the machine and every name looked up; an event loop's own pair cannot leave."""
    found: list[object] = []

    class Watched(socket.socket):
        def __new__(cls, family: int = -1, *arguments: Any, **options: Any) -> Watched:
            if family != socket.AF_UNIX:
                found.append((family, *arguments))
            blocked: Watched = super().__new__(cls, family, *arguments, **options)  # type: ignore[call-arg]
            return blocked

    monkeypatch.setattr(socket, "socket", Watched)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *name, **_: found.append(name))
    return found


@pytest.mark.parametrize("run", RUNS)
def test_s7_a_replay_opens_no_socket(
    run: str, root: Path, opened: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    told = trader(capsys, *replay(root, run))
    assert told.code == 0
    assert '"event": "fill"' in told.out
    assert opened == []


def test_the_watch_on_sockets_sees_one(opened: list[object]) -> None:
    with pytest.raises((SocketBlockedError, UserWarning)):
        socket.socket()
    assert len(opened) == 1


@pytest.mark.parametrize("run", RUNS)
def test_d1_the_same_replay_gives_the_same_bytes(run: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (trader(capsys, *replay(root, run)) for _ in range(2))
    assert first == second
    assert json.loads(first.out.splitlines()[-1])["event"] == "end"


def test_d1_a_replay_gives_the_same_bytes_in_another_process_with_other_hashes(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(hash_seed: str) -> str:
        program = str(Path(sys.executable).with_name("trader"))
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo" if hash_seed == "1" else "UTC"}
        call = [program, *replay(root, "rsi")]
        done = subprocess.run(call, env=environment, capture_output=True, text=True, check=True, timeout=120)
        return done.stdout

    here = trader(capsys, *replay(root, "rsi")).out
    assert here == said("1") == said("2")
