"""A part of a study, and what a worker does with it: trades its runs and puts what became of them in its place.

A worker is a thread here or a process anywhere, and needs the same program. What it trades on it is handed in memory or
finds in a file, which all processes of a machine map into memory once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trader_cli.errors import DataError, Unavailable
from trader_cli.journal.parts import FACTS, Part, Parts
from trader_cli.metrics.deflation import ReturnShape
from trader_cli.metrics.overfitting import Blocks, in_blocks
from trader_cli.metrics.performance import session_returns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trader_cli.backtest.field import Batch, Field, Judged
    from trader_cli.domain.bars import Floats, Ints
    from trader_cli.domain.market import Market


class Here(NamedTuple):
    """The markets of a part, in this process."""

    field: Field


class Filed(NamedTuple):
    """The markets of a part, in a file that every worker can read; `program` is the checksum of who wrote it."""

    path: Path
    program: str

    @property
    def field(self) -> Field:
        """The markets, mapped into memory: one copy, however many processes of a machine use them.

        Raises: DataError where this is another program; Unavailable where the file cannot be read.
        """
        with _opening:
            return _opened(self)


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A part: its runs by their numbers in the grid, what they trade, and whom they trade it with.

    `compared` are places of runs whose returns are kept in blocks; `data` is the checksum of what they trade on.
    """

    number: int
    runs: Ints
    markets: Here | Filed
    batch: Batch
    follows_equity: bool
    compared: Ints
    parts: Parts
    data: str


def work(task: Task) -> int:
    """Trades the runs of a part and writes it; its number.

    Raises: DataError, Unavailable as `Filed.field`; Unavailable where the part cannot be written.
    """
    judged = task.markets.field.judged(task.batch, follows_equity=task.follows_equity)
    try:
        task.parts.write(task.number, task.data, _part(task, judged))
    except OSError as error:
        raise Unavailable(f"cannot be written: {error.strerror or error}", file=str(task.parts.folder)) from error
    return task.number


def file_markets(markets: Sequence[Market], start: int | None, path: Path) -> Filed:
    """Writes markets, judged from `start` on, where workers can find them. Raises: OSError where the disk refuses."""
    import joblib

    from trader_cli.data.storing import whole

    with whole(path) as file:
        joblib.dump((tuple(markets), start), file)
    return Filed(path, program())


@lru_cache(maxsize=1)
def program() -> str:
    """What tells one version of this program from another: the checksum of all that is compiled or decides."""
    from trader_cli.rules.compiled import sources

    return sources()


_opening = Lock()


@lru_cache(maxsize=2)
def _opened(filed: Filed) -> Field:
    import joblib

    from trader_cli.backtest.field import Field

    if program() != filed.program:
        raise DataError("a worker runs another version of trader than this one: install the same everywhere")
    try:
        markets, start = joblib.load(filed.path, mmap_mode="r")
    except OSError as error:
        raise Unavailable(
            "a worker cannot read it: $TRADER_HOME must lie in a folder that all workers share", file=str(filed.path)
        ) from error
    return Field(markets, start)


def _part(task: Task, judged: Judged) -> Part:
    """What is kept of the runs of a part."""
    facts = np.empty(len(task.runs), FACTS)
    facts["run"], facts["halted_at"], facts["sessions"] = task.runs, judged.halted_at, -1
    for name in judged.figures.dtype.names or ():
        facts[name] = judged.figures[name]
    for name in ("ratio", "skewness", "kurtosis"):
        facts[name] = np.nan
    if judged.closes is None:
        return Part(facts, task.compared[:0], None)
    returns = [session_returns(closes) for closes in judged.closes]
    for fact, each in zip(facts, returns, strict=True):
        if each is not None:
            fact["sessions"] = len(each)
            shape = ReturnShape.of(each)
            if shape is not None:
                fact["ratio"], fact["skewness"], fact["kurtosis"] = shape.sharpe, shape.skewness, shape.kurtosis
    return Part(facts, *_blocks(returns, task.compared))


def _blocks(returns: Sequence[Floats | None], compared: Ints) -> tuple[Ints, Blocks | None]:
    """Those of the compared runs whose returns make blocks, and these."""
    found = {
        place: blocks
        for place in compared.tolist()
        if (each := returns[place]) is not None and (blocks := in_blocks(each)) is not None
    }
    if not found:
        return compared[:0], None
    sums, squares = (np.column_stack([getattr(each, name) for each in found.values()]) for name in ("sums", "squares"))
    return np.array(list(found)), Blocks(next(iter(found.values())).length, sums, squares)
