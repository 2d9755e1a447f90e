"""Reads are tried again; nothing else ever is."""

from __future__ import annotations

import asyncio
from time import time
from typing import TYPE_CHECKING

from trader_cli.brokers.rates import Barred
from trader_cli.errors import TraderError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ATTEMPTS = 3
ATTEMPT_SECONDS = 8.0
"""How long one attempt may take, however lively its bytes drip in: clients only time each read of a socket."""

ALTOGETHER_SECONDS = 20.0
WAIT_SECONDS = 0.2
"""How long it is before the second attempt; the third comes twice as long after that."""


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
        on=_may_help,
        attempts=ATTEMPTS,
        timeout=ALTOGETHER_SECONDS,
        wait_initial=WAIT_SECONDS,
        wait_jitter=WAIT_SECONDS,
        wait_max=2.0,
    )
    try:
        async for attempt in attempts:
            with attempt:
                return await _attempt(question, understood)
    except TraderError as error:
        raise type(error)(f"{venue}: {error.problems[0].message}", key=error.problems[0].key) from error
    raise AssertionError("the last attempt raises")


def unreachable(why: str) -> Unavailable:
    """No connection came to be."""
    return Unavailable(
        f"cannot be reached ({why}): is there a network? History trades without one, e.g. --replay samples"
    )


def retry_after(told: str | None) -> float | None:
    """The seconds that a `Retry-After` says, as a number or an HTTP date; None where it says nothing.

    >>> retry_after("1.5"), retry_after("soon"), retry_after(None)
    (1.5, None, None)
    """
    if told is None:
        return None
    try:
        return max(0.0, float(told))
    except ValueError:
        until = dated(told)
        return None if until is None else max(0.0, until - time())


def dated(told: str | None) -> float | None:
    """The middle of the second that an HTTP date names, s since 1970; None where it is none.

    >>> dated("Thu, 01 Jan 1970 00:00:10 GMT"), dated("soon")
    (10.5, None)
    """
    from email.utils import parsedate_to_datetime

    try:
        return None if told is None else parsedate_to_datetime(told).timestamp() + 0.5
    except ValueError:
        return None


def _may_help(error: Exception) -> bool:
    """Whether it may be otherwise in a moment."""
    return isinstance(error, Unavailable) and not isinstance(error, Barred)


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
