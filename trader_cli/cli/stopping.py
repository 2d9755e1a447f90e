"""Runs a session until it is done, or until a signal asks it to stop; the second time it asks nobody hears it."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from trader_cli.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

_CODES = {
    signal.SIGINT: ExitCode.INTERRUPTED,
    signal.SIGTERM: ExitCode.TERMINATED,
    signal.SIGHUP: ExitCode.HUNG_UP,
}


@contextmanager
def stoppable() -> Iterator[None]:
    """Around all that is made ready and closed again: a signal ends it as an error would, so that all is let go of.

    Raises: typer.Exit with the signal's exit code.
    """
    before = {number: signal.getsignal(number) for number in _heeded()}
    for number in before:
        signal.signal(number, _leave)
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, handler)


def run_until_stopped[T](session: Coroutine[Any, Any, T]) -> T:
    """The result of the session. Raises: typer.Exit with the signal's exit code once it has shut down cleanly."""
    return asyncio.run(_guarded(session))


async def _guarded[T](session: Coroutine[Any, Any, T]) -> T:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(session)
    received: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        if not received:
            task.cancel()
        received.append(number)

    before = {number: signal.getsignal(number) for number in _heeded()}
    for number in before:
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not received:
            raise
        raise typer.Exit(_CODES[received[0]]) from None
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN if received else handler)


def _leave(number: int, _: object) -> None:
    for each in _heeded():
        signal.signal(each, signal.SIG_IGN)
    raise typer.Exit(_CODES[signal.Signals(number)])


def _heeded() -> list[signal.Signals]:
    """The signals that stop the program: not those that whoever started it has it ignore, as `nohup` does."""
    return [number for number in _CODES if signal.getsignal(number) is not signal.SIG_IGN]
