"""How the bench measures: CPU seconds before all, warm, in turns, and the median of many.

CPU time (user + system, all threads) is steadier than wall time where others share the machine. Subjects of a group
take turns, so that whatever slows the machine for a while slows both sides of a ratio.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from statistics import median
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    type Runs = dict[Measure, list[float]]
    type Measured = Mapping[str, Mapping[Measure, Samples]]

ROOT = Path(__file__).resolve().parent.parent


class BenchError(Exception):
    """The bench cannot say anything: a program it measures has failed."""


class Measure(StrEnum):
    """What is measured of a run: time of the CPU and the wall's, and memory as `bench.watch` tells it."""

    CPU = "cpu_seconds"
    WALL = "wall_seconds"
    PEAK = "peak_bytes"
    PRIVATE = "private_bytes"


@dataclass(frozen=True, slots=True)
class Samples:
    """What was measured of one subject, run by run, in the unit of the measure."""

    values: tuple[float, ...]

    @property
    def middle(self) -> float:
        """The median, which one slow moment does not move."""
        return median(self.values)


class Subject(Protocol):
    """Something that can be run and timed."""

    @property
    def name(self) -> str:
        """What tables call it."""

    def __enter__(self) -> Subject:
        """Makes ready: afterwards it is warm."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends what it has started."""

    def sample(self) -> Runs:
        """A few runs, by what is measured of them; CPU seconds always."""


def interleaved(subjects: Sequence[Subject], rounds: int) -> Measured:
    """Measures all subjects in turns, each round starting with another one."""
    found: dict[str, Runs] = {subject.name: {} for subject in subjects}
    with ExitStack() as stack:
        for subject in subjects:
            stack.enter_context(subject)
        for turn in range(rounds):
            start = turn % len(subjects)
            for subject in (*subjects[start:], *subjects[:start]):
                for measure, values in subject.sample().items():
                    found[subject.name].setdefault(measure, []).extend(values)
    return {name: {measure: Samples(tuple(each)) for measure, each in runs.items()} for name, runs in found.items()}


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Every child's environment: ours, with bytecode allowed as on a user's machine."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHONDONT", "TRADER_"))}
    return ours | dict(extra)


@dataclass
class Engine:
    """A program that stays alive and times its own work in memory, by the protocol of `worker` and w1.c.

    Each sample is `repeats` runs; `scale` makes a run over fewer bars count like one over all of them.
    """

    name: str
    command: Sequence[str]
    repeats: int = 1
    scale: float = 1.0
    extra: Mapping[str, str] = field(default_factory=dict)

    def __enter__(self) -> Engine:
        self._words: IO[str] = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            text=True,
            cwd=ROOT,
            env=environment(self.extra),
        )
        self.sample()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()
        self._words.close()

    def sample(self) -> Runs:
        """What the program says of `repeats` runs."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(f"{self.repeats}\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            self._words.seek(0)
            raise BenchError(f"{self.name} died: {self._words.read().strip()}")
        told = json.loads(answer)
        return {measure: [value * self.scale for value in told[measure]] for measure in Measure if measure in told}


@dataclass
class Command:
    """A whole process, from its start to its end, as a user runs it; its output is thrown away."""

    name: str
    command: Sequence[str]
    extra: Mapping[str, str] = field(default_factory=dict)

    def __enter__(self) -> Command:
        self.sample()  # compiles bytecode and kernels, and brings files into memory
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left running."""

    def sample(self) -> Runs:
        """CPU seconds of the process and its children, and the largest it was in memory."""
        with tempfile.TemporaryFile() as words:
            launched = [sys.executable, "-S", str(ROOT / "bench" / "launch.py"), *self.command]
            told = subprocess.run(
                launched, stdout=subprocess.PIPE, stderr=words, cwd=ROOT, env=environment(self.extra), check=True
            )
            code, seconds, peak = json.loads(told.stdout)
            if code != 0:
                words.seek(0)
                said = words.read().decode(errors="replace").strip()
                raise BenchError(f"{self.name} exited {code}: {said}")
        return {Measure.CPU: [seconds], Measure.PEAK: [float(peak)]}
