"""A front end on a socket of this machine, in a thread of its own."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING

from aiohttp import web

from tests.venues.core.clock import SECOND, Clock
from tests.venues.core.ledger import Entry, Ledger, hashed, hushed
from tests.venues.front import Asked
from tests.venues.mischief.acts import Reply
from tests.venues.mischief.script import Mischief

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.venues.core.exchange import Exchange
    from tests.venues.front import FrontEnd
    from tests.venues.mischief.acts import Act


@dataclass(slots=True)
class Venue:
    """A venue at work. `url` has no slash at its end; `broken` holds what went wrong in the front end itself."""

    front: FrontEnd
    exchange: Exchange
    url: str = ""
    mischief: Mischief = field(default_factory=Mischief)
    ledger: Ledger = field(default_factory=Ledger)
    broken: list[Exception] = field(default_factory=list)


@contextmanager
def serving(front: FrontEnd) -> Iterator[Venue]:
    """The venue on a free port of 127.0.0.1. Raises: at the end, what went wrong in the front end itself."""
    venue = Venue(front, front.exchange)
    ready: Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event] | Exception] = Queue()
    thread = Thread(target=lambda: asyncio.run(_serve(venue, ready)), name=f"venue {front.name}", daemon=True)
    thread.start()
    started = ready.get()
    if isinstance(started, Exception):
        raise started
    loop, over = started
    try:
        yield venue
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
    if venue.broken:
        raise venue.broken[0]


async def _serve(venue: Venue, ready: Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event] | Exception]) -> None:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return await _respond(venue, request)

    runner = web.ServerRunner(web.Server(handle, access_log=None), shutdown_timeout=0.1)
    over = asyncio.Event()
    try:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        venue.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    except OSError as failed:
        ready.put(failed)
        return
    ready.put((asyncio.get_running_loop(), over))
    await over.wait()
    await runner.cleanup()


async def _respond(venue: Venue, request: web.BaseRequest) -> web.StreamResponse:
    asked = await _read(venue, request)
    acts = venue.mischief.take(asked)
    asked.entry.mischief = [type(act).__name__ for act in acts]
    await asyncio.sleep(sum(act.wait for act in acts))
    try:
        reply = _carried_out(venue, asked, acts) if all(act.accepted for act in acts) else Reply()
        for act in acts:
            reply = act.spoil(reply, venue.front)
    except Exception as wrong:  # noqa: BLE001 - a defect of the front end, which `serving` raises in the test
        venue.broken.append(wrong)
        reply = Reply(500)
    await asyncio.sleep(reply.delay)
    return await _send(request, asked.entry, reply, venue.exchange.clock)


async def _read(venue: Venue, request: web.BaseRequest) -> Asked:
    front = venue.front
    path, _, query = request.raw_path.partition("?")
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = await request.text()
    shown = {name: hashed(value) if name in front.secret_names else value for name, value in headers.items()}
    query_shown, body_shown = (hushed(text, front.secret_names) for text in (query, body))
    now = venue.exchange.clock.now()
    entry = Entry(now, request.method, path, query_shown, shown, body_shown, is_write=False)
    asked = Asked(request.method, path, query, headers, body, entry)
    route = front.route_of(asked)
    entry.is_write = route is not None and route.is_write
    venue.ledger.entries.append(entry)
    return asked


def _carried_out(venue: Venue, asked: Asked, acts: list[Act]) -> Reply:
    exchange = venue.exchange
    with exchange.lock:
        exchange.catch_up()
        for act in acts:
            act.prepare(exchange, asked)
        try:
            answer = venue.front.answer(asked)
            headers = {"Date": _date(exchange.clock), **answer.headers}
        finally:
            for act in acts:
                act.restore(exchange)
    if answer.html:
        return Reply(answer.status, answer.html.encode(), headers, "text/html")
    body = b"" if answer.json is None else json.dumps(answer.json).encode()
    return Reply(answer.status, body, headers)


def _date(clock: Clock) -> str:
    """The venue's time as HTTP tells it, in whole seconds."""
    return formatdate(clock.shown() // SECOND, usegmt=True)


async def _send(request: web.BaseRequest, entry: Entry, reply: Reply, clock: Clock) -> web.StreamResponse:
    """Sends a reply as it says; a client that has left is no defect."""
    headers = {"Date": _date(clock), **reply.headers}
    headers |= {"Content-Type": reply.content_type, "Content-Length": str(len(reply.body) + reply.lost)}
    response = web.StreamResponse(status=reply.status, headers=headers)
    if reply.is_dropped:
        _break_off(request)
        return response
    with suppress(ConnectionResetError):
        await response.prepare(request)
        await _write(response, reply)
        if not reply.lost:
            entry.status = reply.status
            return response
    _break_off(request)
    return response


async def _write(response: web.StreamResponse, reply: Reply) -> None:
    if not reply.every:
        await response.write(reply.body)
        return
    for byte in reply.body:
        await response.write(bytes([byte]))
        await asyncio.sleep(reply.every)


def _break_off(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.abort()
