"""The checks and conditions between tables, asked once for each distinct combination of the tables they need."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from trader_cli.errors import UsageError
from trader_cli.variant.checks import CHECKS
from trader_cli.variant.distinct import MOST_COMBINATIONS, REMEDY
from trader_cli.variant.reasons import Reasons
from trader_cli.variant.where import WHERE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trader_cli.errors import Problem
    from trader_cli.variant.checks import Check
    from trader_cli.variant.condition_values import Values
    from trader_cli.variant.distinct import Distinct
    from trader_cli.variant.layers import Key
    from trader_cli.variant.outline import Outline
    from trader_cli.variant.space import Block, Space
    from trader_cli.variant.where import Condition


def strike_invalid(space: Space, outline: Outline, sections: Mapping[str, Distinct]) -> Reasons:
    """Takes out of a space what the checks between sections refuse, and says why; what varies is in the space.

    Raises: UsageError for too many combinations.
    """
    reasons = Reasons()
    for check, needed in CHECKS.items():
        if any(sections[name].axes for name in needed) and (faults := _faults(check, needed, outline, sections)):
            _strike(space, {name: len(sections[name]) for name in needed}, faults, reasons)
    return reasons


def _strike(space: Space, sizes: Mapping[str, int], faults: Mapping[int, Sequence[Problem]], reasons: Reasons) -> None:
    def place(rows: Block) -> NDArray[np.int64]:
        number: NDArray[np.int64] = np.zeros(len(rows), dtype=np.int64)
        for name, size in sizes.items():
            number = number * size + rows.columns.get(name, 0)
        return number

    is_faulty = np.zeros(prod(sizes.values()), dtype=bool)
    is_faulty[list(faults)] = True
    taken = space.strike(sizes, lambda rows: is_faulty[place(rows)])
    lost = np.zeros(len(is_faulty), dtype=np.int64)
    np.add.at(lost, place(taken), taken.weight)
    for number, problems in faults.items():
        reasons.add(problems, int(lost[number]))


def _faults(
    check: Check, needed: Sequence[str], outline: Outline, sections: Mapping[str, Distinct]
) -> dict[int, list[Problem]]:
    """What a check says against combinations of the sections it needs, by their number (the last of them fastest)."""
    sizes = [len(sections[name]) for name in needed]
    if prod(sizes) > MOST_COMBINATIONS:
        raise UsageError(
            f"{' and '.join(needed)} have {prod(sizes):,} combinations to be checked, more than "
            f"{MOST_COMBINATIONS:,}: {REMEDY}"
        )
    strides = {name: prod(sizes[place + 1 :]) for place, name in enumerate(needed)}
    widest = max(needed, key=lambda name: len(sections[name]))
    held = {name: [outline.checked(name, section) for section in sections[name]] for name in needed if name != widest}
    others = [
        (sum(strides[name] * place for name, place in zip(held, at, strict=True)), dict(zip(held, parts, strict=True)))
        for at, parts in zip(
            product(*(range(len(each)) for each in held.values())), product(*held.values()), strict=True
        )
    ]
    found: dict[int, list[Problem]] = {}
    for place, section in enumerate(sections[widest]):
        part = {widest: outline.checked(widest, section)}
        for number, more in others:
            if problems := list(check(**part, **more)):
                found[place * strides[widest] + number] = problems
    return found


def strike_ruled_out(
    space: Space, condition: Condition, keys: Mapping[str, tuple[str, Key]], sections: Mapping[str, Distinct]
) -> int:
    """Takes out of a space where a condition does not hold, and gives how many were asked for of these.

    `keys` says for each of its names the table and the key in it. Raises: UsageError.
    """
    values: dict[str, tuple[str, Values]] = {}
    for name, (table, path) in keys.items():
        found = sections[table].values(path)
        if found is None:
            raise UsageError(f"'{condition.text}' cannot compare {name}, which is a list", file=WHERE)
        values[name] = (table, found)

    def is_broken(rows: Block) -> NDArray[np.bool_]:
        return ~condition.holds(
            {name: found if len(found) == 1 else found[rows.columns[table]] for name, (table, found) in values.items()}
        )

    varying = {table for table, found in values.values() if len(found) > 1}
    return int(space.strike(varying, is_broken).weight.sum())
