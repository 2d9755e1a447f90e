"""What a front end is: it reads requests in a venue's language, and answers from the exchange in the same."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl

from tests.venues.core.clock import SECOND
from tests.venues.core.refusals import Reason, Refused

if TYPE_CHECKING:
    from tests.venues.core.accounts import Account
    from tests.venues.core.exchange import Exchange
    from tests.venues.core.ledger import Entry
    from tests.venues.core.orders import Order, Ticket
    from tests.venues.core.series import Bar

type Json = Any
type Spoiler = Callable[[list[Bar]], list[Bar]]


@dataclass(slots=True)
class Asked:
    """One request. `raw_query` and `body` are as they came, for signatures; header names are in lower case."""

    method: str
    path: str
    raw_query: str
    headers: Mapping[str, str]
    body: str
    entry: Entry
    spoilers: list[Spoiler] = field(default_factory=list)
    holder: Account | None = None
    matched: tuple[str, ...] = ()

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))

    @property
    def json(self) -> dict[str, Any]:
        """The body's object. Raises: Refused for anything else."""
        try:
            found = json.loads(self.body or "{}")
        except ValueError as wrong:
            raise Refused(Reason.BAD_PARAMETER, "the body is no JSON") from wrong
        if not isinstance(found, dict):
            raise Refused(Reason.BAD_PARAMETER, "the body is no object")
        return found

    @property
    def account(self) -> Account:
        """Who asks, on a private route."""
        assert self.holder is not None
        return self.holder

    def spoilt(self, bars: list[Bar]) -> list[Bar]:
        """Candles in the order that the venue gives them, as mischief wants them; every front end passes them by."""
        for spoiler in self.spoilers:
            bars = spoiler(bars)
        return bars


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back; `json` of None is sent as an empty body, and `html` instead of it where there is some."""

    status: int
    json: Json
    headers: Mapping[str, str] = field(default_factory=dict)
    html: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One thing that can be asked. The handler returns the JSON of a good answer, or a whole `Answer`, or refuses."""

    handler: Callable[[Asked], Json]
    is_private: bool = True
    is_write: bool = False
    weight: int = 1


@dataclass(slots=True)
class Limit:
    """So much weight in any window of so many ns."""

    weight: int
    window: int = 60 * SECOND
    spent: deque[tuple[int, int]] = field(default_factory=deque)

    def spend(self, weight: int, now: int) -> None:
        """Counts a request. Raises: Refused for one that is too much, which is not counted."""
        if self.used(now) + weight > self.weight:
            raise Refused(Reason.RATE_LIMIT)
        self.spent.append((now, weight))

    def used(self, now: int) -> int:
        """The weight of the window that ends now."""
        while self.spent and self.spent[0][0] <= now - self.window:
            self.spent.popleft()
        return sum(weight for _, weight in self.spent)

    def retry_after(self, now: int) -> int:
        """Seconds until the oldest request is out of the window, rounded up."""
        return -((now - self.spent[0][0] - self.window) // SECOND) if self.spent else 0


class FrontEnd(ABC):
    """One venue's language. `secret_names` are headers and parameters the ledger keeps as hashes; `time_names` are the
    keys of answers that hold a time; `newest_first` is how it gives candles."""

    name: ClassVar[str]
    secret_names: ClassVar[frozenset[str]]
    time_names: ClassVar[frozenset[str]]

    def __init__(self, exchange: Exchange, limit: Limit | None = None) -> None:
        self.exchange = exchange
        self.limit = limit
        self.routes = self.paths()

    @abstractmethod
    def paths(self) -> Mapping[tuple[str, str], Route]:
        """All routes, by method and path; a part of a path in braces stands for any text without a slash."""

    @abstractmethod
    def holder(self, asked: Asked) -> Account:
        """Whose key it is. Raises: Refused for a bad key, signature or time."""

    @abstractmethod
    def refusal(self, refused: Refused, asked: Asked | None = None) -> Answer:
        """The venue's own words for a no."""

    @abstractmethod
    def good(self, json: Json) -> Answer:
        """A good answer in the venue's envelope."""

    def limit_headers(self, used: int, limit: Limit) -> Mapping[str, str]:
        """How the venue tells what was spent."""
        return {}

    def route_of(self, asked: Asked) -> Route | None:
        """The route of a request; its path's free parts become `asked.matched`."""
        exact = self.routes.get((asked.method, asked.path))
        if exact is not None:
            return exact
        parts = asked.path.split("/")
        for (method, path), route in self.routes.items():
            wanted = path.split("/")
            free = _free_parts(wanted, parts) if method == asked.method else None
            if free is not None:
                asked.matched = tuple(free)
                return route
        return None

    def answer(self, asked: Asked) -> Answer:
        """Carries a request out. The exchange is the caller's alone meanwhile."""
        now = self.exchange.clock.now()
        try:
            route = self.route_of(asked)
            if route is None:
                raise Refused(Reason.NO_SUCH_PATH, asked.path)
            if self.limit is not None:
                self.limit.spend(route.weight, now)
            if route.is_private:
                asked.holder = self.holder(asked)
                asked.entry.account = asked.holder.key
            found = route.handler(asked)
            answer = found if isinstance(found, Answer) else self.good(found)
        except Refused as refused:
            asked.entry.refused = refused.reason.name
            answer = self.refusal(refused, asked)
        headers = self.limit_headers(self.limit.used(now), self.limit) if self.limit is not None else {}
        return replace(answer, headers={**headers, **answer.headers})

    def place(self, asked: Asked, symbol: str, kinds: Sequence[Any], ticket: Ticket) -> Order:
        """Places an order for who asks, and notes it in the ledger."""
        order = self.exchange.place(asked.account, self.exchange.market(symbol, *kinds), ticket)
        asked.entry.orders.append(order.id)
        return order


def _free_parts(wanted: list[str], parts: list[str]) -> list[str] | None:
    """What stands where a path has braces; None where it is another path."""
    if len(wanted) != len(parts):
        return None
    free = []
    for want, part in zip(wanted, parts, strict=True):
        if want.startswith("{"):
            free.append(part)
        elif want != part:
            return None
    return free
