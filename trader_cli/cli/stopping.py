"""Runs a session until it is done, or until a signal asks it to stop."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

import typer

from trader_cli.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Coroutine

_CODES = {
    signal.SIGINT: ExitCode.INTERRUPTED,
    signal.SIGTERM: ExitCode.TERMINATED,
    signal.SIGHUP: ExitCode.HUNG_UP,
}


def run_until_stopped[T](session: Coroutine[Any, Any, T]) -> T:
    """The result of the session. Raises: typer.Exit with the signal's exit code once it has shut down cleanly."""
    return asyncio.run(_guarded(session))


async def _guarded[T](session: Coroutine[Any, Any, T]) -> T:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(session)
    received: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        received.append(number)
        task.cancel()

    for number in _CODES:
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not received:
            raise
        raise typer.Exit(_CODES[received[0]]) from None
    finally:
        for number in _CODES:
            loop.remove_signal_handler(number)
