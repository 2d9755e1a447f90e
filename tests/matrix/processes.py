"""A matrix in a process of its own, which notes each part it puts in its place and may kill itself beside one."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

NOTING = """
import os, signal, sys
from pathlib import Path
from trader_cli.cli.main import main

turns, moved = iter(range(int(os.environ.get("KILL_AT", -1)) - 1, -1000, -1)), Path.replace

def noted(self, target):
    if not Path(target).name.startswith("part-"):
        return moved(self, target)
    left = next(turns)
    if left == 0 and os.environ["KILL_WHEN"] == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    done = moved(self, target)
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(Path(target).name + "\\n")
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return done

Path.replace = noted
sys.exit(main(sys.argv[1:]))
"""

MATRIX = (
    *("backtest", "demo_btc_rsi", "--data", "samples", "--json", "--sort", "sharpe"),
    *("--set", "strategy_config.rsi.period=5..14", "--set", "risk_settings.stop_loss=0.01..0.03..0.0005"),
)
"""410 runs in 13 parts, whose equity is followed."""
PARTS = 13


def started(notes: Path, *more: str, matrix: tuple[str, ...] = MATRIX, **environment: str) -> subprocess.Popen[str]:
    """The matrix on its way."""
    return subprocess.Popen(
        [sys.executable, "-c", NOTING, *matrix, *more],
        cwd=ROOT,
        env={**os.environ, "NOTES": str(notes), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told(process: subprocess.Popen[str], code: int = 0) -> str:
    """What it wrote to stdout, once it has ended so."""
    with process:
        out, err = process.communicate(timeout=300)
    assert process.returncode == code, err
    return out
