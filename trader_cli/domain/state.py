"""What a session must know to go on where another one was cut off, beside its fills and its orders."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trader_cli.domain.order import Order
    from trader_cli.domain.report import Fill, FundingPaid


@dataclass(frozen=True, slots=True)
class SessionState:
    """A session at the end of a cycle, in plain values.

    `open_time` (ns since 1970 UTC) is that of the cycle's bars. `marks` and `best_prices` are by symbol, the latter of
    held positions; `held_bars` how long each has lasted, its entry bar included; `bars_since_stop` how long ago each
    symbol was stopped out, 0 in the bar itself. `levels` are stop and target of held positions as they
    were set at the fill. `strikes` counts each symbol's failures, `struck` are those with too many. `lifted` is the
    last word of `trader resume` that was known when a drawdown tripped.
    """

    cycle: int
    open_time: int
    equity: float
    day: int
    day_opening: float
    peak: float
    day_lost: bool
    drawn_down: bool
    marks: Mapping[str, float] = field(default_factory=dict)
    best_prices: Mapping[str, float] = field(default_factory=dict)
    held_bars: Mapping[str, int] = field(default_factory=dict)
    bars_since_stop: Mapping[str, int] = field(default_factory=dict)
    levels: Mapping[str, Sequence[float]] = field(default_factory=dict)
    strikes: Mapping[str, int] = field(default_factory=dict)
    struck: Sequence[str] = ()
    lifted: str = ""


@dataclass(frozen=True, slots=True)
class Remains:
    """All that a session left behind: its state, what its account is made of in the order of booking, open orders."""

    state: SessionState
    booked: tuple[Fill | FundingPaid, ...]
    pending: tuple[Order, ...]
