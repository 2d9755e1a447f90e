"""The Python side of the bench's protocol: load, warm up, then answer each line with timed runs.

A line on stdin, a number N, asks for N runs; the answer is one line of JSON, as w1.c gives it. At the end of stdin the
trades are written. Timed is the process's CPU time (all threads) between columns in memory and the list of trades.
Needs numpy alone, so that it also runs in the peers' environment.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.data import Columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.trades import Trades


def timed(work: Callable[[], object]) -> float:
    """CPU seconds of one run."""
    start = time.process_time()
    work()
    return time.process_time() - start


def serve[T](prepare: Callable[[Columns, int], Callable[[], T]], as_trades: Callable[[T], Trades]) -> None:
    """Runs an engine's program: `python -m MODULE COLUMNS TRADES FIRST [BARS]`.

    `prepare` gets the columns and the first bar that may decide and returns the work; `as_trades` (not timed) puts
    what the work returns into the bench's form.
    """
    folder, out, first, *count = sys.argv[1:]
    columns = Columns.read(Path(folder))
    work = prepare(columns.head(int(count[0])) if count else columns, int(first))
    found = as_trades(work())
    for line in sys.stdin:
        seconds = [timed(work) for _ in range(int(line))]
        sys.stdout.write(json.dumps({"cpu_seconds": seconds, "trades": len(found)}) + "\n")
        sys.stdout.flush()
    found.tofile(Path(out))
