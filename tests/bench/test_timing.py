"""What the bench says of a command is the command's."""

from __future__ import annotations

import sys

import pytest

from bench.timing import BenchError, Command, Measure

MIB = 2**20


def test_the_memory_of_a_command_is_its_own_and_not_the_benchs() -> None:
    held = b"1" * (256 * MIB)
    (little,) = Command("little", [sys.executable, "-S", "-c", "pass"]).sample()[Measure.PEAK]
    (much,) = Command("much", [sys.executable, "-S", "-c", f"b'1' * {128 * MIB}"]).sample()[Measure.PEAK]
    assert little < 64 * MIB < 128 * MIB < much < len(held)


def test_a_command_that_fails_says_so_in_its_own_words() -> None:
    with pytest.raises(BenchError, match=r"^sad exited 3: no$"):
        Command("sad", [sys.executable, "-c", "import sys; print('no', file=sys.stderr); sys.exit(3)"]).sample()
