"""Decisions in words: what was wished, which gates it met, what came of it."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from trader_cli.domain.decision import Decision
from trader_cli.risk.gates import gates
from trader_cli.rules import codes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trader_cli.domain.decision import Gate
    from trader_cli.domain.signal import Signal
    from trader_cli.risk.plan import Candidate, Plan, Situation
    from trader_cli.rules.numbers import Numbers

HOLD = "hold"
WARMING_UP = "warming_up"
FAILED = "failed"


def warming_up(symbol: str, seen: int, warmup: int) -> Decision:
    """No decision yet: the first `warmup` bars give no signal."""
    return Decision(symbol, "HOLD", 0.0, f"bar {seen} of a warm-up of {warmup}", {}, (), WARMING_UP)


def failed(symbol: str, reason: str) -> Decision:
    """No decision: the strategy could not say what it wants."""
    return Decision(symbol, "HOLD", 0.0, reason, {}, (), FAILED)


def held_still(symbol: str, signal: Signal) -> Decision:
    """Nothing was wished, nothing is held."""
    return _decision(symbol, signal, HOLD)


def explained(candidate: Candidate, situation: Situation, planned: Plan, signal: Signal, numbers: Numbers) -> Decision:
    """What was planned, with every gate that an entry has met."""
    met = () if planned.enter is None else gates(candidate, situation, planned, numbers)
    return _decision(candidate.wish.symbol, signal, outcome(planned), met)


def outcome(planned: Plan) -> str:
    """What came of a wish, in few words."""
    parts = []
    if planned.leave != codes.STAY:
        parts.append(f"exit: {codes.EXIT_REASONS[planned.leave]}")
    if planned.enter is not None:
        refused = planned.refused != codes.ALLOWED
        parts.append(f"refused: {codes.REFUSALS[planned.refused]}" if refused else f"enter {planned.enter}")
    return ", ".join(parts) or HOLD


def _decision(symbol: str, signal: Signal, came_of_it: str, met: tuple[Gate, ...] = ()) -> Decision:
    return Decision(
        symbol, str(signal.action), signal.confidence, signal.reason, _finite(signal.values), met, came_of_it
    )


def _finite(values: Mapping[str, float]) -> dict[str, float | None]:
    """The values as JSON takes them: None for what is not known yet."""
    return {name: value if isfinite(value) else None for name, value in values.items()}
