"""What a venue lists, kept for a day: a start then asks for bars alone."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from decimal import Decimal
from time import time
from typing import TYPE_CHECKING, Any

from trader_cli.brokers.keeping import put_text
from trader_cli.brokers.listing import Listed
from trader_cli.domain.instrument import Instrument

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

FRESH_SECONDS = 24 * 3600.0
"""How old a listing may be that is used without asking."""

OLDEST_SECONDS = 7 * FRESH_SECONDS
"""How old one may be that is used because the venue does not answer."""

ASKED_SECONDS = 600.0
"""How long ago the venue must have been asked, answered or not, before what the listing lacks is a reason to ask."""

FORM = 1
_DECIMALS = ("tick", "lot", "minimum_quantity", "minimum_notional", "contract_size", "maximum_quantity")


@dataclass(frozen=True, slots=True)
class Shelved:
    """A listing, its age, and how long ago the venue was last asked for it; in seconds."""

    markets: tuple[Listed, ...]
    age: float
    asked: float


class Shelf:
    """One file for one part of a venue. What cannot be read is not there."""

    def __init__(self, path: Path, now: Callable[[], float] = time) -> None:
        self._path, self._now = path, now

    def read(self) -> Shelved | None:
        """The listing that was put there last; None where there is none that can be used."""
        try:
            kept = json.loads(self._path.read_bytes())
            age = self._now() - float(kept["fetched_at"])
            if kept["form"] != FORM or not 0 <= age <= OLDEST_SECONDS:
                return None
            asked = self._now() - self._path.stat().st_mtime
            return Shelved(tuple(_listed(row) for row in kept["markets"]), age, asked)
        except (OSError, ValueError, KeyError, TypeError, ArithmeticError):
            return None

    def put(self, markets: Sequence[Listed]) -> None:
        """Puts a listing there, whole or not at all. Raises: OSError."""
        kept = {"form": FORM, "fetched_at": self._now(), "markets": [asdict(market) for market in markets]}
        put_text(self._path, json.dumps(kept, default=str))
        self.ask()

    def ask(self) -> None:
        """Notes that the venue is asked now: as the file's own time, which other processes see. Raises: OSError."""
        now = self._now()
        os.utime(self._path, (now, now))


def _listed(kept: dict[str, Any]) -> Listed:
    figures: dict[str, Any] = {
        name: Decimal(value) if name in _DECIMALS and value is not None else value
        for name, value in kept["instrument"].items()
    }
    return Listed(Instrument(**figures), tuple(kept["also"]), kept["barred"], kept["row"])
