"""What may go wrong with one request."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.venues.core.refusals import Reason, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from tests.venues.core.exchange import Exchange
    from tests.venues.front import Asked, FrontEnd, Spoiler


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes over the wire, and how. `delay` and `every` (between two bytes) are in seconds.

    `lost` bytes are promised and never sent.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    delay: float = 0
    every: float = 0
    lost: int = 0
    is_dropped: bool = False


@dataclass(frozen=True, kw_only=True)
class Act:
    """One kind of misbehaviour. `accepted` says whether the request is carried out all the same."""

    accepted: bool = True

    @property
    def wait(self) -> float:
        """How many seconds pass before the request is carried out."""
        return 0

    def prepare(self, exchange: Exchange, asked: Asked) -> None:
        """Done before the request is carried out, with the exchange locked."""

    def restore(self, exchange: Exchange) -> None:
        """Done after it, likewise."""

    def spoil(self, reply: Reply, front: FrontEnd) -> Reply:
        """What is sent instead."""
        return reply


@dataclass(frozen=True, kw_only=True)
class Drop(Act):
    """The connection breaks without an answer."""

    def spoil(self, reply: Reply, front: FrontEnd) -> Reply:
        return replace(reply, is_dropped=True)


@dataclass(frozen=True, kw_only=True)
class Delay(Act):
    """The answer comes late. `lands_late`: the request is carried out late too, whether anybody still waits or not."""

    seconds: float
    lands_late: bool = False

    @property
    def wait(self) -> float:
        return self.seconds if self.lands_late else 0

    def spoil(self, reply: Reply, front: FrontEnd) -> Reply:
        return replace(reply, delay=0 if self.lands_late else self.seconds)


@dataclass(frozen=True, kw_only=True)
class Drip(Act):
    """The answer comes a byte every so many seconds."""

    every: float

    def spoil(self, reply: Reply, front: FrontEnd) -> Reply:
        return replace(reply, every=self.every)


@dataclass(frozen=True, kw_only=True)
class Status(Act):
    """Another status, with this body or with none; `retry_after` is in seconds."""

    code: int
    body: str = ""
    retry_after: float | None = None
    accepted: bool = False

    def spoil(self, reply: Reply, front: FrontEnd) -> Reply:
        return replace(reply, status=self.code, body=self.body.encode(), headers=_waiting(self.retry_after))


@dataclass(frozen=True, kw_only=True)
class Refuse(Act):
    """The venue's own no, as in maintenance or past its limits; with `code`, at another status than its own."""

    reason: Reason = Reason.MAINTENANCE
    code: int | None = None
    retry_after: float | None = None
    accepted: bool = False

    def spoil(self, reply: Reply, front: FrontEnd) -> Reply:
        own = front.refusal(Refused(self.reason))
        headers = {**own.headers, **_waiting(self.retry_after)}
        return replace(reply, status=self.code or own.status, body=json.dumps(own.json).encode(), headers=headers)


@dataclass(frozen=True, kw_only=True)
class Body(Act):
    """Status 200 with this instead of the answer."""

    text: str
    content_type: str = "application/json"

    def spoil(self, reply: Reply, front: FrontEnd) -> Reply:
        return replace(reply, status=200, body=self.text.encode(), content_type=self.content_type)


HTML = Body(text="<html><body><h1>Just a moment...</h1></body></html>", content_type="text/html")
EMPTY = Body(text="")
NULL = Body(text="null")


@dataclass(frozen=True, kw_only=True)
class Cut(Act):
    """Only a part of the answer. Not `cleanly`: the length promises all of it, and the connection breaks."""

    keep: float = 0.5
    cleanly: bool = True

    def spoil(self, reply: Reply, front: FrontEnd) -> Reply:
        kept = reply.body[: int(len(reply.body) * self.keep)]
        return replace(reply, body=kept, lost=0 if self.cleanly else len(reply.body) - len(kept))


@dataclass(frozen=True, kw_only=True)
class NoTimes(Act):
    """All times are missing from the answer."""

    def spoil(self, reply: Reply, front: FrontEnd) -> Reply:
        return replace(reply, body=json.dumps(_without(json.loads(reply.body), front.time_names)).encode())


@dataclass(frozen=True, kw_only=True)
class Skew(Act):
    """The venue's clock is so many ns ahead (behind, if below 0) while it answers; for good: `exchange.clock.skew`."""

    nanoseconds: int

    def prepare(self, exchange: Exchange, asked: Asked) -> None:
        exchange.clock.skew += self.nanoseconds

    def restore(self, exchange: Exchange) -> None:
        exchange.clock.skew -= self.nanoseconds


@dataclass(frozen=True, kw_only=True)
class Partial(Act):
    """The order fills in part: at once, or when it is met."""

    fraction: Decimal

    def prepare(self, exchange: Exchange, asked: Asked) -> None:
        exchange.partials.append(self.fraction)


@dataclass(frozen=True, kw_only=True)
class LateReject(Act):
    """The order is accepted, and rejected so many ns later."""

    after: int = 0

    def prepare(self, exchange: Exchange, asked: Asked) -> None:
        exchange.late_rejects += 1
        exchange.late_after = self.after


@dataclass(frozen=True, kw_only=True)
class Candles(Act):
    """Spoilt candles."""

    spoiler: Spoiler

    def prepare(self, exchange: Exchange, asked: Asked) -> None:
        asked.spoilers.append(self.spoiler)


def _waiting(seconds: float | None) -> dict[str, str]:
    return {} if seconds is None else {"Retry-After": f"{seconds:g}"}


def _without(json: Any, names: frozenset[str]) -> Any:
    """The JSON without these keys, at any depth."""
    if isinstance(json, dict):
        return {key: _without(value, names) for key, value in json.items() if key not in names}
    return [_without(value, names) for value in json] if isinstance(json, list) else json
