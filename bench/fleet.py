"""Many variants in one process, each with an account of its own, as `trader paper` trades them.

    python -m bench.fleet VARIANTS HOME

answers the bench's protocol. One run is one cycle of all: a bar closes, every variant decides on it, and all of that is
committed. Nobody watches; the venue is another process, which the CPU time leaves out and the wall's does not.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.timing import BenchError
from bench.venue import CLOCK, SYMBOL, TIMEFRAME, venue_apart
from bench.watch import Watch
from trader_cli.app.fleet import Rhythm, together
from trader_cli.app.onlooking import Nobody
from trader_cli.app.running import Wanted, assembled
from trader_cli.app.venues import Venues
from trader_cli.variant.loading import load_mapping

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from trader_cli.app.fleet import Outcome
    from trader_cli.variant.model import Variant

FIRST = 2_060
"""The first bar that is traded: all that strategies look back on lies before it, and a third of them trade soon."""

PATIENCE = 120.0
"""Seconds within which a cycle of all is over."""


class Fleet:
    """Sessions that wait for a bar to close."""

    def __init__(self, count: int, close: Callable[[int], datetime], sessions: asyncio.Task[list[Outcome]]) -> None:
        self._count, self._close, self._sessions = count, close, sessions
        self._row = FIRST

    async def cycle(self) -> None:
        """One bar closes; afterwards every session has committed its cycle and waits. Raises: BenchError."""
        CLOCK.move(self._close(self._row), self._count)
        self._row += 1
        await self.settled()

    async def settled(self) -> None:
        """Until every session waits. Raises: BenchError where one does not come to it."""
        waiting = asyncio.ensure_future(CLOCK.settled())
        await asyncio.wait([waiting, self._sessions], return_when=asyncio.FIRST_COMPLETED, timeout=PATIENCE)
        if not waiting.done():
            waiting.cancel()
            raise BenchError("a session of the fleet has ended or hangs")


@asynccontextmanager
async def fleet(count: int, home: Path) -> AsyncIterator[Fleet]:
    """So many variants with new accounts in a new journal, each having looked back; stopped in the end."""
    shutil.rmtree(home, ignore_errors=True)
    os.environ["TRADER_HOME"] = str(home)
    _plug_in(home / "site")
    venues = Venues()
    with ExitStack() as stack:
        endpoint, close = stack.enter_context(venue_apart())
        CLOCK.move(close(FIRST - 1), count)
        variants = [_variant(number, endpoint) for number in range(count)]
        crew = stack.enter_context(assembled(Wanted(variants), venues, lambda _: None))
        sessions = asyncio.ensure_future(together(crew.runs, [Nobody()] * count, Rhythm()))
        traded = Fleet(count, close, sessions)
        try:
            await traded.settled()
            yield traded
        finally:
            sessions.cancel()
            await asyncio.gather(sessions, return_exceptions=True)
            await venues.close()


def _variant(number: int, endpoint: str) -> Variant:
    """One of many: neighbours do not wish alike."""
    document = {
        "trader_name": f"fleet-{number:03}",
        "variants": {"broker": "loopback", "strategy": "rsi", "mode": "paper", "asset_class": "crypto"},
        "broker_config": {"endpoint": endpoint},
        "strategy_config": {"rsi": {"period": 7 + number % 25, "oversold_level": 40, "overbought_level": 60}},
        "trading_symbols": {"crypto": [SYMBOL]},
        "session": {"timeframe": str(TIMEFRAME)},
    }
    return load_mapping(document, environment={}).variant


def _plug_in(folder: Path) -> None:
    """Installs the venue's broker for this process alone."""
    info = folder / "loopback-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: loopback\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[trader_cli.brokers]\nloopback = bench.venue:Loopback\n", encoding="utf-8")
    sys.path.insert(0, str(folder))


async def main(count: int, home: Path) -> None:
    """Answers each line of stdin, a number of runs."""
    watch = Watch(count)
    async with fleet(count, home) as traded:
        for line in sys.stdin:
            for _ in range(int(line)):
                with watch.run():
                    await traded.cycle()
                watch.look_at_memory()
            watch.answer()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
