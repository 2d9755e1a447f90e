"""A venue on loopback: tells its time and its bars, remembers what it was asked, and misbehaves on demand."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trader_cli.domain.bars import Bars


@dataclass
class Venue:
    """What the venue knows, and how it behaves. Its time is `now` (ns since 1970 UTC), which a test moves."""

    bars: Mapping[str, Bars]
    now: int
    failing: set[str] = field(default_factory=set)
    hanging: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    url: str = ""
    over: Event = field(default_factory=Event)

    def open_at(self, row: int, symbol: str = "BTC/USD") -> int:
        """When a bar opens."""
        return int(self.bars[symbol].open_time[row])

    def close_of(self, row: int, symbol: str = "BTC/USD", *, seconds: int = 2) -> None:
        """Makes it so many seconds after a bar's close."""
        length = self.bars[symbol].timeframe.nanoseconds
        self.now = self.open_at(row, symbol) + length + seconds * 1_000_000_000

    def answer(self, symbol: str, limit: int) -> list[list[float]]:
        """The latest rows, the one in progress with its open alone."""
        bars = self.bars[symbol]
        last = int(bars.open_time.searchsorted(self.now, side="right"))
        rows = []
        for row in range(max(0, last - limit), last):
            opened = float(bars.open[row])
            prices = [opened] * 4
            if int(bars.open_time[row]) + bars.timeframe.nanoseconds <= self.now:
                prices = [float(column[row]) for column in (bars.open, bars.high, bars.low, bars.close)]
            rows.append([int(bars.open_time[row]), *prices, float(bars.volume[row])])
        return rows


@contextmanager
def serving(venue: Venue) -> Iterator[Venue]:
    """The venue at work, at its `url`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/time":
                return self._say(200, venue.now)
            symbol = asked["symbol"]
            venue.asked.append(symbol)
            while symbol in venue.hanging and not venue.over.wait(0.02):
                """A venue that hangs may come round."""
            if symbol in venue.failing:
                return self._say(503, "maintenance")
            return self._say(200, venue.answer(symbol, int(asked["limit"])))

        def _say(self, status: int, what: Any) -> None:
            body = json.dumps(what).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - likewise
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    venue.url = f"http://127.0.0.1:{server.server_address[1]}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield venue
    finally:
        venue.over.set()
        server.shutdown()
        server.server_close()
