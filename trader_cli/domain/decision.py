"""Why a symbol was traded, or was not, at the close of one bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition on the way to an order. What stands behind a gate that was not passed has not been asked."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on a symbol, from which values, and why.

    `signal` is the action in words, `reason` the strategy's; `outcome` what came of it: `hold`, `warming_up`, an order
    (`enter long`, `exit long: signal`, `reverse to short`) or `refused: <reason code>`.
    """

    symbol: str
    signal: str
    confidence: float
    reason: str
    values: Mapping[str, float | None]
    gates: tuple[Gate, ...]
    outcome: str
