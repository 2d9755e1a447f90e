"""What a session keeps does not grow with its age."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import sys
import tracemalloc
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.parity.watching import Keeping
from trader_cli.domain.clock import parse
from trader_cli.engine.view import Title, View
from trader_cli.engine.witness import Witness
from trader_cli.feeds.replay import ReplayClock

if TYPE_CHECKING:
    from pathlib import Path

    from trader_cli.domain.record import CycleRecord

SETTLED, TRACED = 17_000, 3_000
ALLOWED_BYTES = 150_000


@pytest.fixture(scope="session")
def soak(root: Path) -> Any:
    """The program of `make soak`."""
    spec = importlib.util.spec_from_file_location("soak", root / "scripts" / "soak.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["soak"] = module
    spec.loader.exec_module(module)
    return module


class Watching(Witness):
    """What a dashboard remembers."""

    def __init__(self, view: View) -> None:
        self.view = view

    def cycle(self, record: CycleRecord) -> None:
        self.view.watch(record)


def test_a_session_of_twenty_thousand_closes_keeps_no_more_than_a_young_one(soak: Any) -> None:
    async def run() -> int:
        clock = ReplayClock()
        await clock.reach(parse("2024-01-01") + timedelta(seconds=1))
        session = soak.session_of(clock, None)
        view = View(Title("soak", "-", "restless", "paper", "crypto", "memory"), session)
        await session.run(SETTLED, Watching(view))
        gc.collect()
        tracemalloc.start()
        try:
            await session.run(TRACED, Watching(view))
            gc.collect()
            return tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()

    grown = asyncio.run(run())
    assert grown < ALLOWED_BYTES


def test_the_soak_program_trades_and_measures(soak: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert soak.main(["200"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 11
    assert said[-1].startswith("200 cycles in ")
    kept = Keeping()

    async def run() -> None:
        clock = ReplayClock()
        await clock.reach(parse("2024-01-01") + timedelta(seconds=1))
        await soak.session_of(clock, 10).run(200, kept)

    asyncio.run(run())
    assert sum(len(record.trades) for record in kept.records) > 20
