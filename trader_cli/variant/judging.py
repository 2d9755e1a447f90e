"""The combinations of one cell, judged: which are sound, which are invalid and why, which a condition rules out."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING

from trader_cli.variant import checks
from trader_cli.variant.applying import named
from trader_cli.variant.between import strike_invalid, strike_ruled_out
from trader_cli.variant.distinct import distinct
from trader_cli.variant.reasons import Reasons
from trader_cli.variant.space import Space

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trader_cli.variant.distinct import Distinct
    from trader_cli.variant.planning import Plan
    from trader_cli.variant.where import Condition


@dataclass(slots=True)
class Counts:
    """What became of the combinations asked for: `asked == valid + duplicates + invalid + ruled_out`.

    `valid` are distinct; with `--random` fewer of them are runs. `ruled_out` are valid, but not by `--where`.
    """

    asked: int = 0
    valid: int = 0
    duplicates: int = 0
    invalid: int = 0
    ruled_out: int = 0
    _reasons: Reasons = field(default_factory=Reasons)

    @property
    def reasons(self) -> Mapping[str, int]:
        """Why combinations are invalid, the most frequent reason first; one with two faults counts under both."""
        return self._reasons.counted()

    def refuse(self, reasons: Reasons, times: int) -> None:
        """Notes why combinations are invalid."""
        self._reasons.add_all(reasons, times)


@dataclass(frozen=True, slots=True)
class JudgedCell:
    """A cell that has been judged: its sound sections, and the combinations of them that are left."""

    plan: Plan
    sections: Mapping[str, Distinct]
    space: Space


def judge(found: Plan, conditions: Sequence[Condition], counts: Counts) -> JudgedCell | None:
    """A cell without its invalid combinations and those ruled out; None where all of it is invalid."""
    sections = _sound_sections(found, counts)
    if sections is None:
        counts.invalid += found.asked
        return None
    space = Space({name: each.weight for name, each in sections.items() if len(each) > 1 or each.weight[0] > 1})
    counts.refuse(strike_invalid(space, found.outline, sections), found.times)
    counts.invalid += found.asked - space.weight * found.times
    for condition in conditions:
        keys = named(condition, found)
        if keys is not None:
            counts.ruled_out += strike_ruled_out(space, condition, keys, sections) * found.times
    counts.duplicates += space.weight * found.times - len(space)
    return JudgedCell(found, sections, space)


def fixed_sections(found: Plan, counts: Counts) -> dict[str, Distinct] | None:
    """The sections of the tables that no axis changes; None where something is wrong that no axis mends."""
    sections: dict[str, Distinct] = {}
    wrong = Reasons()
    wrong.add(found.outline.problems, 1)
    for name in found.outline.tables:
        if not found.axes_of(name):
            _judge_table(found, name, sections, wrong)
    built = {name: found.outline.checked(name, each[0]) for name, each in sections.items()}
    wrong.add(checks.problems(built), 1)
    counts.refuse(wrong, found.asked)
    return None if wrong else sections


def _sound_sections(found: Plan, counts: Counts) -> dict[str, Distinct] | None:
    """The sound sections of every table; None where some table has none, or what no axis changes is wrong."""
    tables, sections = found.outline.tables, fixed_sections(found, counts)
    if sections is None:
        return None
    for name in tables:
        if name not in sections:
            reasons = Reasons()
            _judge_table(found, name, sections, reasons)
            counts.refuse(reasons, found.asked // prod(len(axis.values) for axis in found.axes_of(name)))
    return {name: sections[name] for name in tables} if len(sections) == len(tables) else None


def _judge_table(found: Plan, name: str, sections: dict[str, Distinct], reasons: Reasons) -> None:
    judged, why = distinct(found.outline.tables[name], found.axes_of(name))
    reasons.add_all(why, 1)
    if judged is not None:
        sections[name] = judged
