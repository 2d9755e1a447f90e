"""A broker as another package would bring it: the sandbox on loopback."""

from __future__ import annotations

import asyncio
import json
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

from trader_cli.brokers.base import Broker
from trader_cli.domain.clock import from_nanoseconds
from trader_cli.domain.instrument import AssetClass
from trader_cli.errors import Unavailable

if TYPE_CHECKING:
    from datetime import datetime

    from trader_cli.domain.bars import Bars
    from trader_cli.domain.timeframe import Timeframe
    from trader_cli.ports import Clock, Meanwhile


class Sandbox(Broker):
    """Asks the server at `endpoint`, over a socket of its own each time."""

    name = "sandbox"
    asset_classes: ClassVar[tuple[AssetClass, ...]] = (AssetClass.CRYPTO, AssetClass.STOCKS)

    @property
    def clock(self) -> Clock:
        """The server's time, which a test moves."""
        return _ServersTime(str(self.access.endpoint))

    async def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        import numpy as np

        from trader_cli.data.placing import place
        from trader_cli.domain.bars import Bars

        rows = await self._asked("bars", {"symbol": symbol, "timeframe": str(timeframe), "limit": limit})
        columns = np.array(rows, dtype=np.float64).reshape(-1, 6).T
        times = np.array([row[0] for row in rows], dtype=np.int64)
        hours = self.access.hours
        session = place(times, timeframe, hours).session
        _, opened, high, low, close, volume = columns
        return Bars(symbol, timeframe, hours, times, opened, high, low, close, volume, session)

    async def _asked(self, what: str, query: dict[str, Any]) -> Any:
        where = urlsplit(str(self.access.endpoint))
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        try:
            request = f"GET /{what}?{urlencode(query)} HTTP/1.0\r\nHost: sandbox\r\n\r\n"
            writer.write(request.encode())
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        finally:
            writer.close()
        if b" 200 " not in head.splitlines()[0]:
            raise Unavailable(f"sandbox: {body.decode()}")
        return json.loads(body)


class _ServersTime:
    def __init__(self, url: str) -> None:
        self._url = f"{url}/time"

    def now(self) -> datetime:
        with urlopen(self._url, timeout=5) as answer:  # noqa: S310 - loopback
            return from_nanoseconds(json.load(answer))

    async def reach(self, time: datetime, meanwhile: Meanwhile | None = None) -> None:
        looked = monotonic()
        while self.now() < time:
            await asyncio.sleep(0.02)
            if meanwhile is not None and monotonic() - looked > 0.5:
                looked = monotonic()
                await meanwhile()
