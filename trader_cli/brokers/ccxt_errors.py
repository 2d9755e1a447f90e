"""What ccxt raises while something is read, as one of our errors.

The class of an exception says little: a refusal, an outage and a page of HTML may all be an ExchangeError. What is not
known to be final is taken for an outage, as a read that is tried again does no harm.
"""

from __future__ import annotations

import re

from trader_cli.brokers.reading import unreachable
from trader_cli.cleaning import foreign
from trader_cli.errors import ConfigError, DataError, TraderError, Unavailable

_URL = re.compile(r"https?://\S+")
_LONGEST = 160


def understood(error: Exception) -> TraderError:
    """One of ours, in one line, without addresses and keys."""
    from ccxt.base import errors as ccxt

    said = _said(error)
    if isinstance(error, ccxt.ExchangeNotAvailable) and _is_unreachable(error):
        return unreachable(_said(_root(error)))
    meanings: tuple[tuple[type[Exception], type[TraderError], str], ...] = (
        (ccxt.BadSymbol, ConfigError, f"it does not trade that ({said})"),
        (ccxt.NotSupported, DataError, f"it cannot be asked so ({said})"),
        (ccxt.ArgumentsRequired, DataError, f"it cannot be asked so ({said})"),
        (ccxt.RateLimitExceeded, Unavailable, f"it was asked too often ({said})"),
        (ccxt.DDoSProtection, Unavailable, f"it was asked too often ({said})"),
        (ccxt.OnMaintenance, Unavailable, f"it is under maintenance ({said})"),
        (ccxt.RequestTimeout, Unavailable, "no answer in time"),
        (ccxt.BaseError, Unavailable, f"it answered: {said}"),
        (OSError, Unavailable, f"the connection broke ({said})"),
        (Exception, DataError, f"its answer makes no sense ({type(error).__name__}: {said})"),
    )
    return next(ours(words) for theirs, ours, words in meanings if isinstance(error, theirs))


def _root(error: BaseException) -> BaseException:
    """What it all began with."""
    cause = error.__cause__ or error.__context__
    return error if cause is None else _root(cause)


def _is_unreachable(error: BaseException) -> bool:
    """Whether no connection came to be: a name nobody knows, a port nobody listens at."""
    import aiohttp

    cause = error.__cause__ or error.__context__
    if isinstance(cause, aiohttp.ClientConnectorError):
        return True
    return cause is not None and _is_unreachable(cause)


def _said(error: BaseException) -> str:
    text = foreign(_URL.sub("", str(error))) or type(error).__name__
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
