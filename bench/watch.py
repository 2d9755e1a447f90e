"""How a program of the bench watches itself: its CPU time, the wall's, and its memory, told in the bench's protocol.

Linux tells the memory of a process by parts; elsewhere nothing is said of it.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

STATUS = Path("/proc/self/status")
MEMORY = {"peak_bytes": "VmHWM", "private_bytes": "RssAnon"}
"""The most that was in memory, program files included; what is in memory now and shared with no other process."""


class Watch:
    """Watches runs that do the same for so many variants each. Units: seconds a variant; bytes of the process."""

    def __init__(self, variants: int) -> None:
        self._variants = variants
        self._told: dict[str, list[float]] = {}

    @contextmanager
    def run(self) -> Iterator[None]:
        """One run."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self._tell("cpu_seconds", (time.process_time() - cpu) / self._variants)
        self._tell("wall_seconds", (time.perf_counter() - wall) / self._variants)

    def look_at_memory(self) -> None:
        """Takes note of what the process takes after a run."""
        for measure, size in memory().items():
            self._tell(measure, size)

    def answer(self) -> None:
        """Says what came of the runs since the last answer."""
        sys.stdout.write(json.dumps(self._told) + "\n")
        sys.stdout.flush()
        self._told = {}

    def _tell(self, measure: str, value: float) -> None:
        self._told.setdefault(measure, []).append(value)


def memory() -> dict[str, int]:
    """What this process takes of it. Units: bytes."""
    if not STATUS.exists():
        return {}
    told = dict(line.split(":", 1) for line in STATUS.read_text(encoding="ascii").splitlines())
    return {measure: int(told[name].split()[0]) * 1024 for measure, name in MEMORY.items()}
