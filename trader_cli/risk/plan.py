"""What a wish becomes: orders, or a refusal with its reason (DESIGN 3, items 6 to 8). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trader_cli.domain.signal import Direction
from trader_cli.domain.trade import Side
from trader_cli.rules import account, codes, exits, limits, sizing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.domain.position import Position
    from trader_cli.risk.governor import Together
    from trader_cli.rules.numbers import Grid, Numbers

_SIDES = {Direction.LONG: Side.LONG, Direction.SHORT: Side.SHORT}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the strategy wants of one symbol at the close of a bar: codes of `Direction` and `Exit`."""

    symbol: str
    entry: int
    exit_long: int
    exit_short: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Holding:
    """A position as planning sees it: at its mark."""

    position: Position
    mark: float

    @property
    def notional(self) -> float:
        """What it is worth, whatever its side."""
        return account.notional(self.position.quantity, self.mark)


@dataclass(frozen=True, slots=True)
class OrderedEntry:
    """An entry on its way: it counts as if it had filled."""

    symbol: str
    notional: float


@dataclass(frozen=True, slots=True)
class Situation:
    """The account at a moment: holdings in the order of the symbols, entries on their way in that of their decision.

    `is_halted` forbids entries, `is_flattened` closes what is held as well, `is_struck` forbids entries of a symbol
    that has failed too often. `together` are all accounts that one governor limits, this one among them; None: none.
    """

    cash: float
    equity: float
    holdings: Sequence[Holding]
    ordered: Sequence[OrderedEntry]
    day_lost: bool
    drawn_down: bool
    is_halted: bool = False
    is_flattened: bool = False
    is_struck: bool = False
    together: Together | None = None

    def without(self, old: Holding | None) -> Sequence[Holding]:
        """All holdings but one: a reversal leaves its own old leg out."""
        return [holding for holding in self.holdings if holding is not old]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A symbol whose bar has closed at `price`: its wish, and how its own bars count.

    `held_bars` is how many a position has lasted, its entry bar included; `bars_since_stop` how many have closed since
    the bar of its last stop, None where it was never stopped out.
    """

    wish: Wish
    price: float
    held_bars: int
    bars_since_stop: int | None
    grid: Grid


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do: leave the position for a reason (an exit code), enter so much on a side, or why not."""

    leave: int = codes.STAY
    enter: Side | None = None
    quantity: float = 0.0
    refused: int = codes.ALLOWED


NOTHING = Plan()


def plan(candidate: Candidate, situation: Situation, numbers: Numbers) -> Plan:
    """The orders that move one symbol to where its wish wants it."""
    wish = candidate.wish
    old = next((holding for holding in situation.holdings if holding.position.symbol == wish.symbol), None)
    leave = codes.STAY
    if old is not None:
        leave = codes.HALT if situation.is_flattened else _exit(candidate, old.position, numbers)
        if not exits.is_reversal(leave, old.position.side.sign, wish.entry):
            return Plan(leave)
    side = _SIDES.get(Direction(wish.entry))
    if side is None or (side is Side.SHORT and not numbers.allows_short):
        return Plan(leave)
    quantity, refused = _entry(candidate, situation, old, numbers)
    return Plan(leave, side, quantity, refused)


def _exit(candidate: Candidate, position: Position, numbers: Numbers) -> int:
    wish = candidate.wish
    signal = wish.exit_long if position.side is Side.LONG else wish.exit_short
    return exits.exit_wish(signal, candidate.held_bars - 1, 0, numbers.max_holding_bars)


def _entry(candidate: Candidate, situation: Situation, old: Holding | None, numbers: Numbers) -> tuple[float, int]:
    """How much to enter, under every limit and cap: (quantity, `ALLOWED` or why not)."""
    if situation.is_halted or situation.is_struck:
        return 0.0, codes.HALTED
    others = situation.without(old)
    since = candidate.bars_since_stop
    ban = limits.entry_ban(
        numbers,
        situation.day_lost,
        situation.drawn_down,
        limits.NEVER if since is None else since,
        limits.NEVER if since is None else 0,
        len(others) + len(situation.ordered),
    )
    if ban != codes.ALLOWED:
        return 0.0, ban
    exposure, free = 0.0, situation.cash
    for holding in others:
        exposure += holding.notional
    for entry in situation.ordered:
        exposure += entry.notional
        free -= account.reserved(numbers, entry.notional)
    if old is not None:
        position = old.position
        free += account.released(numbers, position.side.sign, position.quantity, position.entry_price, old.mark)
    quantity, refused = sizing.entry_quantity(
        numbers, candidate.grid, situation.equity, free, exposure, candidate.price
    )
    if refused == codes.ALLOWED and situation.together is not None:
        together = situation.together if old is None else situation.together.without(old.notional)
        refused = together.refusal(account.notional(quantity, candidate.price))
    return quantity, refused
