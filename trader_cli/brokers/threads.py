"""Clients that block, beside a loop that must not: each call on a thread that nothing waits for in the end."""

from __future__ import annotations

import asyncio
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


async def in_thread[T](call: Callable[[], T]) -> T:
    """What a blocking call returns or raises.

    Whoever gives up waiting leaves its thread behind; a pool's would keep the process from ending.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = call()
        except Exception as error:  # noqa: BLE001 - told to whoever waits
            _tell(loop, answer, partial(answer.set_exception, error))
        else:
            _tell(loop, answer, partial(answer.set_result, result))

    Thread(target=run, name="client", daemon=True).start()
    return await answer


def _tell[T](loop: asyncio.AbstractEventLoop, answer: asyncio.Future[T], settle: Callable[[], object]) -> None:
    """Settles an answer on its loop, where anybody still waits for it."""
    try:
        loop.call_soon_threadsafe(lambda: None if answer.done() else settle())
    except RuntimeError:
        """The loop has ended."""
