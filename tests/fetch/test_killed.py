"""Fault 82 while history is fetched: killed at any moment, it goes on and ends with the same file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest

from tests.fetch.conftest import LISTED
from tests.sandbox.server import HOUR

if TYPE_CHECKING:
    from tests.fetch.conftest import Shop
    from tests.sandbox.server import Rows

KILLER = """
import os, signal, sys
from pathlib import Path
from trader_cli.app import series
from trader_cli.cli.main import main

series.SAVE_SECONDS, series.CHUNK_PAGES = 0.0, 2
left, moved = int(os.environ["KILL_AT"]), Path.replace

def counted(self, target):
    global left
    left -= self.suffix == ".part"
    if left == 0 and os.environ["KILL_WHEN"] == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    done = moved(self, target)
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return done

Path.replace = counted
sys.exit(main(sys.argv[1:]))
"""
"""The program, which kills itself before or after it puts its n-th file in its place; it does so after each page."""


def program(shop: Shop, **environment: str) -> subprocess.Popen[str]:
    """The program on its way, in a process of its own."""
    command = [sys.executable, "-c", KILLER, *shop.arguments("--symbol", "BTC/USDT", "--from", LISTED, "--json")]
    return subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("begun", [None, "2024-03-25"], ids=["a new file", "before a file"])
def test_f082_killed_while_it_fetches_it_goes_on_and_ends_with_the_same_bytes(shop: Shop, begun: str | None) -> None:
    assert shop.fetch("--from", LISTED).code == 0
    undisturbed = shop.file.read_bytes()
    shop.file.unlink()
    if begun is not None:
        assert shop.fetch("--from", begun).code == 0
    for at, when in ((1, "before"), (2, "after")):
        with program(shop, KILL_AT=str(at), KILL_WHEN=when) as process:
            assert process.wait(60) == -signal.SIGKILL, process.communicate()[1]
        if shop.file.exists():
            times = [row[0] for row in shop.kept()]
            assert times == list(range(int(times[0]), int(times[-1]) + 1, HOUR))
    assert shop.fetch("--from", LISTED).code == 0
    assert shop.file.read_bytes() == undisturbed
    assert [path.name for path in shop.file.parent.iterdir()] == [shop.file.name]


def test_f084_stopped_by_a_signal_it_keeps_all_pages_it_has(shop: Shop) -> None:
    def slow(told: Rows) -> Rows:
        shop.venue.over.wait(0.2)
        return told

    shop.venue.mischief = [slow] * 50
    with program(shop, KILL_AT="-1", KILL_WHEN="never") as process:
        began = monotonic()
        while len(shop.venue.pages) < 4 and monotonic() - began < 30:
            sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "")
    kept = len(shop.kept())
    assert (kept % 100, 300 <= kept < 1224) == (0, True)
