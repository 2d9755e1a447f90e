"""A group of subjects, and what is claimed of them; the programs they are run by."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import trades
from bench.data import BARS
from bench.numpy_yardstick import Variation
from bench.ratio import Claim
from bench.timing import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bench.ratio import Ratio
    from bench.timing import Subject

OURS = sys.executable
PEERS = str(ROOT / "bench" / ".peers" / "bin" / "python")
TRADER = str(ROOT / ".venv" / "bin" / "trader")

FIRST = 98
"""First bar that may decide in W1 and W3: the warm-up of RSI(14)."""


@dataclass(frozen=True, slots=True)
class Group:
    """Subjects measured in turns, and what is claimed of them."""

    name: str
    title: str
    subjects: Sequence[Subject]
    ratios: Sequence[Ratio]
    rounds: int
    claims: Callable[[], list[Claim]] = list
    """Asked after the measurement, when every engine has written what it has done."""
    has_peers: bool = False


@dataclass(frozen=True, slots=True)
class Peer:
    """An engine of others: where it departs from the rules, in words and as the variation that proves it."""

    name: str
    arguments: tuple[str, ...]
    differences: str
    varied: Variation
    bars: int = BARS


VECTORBT_RULES = Variation(stops_from_next_bar=True, stop_beats_ordered_exit=True)
VECTORBT_DIFFERENCES = (
    "a stop or target lives only from the bar after the entry; a stop or target met in the bar in which an ordered "
    "exit fills comes before that exit, although the exit fills at the open"
)


def same_trades(theirs: Path, reference: Path, name: str) -> Claim:
    """That an engine makes all trades of C and no other."""
    found = trades.agreement(trades.read(theirs), trades.read(reference))
    return Claim(f"{name} makes the trades of C", str(found), found.complete)


def departs_as_stated(peer: Peer, theirs: Path, canonical: trades.Trades, varied: trades.Trades) -> Claim:
    """That a peer makes the trades of its own rules, `varied`, and no other."""
    found = trades.read(theirs)
    apart, explained = trades.agreement(found, canonical), trades.agreement(found, varied)
    title = f"{peer.name} makes the trades of C but for what is stated"
    return Claim(title, f"with C {apart}; with its own rules {explained}", explained.complete)
