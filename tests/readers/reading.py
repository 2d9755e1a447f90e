"""A reader at a simulated venue, in the venue's own time."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from time import time
from typing import TYPE_CHECKING

import numpy as np

from tests.venues.server import serving
from trader_cli.brokers.base import Access, Broker, Key
from trader_cli.data.placing import place
from trader_cli.domain.bars import Bars
from trader_cli.domain.clock import from_nanoseconds, to_nanoseconds
from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.registry import broker_class

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from typing import Any

    from tests.readers.cases import Case
    from tests.venues.core.exchange import Exchange
    from tests.venues.server import Venue
    from trader_cli.ports import Meanwhile


@dataclass
class AtVenue:
    """A venue at work and a reader that asks it. The venue's clock stands still until it is moved."""

    case: Case
    venue: Venue
    broker: Broker

    @property
    def exchange(self) -> Exchange:
        return self.venue.exchange


@contextmanager
def reading(case: Case, now: int | None = None) -> Iterator[AtVenue]:
    """The venue on a socket, and a reader made as the program makes it."""
    with serving(case.front(case.exchange(now))) as venue:
        yield AtVenue(case, venue, broker_class(case.broker)(access_to(case, venue.url)))


def access_to(case: Case, url: str) -> Access:
    key = Key("a-key", "a-secret") if case.asset_class.is_stock_like else None
    return Access(case.asset_class, hours_of(case), endpoint=url, key=key)


class VenueTime:
    """The exchange's own time: whoever waits for a time moves it there."""

    def __init__(self, at: AtVenue) -> None:
        self._at = at

    def now(self) -> datetime:
        return from_nanoseconds(self._at.exchange.clock.now())

    async def reach(self, time_: datetime, meanwhile: Meanwhile | None = None) -> None:
        """It is that time at the venue, and the reader has noticed."""
        exchange = self._at.exchange
        left = to_nanoseconds(time_) - exchange.clock.now()
        if left > 0:
            exchange.advance(left)
        self._at.broker.ahead = exchange.clock.now() / 1e9 - time()
        if meanwhile is not None:
            await meanwhile()


def bars_of(case: Case, first: int, last: int) -> Bars:
    """The minutes `first` .. `last` - 1 of a case's market, as a reader gives them."""
    return _bars(case, case.rows[first:last])


def marks_of(case: Case, first: int, last: int) -> Bars:
    """The same in mark prices."""
    return _bars(case, case.mark_rows[first:last])


def _bars(case: Case, rows: Sequence[tuple[Any, ...]]) -> Bars:
    times = np.array([row[0] for row in rows], dtype=np.int64)
    size = case.market.contract_size  # volumes are told in coins
    cells = [[*(float(price) for price in row[1:5]), float(row[5] * size)] for row in rows]
    opened, high, low, close, volume = np.array(cells).T
    sessions = place(times, Timeframe.M1, hours_of(case)).session
    return Bars(case.symbol, Timeframe.M1, hours_of(case), times, opened, high, low, close, volume, sessions)


def hours_of(case: Case) -> TradingHours:
    return TradingHours.REGULAR if case.asset_class.is_stock_like else TradingHours.CONTINUOUS


def is_contract(case: Case) -> bool:
    return case.asset_class is AssetClass.FUTURES
