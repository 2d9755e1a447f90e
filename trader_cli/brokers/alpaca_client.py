"""alpaca-py's market data clients, bounded: they would wait for ever, and try again by themselves.

Only market data is asked for: paper trading needs neither an account nor its endpoint (law S7).
"""

from __future__ import annotations

from functools import partial
from time import time
from typing import TYPE_CHECKING, Any

from trader_cli.brokers.reading import dated, retry_after, unreachable
from trader_cli.cleaning import foreign
from trader_cli.domain.instrument import AssetClass
from trader_cli.errors import ConfigError, DataError, TraderError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from trader_cli.brokers.base import Access
    from trader_cli.brokers.rates import Budget

    type Client = Any  # alpaca.data.historical's clients share no type of their own

CONNECT_SECONDS, READ_SECONDS = 4.0, 8.0
BARRED_SECONDS = 5.0


def client(access: Access, budget: Budget, noted: Callable[[float], None]) -> Client:
    """A client of raw answers. `noted` is told by how many seconds the host's clock is ahead, with every answer."""
    host: dict[str, Any] = {"raw_data": True, "url_override": access.data_endpoint or access.endpoint}
    key: dict[str, Any] = {} if access.key is None else {"api_key": access.key.key, "secret_key": access.key.secret}
    if access.asset_class is AssetClass.CRYPTO:
        from alpaca.data.historical.crypto import CryptoHistoricalDataClient

        made: Client = CryptoHistoricalDataClient(**host)
    else:
        from alpaca.data.historical.stock import StockHistoricalDataClient

        made = StockHistoricalDataClient(**host, **key)
    made._retry = 0
    session = made._session
    request = partial(session.request, timeout=(CONNECT_SECONDS, READ_SECONDS))

    def bounded(*args: Any, **options: Any) -> Any:
        begun = time()
        answer = request(*args, **options)
        if (told := dated(answer.headers.get("Date"))) is not None:
            noted(told - (begun + time()) / 2)
        wait = retry_after(answer.headers.get("Retry-After"))
        if answer.status_code == 429 or (answer.status_code >= 400 and wait is not None):
            budget.bar(wait or BARRED_SECONDS)
        return answer

    session.request = bounded
    return made


def understood(error: Exception) -> TraderError:
    """What alpaca-py or its HTTP library raised, as one of our errors."""
    import requests
    from alpaca.common.exceptions import APIError

    if isinstance(error, APIError):
        return _refused(error)
    if isinstance(error, requests.exceptions.JSONDecodeError):
        return Unavailable("it answered something where JSON was due")
    if isinstance(error, requests.exceptions.Timeout):
        return Unavailable("no answer in time")
    if isinstance(error, requests.exceptions.ConnectionError):
        return unreachable(type(error).__name__)
    if isinstance(error, OSError):
        return Unavailable(f"the connection broke ({foreign(error)})")
    if isinstance(error, ValueError | AttributeError | TypeError):
        return Unavailable(f"its answer makes no sense ({type(error).__name__})")
    return DataError(f"its answer makes no sense ({type(error).__name__}: {foreign(error)})")


def _refused(error: Any) -> TraderError:
    status = error.status_code
    said = foreign(str(error))[:160]
    if status in (401, 403):
        return ConfigError(
            f"refuses the key ({status}): set the variables that broker_config.credentials names, see `trader doctor`",
            key="broker_config.credentials",
        )
    if status in (400, 404, 422):
        return ConfigError(f"it does not trade that ({said})")
    if status == 429:
        return Unavailable("it was asked too often")
    return Unavailable(f"it answered {status} ({said})")
