"""What a session is assembled from: what is traded on which terms, and what it meets the world through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.engine.governor import Governor
    from trader_cli.ports import Clock, Executor, Feed, Journal, Switch
    from trader_cli.rules.terms import Terms
    from trader_cli.strategies.base import Strategy


@dataclass(frozen=True, slots=True)
class Desk:
    """What is traded, how, and on which terms; `symbols` in the order in which ties are broken.

    `book` names the account's books: orders of different books never share a client id. `is_forgiving`: a symbol whose
    strategy breaks down is left alone for the time being, and the others go on; else nothing goes on.
    """

    symbols: tuple[str, ...]
    timeframe: Timeframe
    hours: TradingHours
    strategy: Strategy[Any]
    terms: Terms
    book: str = ""
    is_forgiving: bool = False


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside of a session; without a `governor` it trades as if there were no other."""

    feed: Feed
    executor: Executor
    clock: Clock
    journal: Journal
    switch: Switch | None = None
    governor: Governor | None = None
