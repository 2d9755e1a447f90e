"""What an executor reports: the only way in which a session learns what became of its orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trader_cli.domain.order import Purpose
    from trader_cli.domain.trade import Side


@dataclass(frozen=True, slots=True)
class Fill:
    """A position on `side` was opened or closed. `time` is the open time (ns) of the bar in which it happened.

    `reason` is the exit code of `rules.codes`, 0 for an entry. `is_ambiguous` tells that stop and target were both in
    reach and the stop was assumed. `client_id` is the order's own; a protective level that filled has none.
    """

    symbol: str
    side: Side
    purpose: Purpose
    quantity: float
    price: float
    fee: float
    time: int
    reason: int = 0
    is_ambiguous: bool = False
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class FundingPaid:
    """A position paid funding; negative where it received."""

    symbol: str
    amount: float


@dataclass(frozen=True, slots=True)
class Rejected:
    """An entry order did not fill and never will; `code` is a refusal of `rules.codes`."""

    symbol: str
    side: Side
    code: int
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An entry order was taken back before it filled, and never will."""

    symbol: str
    side: Side
    client_id: str


type Report = Fill | FundingPaid | Rejected | Withdrawn
