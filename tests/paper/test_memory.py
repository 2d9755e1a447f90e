"""Fault 87: what a session keeps in memory does not grow with the number of its cycles."""

from __future__ import annotations

import gc
import importlib.util
import sys
import tracemalloc
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

CYCLES = 20_000
GROWTH_BYTES = 64 * 1024
"""A list to which each of so many cycles, or each of hundreds of halts, added a thing would be longer."""


@pytest.fixture
def soak(root: Path) -> ModuleType:
    """The program of `make soak`."""
    spec = importlib.util.spec_from_file_location("soak", root / "scripts" / "soak.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["soak"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_f087_a_session_grows_by_nothing_however_long_it_goes_on(soak: ModuleType) -> None:
    def traced() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        found = soak.soaked(CYCLES, measured=traced)
    finally:
        tracemalloc.stop()
    assert found.trades > CYCLES / 10
    assert found.halts > CYCLES / 100
    assert found.late - found.early < GROWTH_BYTES
