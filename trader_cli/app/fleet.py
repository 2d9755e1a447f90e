"""Several sessions in one process: each is left alone by what goes wrong in another."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from trader_cli.errors import ExitCode, TraderError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.app.onlooking import Onlooker
    from trader_cli.backtest.result import Result


class Run(Protocol):
    """One variant that is traded, on whatever bars."""

    @property
    def name(self) -> str:
        """The variant's."""
        ...

    @property
    def exit_code(self) -> ExitCode:
        """What its session ends with, unless something went wrong."""
        ...

    @property
    def goes_on(self) -> str | None:
        """Where it goes on, when that is worth a word."""
        ...

    async def run(self, onlooker: Onlooker, cycles: int | None = None, *, once: bool = False) -> Result:
        """Trades for so many cycles, as long as there are bars, or once."""
        ...

    def result(self) -> Result:
        """What has come of it so far."""
        ...

    def verify(self) -> int | None:
        """How many trades a backtest of the same bars has made, too; None where there is none to compare with.

        Raises: Disagreement, UsageError.
        """
        ...


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How long to trade: for so many cycles, or `once` what has closed by now; at most `deadline` seconds."""

    cycles: int | None = None
    once: bool = False
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one variant: a result, or what went wrong."""

    name: str
    result: Result | None = None
    error: TraderError | None = None
    exit_code: ExitCode = ExitCode.OK


async def alone(run: Run, onlooker: Onlooker, rhythm: Rhythm) -> Outcome:
    """Trades one variant. Raises: what went wrong; Unavailable where the deadline has passed."""
    try:
        async with asyncio.timeout(rhythm.deadline):
            result = await run.run(onlooker, rhythm.cycles, once=rhythm.once)
    except TimeoutError:
        raise Unavailable(f"'{run.name}' did not come to an end within {rhythm.deadline:g} s") from None
    return Outcome(run.name, result, exit_code=run.exit_code)


async def together(runs: Sequence[Run], onlookers: Sequence[Onlooker], rhythm: Rhythm) -> list[Outcome]:
    """Trades all at once. What goes wrong in one ends that one, and is told to its onlooker and in its outcome."""
    pairs = zip(runs, onlookers, strict=True)
    tasks = [asyncio.ensure_future(_apart(run, onlooker, rhythm)) for run, onlooker in pairs]
    try:
        return await asyncio.gather(*tasks)
    except BrokenPipeError:  # nobody reads what any of them tells: all end, the others unheard
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def _apart(run: Run, onlooker: Onlooker, rhythm: Rhythm) -> Outcome:
    try:
        outcome = await alone(run, onlooker, rhythm)
    except TraderError as error:
        failure = error
    except BrokenPipeError:
        raise
    except Exception as error:  # a bug in one variant's way must not stop the others
        logging.getLogger(__name__).exception("%s failed", run.name)
        failure = TraderError(f"'{run.name}': {type(error).__name__}: {error} (a bug)")
    else:
        onlooker.leave(None)
        return outcome
    onlooker.leave(str(failure))
    return Outcome(run.name, error=failure, exit_code=failure.exit_code)
