"""Reads are tried again; nothing else ever is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trader_cli.errors import TraderError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ATTEMPTS = 3
ATTEMPT_SECONDS = 8.0
"""How long one attempt may take, however lively its bytes drip in: clients only time each read of a socket."""

ALTOGETHER_SECONDS = 20.0


async def read[T](
    venue: str, question: Callable[[], Awaitable[T]], understood: Callable[[Exception], TraderError]
) -> T:
    """The answer to a question that changes nothing, asked again where the venue was not there.

    `understood` makes of a client's error one of ours. Raises: Unavailable, DataError, ConfigError, with the venue's
    name before what went wrong.
    """
    import stamina
    from stamina.instrumentation import set_on_retry_hooks

    set_on_retry_hooks(())  # its own would be printed
    attempts = stamina.retry_context(
        on=Unavailable, attempts=ATTEMPTS, timeout=ALTOGETHER_SECONDS, wait_initial=0.2, wait_max=2.0
    )
    try:
        async for attempt in attempts:
            with attempt:
                return await _attempt(question, understood)
    except TraderError as error:
        raise type(error)(f"{venue}: {error.problems[0].message}", key=error.problems[0].key) from error
    raise AssertionError("the last attempt raises")


async def _attempt[T](question: Callable[[], Awaitable[T]], understood: Callable[[Exception], TraderError]) -> T:
    try:
        async with asyncio.timeout(ATTEMPT_SECONDS):
            return await question()
    except TraderError:
        raise
    except TimeoutError as error:
        raise Unavailable(f"no answer within {ATTEMPT_SECONDS:g} s") from error
    except Exception as error:  # a client's parser may stumble over anything
        raise understood(error) from error
