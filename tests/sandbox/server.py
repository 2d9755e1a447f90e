"""A venue on loopback: tells its time, bars and history, remembers what it was asked, and misbehaves on demand."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from time import time_ns
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from trader_cli.domain.bars import Bars

    type Rows = list[list[float]]
    type Series = tuple[str, str, str]


class Away(Exception):  # noqa: N818 - what mischief raises for a venue that is under maintenance
    """The venue answers no more than that."""


HOUR = 3_600_000_000_000
PAGE_BARS, PAGE_HOURS = 100, 100
"""How many bars, and how many hours of rates, one page of history covers."""


@dataclass
class Venue:
    """What the venue knows, and how it behaves.

    Its time is `now` (ns since 1970 UTC), which a test moves; it runs where `since` says when, by this machine's clock,
    it was so late there.
    """

    bars: Mapping[str, Bars]
    now: int
    failing: set[str] = field(default_factory=set)
    hanging: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    url: str = ""
    since: int | None = None
    over: Event = field(default_factory=Event)
    listed: list[str] | None = None
    """The symbols of its market list; None: it has no such list."""
    history: dict[Series, Rows] = field(default_factory=dict)
    """By symbol, timeframe and kind, rows that begin with their time (ns)."""
    lengths: dict[str, int] = field(default_factory=dict)
    """How long a bar of each timeframe is (ns)."""
    pages: list[tuple[str, str, str, int]] = field(default_factory=list)
    """The pages that were asked for: symbol, timeframe, kind, and from when on (ns)."""
    mischief: list[Callable[[Rows], Rows]] = field(default_factory=list)
    """What becomes of the next pages, one after the other."""

    def time(self) -> int:
        """What time it is there."""
        return self.now if self.since is None else self.now + time_ns() - self.since

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
        last = int(bars.open_time.searchsorted(self.time(), side="right"))
        rows = []
        for row in range(max(0, last - limit), last):
            opened = float(bars.open[row])
            prices = [opened] * 4
            if int(bars.open_time[row]) + bars.timeframe.nanoseconds <= self.time():
                prices = [float(column[row]) for column in (bars.open, bars.high, bars.low, bars.close)]
            rows.append([int(bars.open_time[row]), *prices, float(bars.volume[row])])
        return rows

    def page(self, symbol: str, timeframe: str, kind: str, start: int) -> Rows:
        """The history of one span of time, the one in progress as it is."""
        self.pages.append((symbol, timeframe, kind, start))
        length = PAGE_HOURS * HOUR if kind == "funding" else PAGE_BARS * self.lengths[timeframe]
        told = self.history.get((symbol, "" if kind == "funding" else timeframe, kind), [])
        rows = [row for row in told if start <= row[0] < start + length and row[0] <= self.time()]
        return self.mischief.pop(0)(rows) if self.mischief else rows


@contextmanager
def serving(venue: Venue) -> Iterator[Venue]:
    """The venue at work, at its `url`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/time":
                return self._say(200, venue.time())
            if parts.path == "/listing":
                return self._say(200, venue.listed)
            symbol = asked["symbol"]
            venue.asked.append(symbol)
            while symbol in venue.hanging and not venue.over.wait(0.02):
                """A venue that hangs may come round."""
            if symbol in venue.failing:
                return self._say(503, "maintenance")
            if parts.path == "/page":
                try:
                    told = venue.page(symbol, asked["timeframe"], asked["kind"], int(asked["start"]))
                except Away:
                    return self._say(503, "maintenance")
                return self._say(200, told)
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
