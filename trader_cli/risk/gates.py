"""The gates an entry passes, in their order, and where one was stopped: what `why` shows."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from trader_cli.domain.decision import Gate
from trader_cli.rules import account, codes, fills, sizing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trader_cli.risk.plan import Candidate, Plan, Situation
    from trader_cli.rules.numbers import Numbers

    type Detail = Callable[[_Case], str]


def gates(candidate: Candidate, situation: Situation, planned: Plan, numbers: Numbers) -> tuple[Gate, ...]:
    """Every gate that a planned or refused entry has met."""
    case = _Case(candidate, situation, numbers)
    met = []
    asked = _GATES if situation.together is None else {**_GATES, **_GOVERNOR}
    for code, (name, detail) in asked.items():
        met.append(Gate(name, code != planned.refused, detail(case)))
        if code == planned.refused:
            break
    return tuple(met)


class _Case(NamedTuple):
    candidate: Candidate
    situation: Situation
    numbers: Numbers


def _switch(case: _Case) -> str:
    if case.situation.is_struck:
        return "too many failures in a row: no entries until it works again"
    return "the kill switch is thrown" if case.situation.is_halted else "not halted"


def _day(case: _Case) -> str:
    return f"equity {case.situation.equity:.2f}, limit {case.numbers.max_daily_loss:g} of the day's opening"


def _peak(case: _Case) -> str:
    return f"equity {case.situation.equity:.2f}, limit {case.numbers.max_drawdown:g} below the peak"


def _cooldown(case: _Case) -> str:
    if case.candidate.bars_since_stop is None:
        return "never stopped out"
    return f"{case.candidate.bars_since_stop} bars since the stop, cooldown {case.numbers.cooldown_bars}"


def _concurrency(case: _Case) -> str:
    count = len(case.situation.holdings) + len(case.situation.ordered)
    return f"{count} held or ordered, at most {case.numbers.max_concurrent_positions}"


def _liquidation(case: _Case) -> str:
    if not case.numbers.is_margined:
        return "nothing is borrowed"
    distance = fills.liquidation_distance(case.numbers)
    return f"liquidation {distance:g} away, stop {case.numbers.stop_loss + case.numbers.slippage:g}"


def _exposure(case: _Case) -> str:
    held = sum(holding.notional for holding in case.situation.holdings)
    ordered = sum(entry.notional for entry in case.situation.ordered)
    return f"{held + ordered:.2f} held or ordered of {case.numbers.max_total_exposure:g}"


def _lot(case: _Case) -> str:
    wanted = sizing.wanted_notional(case.numbers, case.situation.equity)
    affordable = account.affordable(case.numbers, case.situation.cash)
    return f"{wanted:.2f} wanted, cash for {affordable:.2f}, lot {case.candidate.grid.lot:g}"


def _minimum(case: _Case) -> str:
    return f"the venue takes {case.candidate.grid.minimum_notional:g} and more"


def _all_lost(case: _Case) -> str:
    together = case.situation.together
    if together is None or together.limits.max_daily_loss is None:
        return _UNLIMITED
    return (
        f"equity {together.equity:.2f} of all, the day opened at {together.day_opening:.2f}, "
        f"limit {together.limits.max_daily_loss:g} of that"
    )


def _all_positions(case: _Case) -> str:
    together = case.situation.together
    if together is None or together.limits.max_positions is None:
        return _UNLIMITED
    return f"{together.positions} held or ordered by all, at most {together.limits.max_positions}"


def _all_exposure(case: _Case) -> str:
    together = case.situation.together
    if together is None or together.limits.max_exposure is None:
        return _UNLIMITED
    return f"{together.exposure:.2f} held or ordered by all, of {together.limits.max_exposure:g}"


_UNLIMITED = "no limit over all variants"

_GATES: Final[Mapping[int, tuple[str, Detail]]] = MappingProxyType(
    {
        codes.HALTED: ("kill_switch", _switch),
        codes.MAX_DAILY_LOSS: ("max_daily_loss", _day),
        codes.MAX_DRAWDOWN: ("max_drawdown", _peak),
        codes.COOLDOWN: ("cooldown", _cooldown),
        codes.MAX_CONCURRENT_POSITIONS: ("max_concurrent_positions", _concurrency),
        codes.LIQUIDATION_BEFORE_STOP: ("liquidation_before_stop", _liquidation),
        codes.MAX_TOTAL_EXPOSURE: ("max_total_exposure", _exposure),
        codes.BELOW_LOT: ("below_lot", _lot),
        codes.BELOW_MINIMUM: ("below_minimum_notional", _minimum),
    }
)
"""The gates by the code of their refusal, in the order in which `risk.plan` and `rules` ask."""

_GOVERNOR: Final[Mapping[int, tuple[str, Detail]]] = MappingProxyType(
    {
        codes.GOVERNOR_DAILY_LOSS: ("governor_daily_loss", _all_lost),
        codes.GOVERNOR_POSITIONS: ("governor_positions", _all_positions),
        codes.GOVERNOR_EXPOSURE: ("governor_exposure", _all_exposure),
    }
)
"""Those over all variants of a process, asked last."""
