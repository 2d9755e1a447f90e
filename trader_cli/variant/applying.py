"""What the names in a condition mean, cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.errors import UsageError, suggest
from trader_cli.variant.where import WHERE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.variant.layers import Key
    from trader_cli.variant.planning import Plan
    from trader_cli.variant.where import Condition


def demand_applicable(conditions: Sequence[Condition], plans: Sequence[Plan]) -> None:
    """Each condition speaks of keys that some cell has."""
    for condition in conditions:
        if any(named(condition, each) is not None for each in plans):
            continue
        keys = {key for each in plans for key in each.keys()}  # noqa: SIM118 - a method
        lasts = {key.rpartition(".")[2] for key in keys}
        for name in sorted(condition.names):
            if not any(_is_called(key, name) for key in keys):
                near = suggest(name, keys | lasts)
                raise UsageError(f"'{condition.text}': no key here is called {name}{near}", file=WHERE)
        raise UsageError(f"'{condition.text}': no cell has all of {', '.join(sorted(condition.names))}", file=WHERE)


def named(condition: Condition, found: Plan) -> dict[str, tuple[str, Key]] | None:
    """What the names of a condition mean in a cell; None where the cell lacks one: it does not apply there.

    Raises: UsageError for a name that means two keys.
    """
    keys, named = found.keys(), {}
    for name in condition.names:
        meant = [key for key in keys if _is_called(key, name)]
        if len(meant) > 1 and name not in meant:
            raise UsageError(f"'{condition.text}': {name} may be {' or '.join(meant)}: write it whole", file=WHERE)
        if not meant:
            return None
        named[name] = keys[name if name in meant else meant[0]]
    return named


def _is_called(key: str, name: str) -> bool:
    return key == name or key.endswith(f".{name}")
