"""What a broker of another package may do while it is asked: hang, or raise anything at all."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from trader_cli.cleaning import foreign
from trader_cli.errors import TraderError, Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def answering(venue: str, seconds: float) -> AsyncIterator[None]:
    """Around questions to a venue. Raises: Unavailable for no answer in time, and for what is no error of ours."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TraderError:
        raise
    except TimeoutError as error:
        raise Unavailable(f"{venue}: no answer within {seconds:g} s") from error
    except OSError as error:
        raise Unavailable(f"{venue}: cannot be reached ({foreign(error)})") from error
    except Exception as error:
        raise Unavailable(
            f"{venue}: what it answered broke the reader ({type(error).__name__}: {foreign(error)})"
        ) from error
