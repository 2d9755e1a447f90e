"""The first cycle of a paper run on a venue, as a whole process: `trader paper --once` at a simulated Bybit."""

from __future__ import annotations

import multiprocessing
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, override

from bench.timing import Command
from tests.readers.cases import CASES
from tests.venues.core.accounts import Account
from tests.venues.core.clock import MINUTE, Clock
from tests.venues.core.exchange import Exchange
from tests.venues.core.series import Series
from tests.venues.server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path
    from types import TracebackType

    from bench.timing import Runs

VARIANT = """\
[variants]
broker = "bybit"
strategy = "rsi"
mode = "paper"

[broker_config]
endpoint = "{url}"

[trading_symbols]
crypto = ["{symbol}"]
"""


@dataclass
class FirstCycle(Command):
    """A command whose `variant` is at a venue that another process simulates, and whose `home` is new each time."""

    variant: Path = field(kw_only=True)
    home: Path = field(kw_only=True)
    _stack: ExitStack = field(default_factory=ExitStack, init=False)

    @override
    def __enter__(self) -> Command:
        url = self._stack.enter_context(_venue_apart())
        self.variant.write_text(VARIANT.format(url=url, symbol=CASES[0].symbol), encoding="utf-8")
        return super().__enter__()

    @override
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @override
    def sample(self) -> Runs:
        shutil.rmtree(self.home, ignore_errors=True)
        return super().sample()


@contextmanager
def _venue_apart() -> Iterator[str]:
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join()


def _serve(told: Connection) -> None:
    """Minutes up to now and on for hours, by the wall's clock."""
    case, clock = CASES[0], Clock()
    begins = (clock.now() // MINUTE - len(case.rows) // 2) * MINUTE
    rows = [(begins + n * MINUTE, *row[1:]) for n, row in enumerate(case.rows)]
    exchange = Exchange(case.rules, clock)
    exchange.add_market(case.market, Series(rows, MINUTE))
    exchange.add_account(Account("a-key", "a-secret"))
    with serving(case.front(exchange)) as venue:
        told.send(venue.url)
        told.recv()
